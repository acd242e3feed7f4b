#include "stack.h"

#include <stdio.h>
#include <stdlib.h>

static double values[64];
static int top;

void push(double value)
{
    if (top == 64) {
        fputs("rpn: too many values\n", stderr);
        exit(1);
    }
    values[top++] = value;
}

double pop(void)
{
    if (top == 0) {
        fputs("rpn: too few values\n", stderr);
        exit(1);
    }
    return values[--top];
}

int depth(void)
{
    return top;
}
