/* rpn WORD...: a calculator that takes the operator last */
#include "stack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int operate(char op)
{
    double b = pop(), a = pop();
    switch (op) {
    case '+': push(a + b); return 1;
    case '-': push(a - b); return 1;
    case '*': push(a * b); return 1;
    case '/': push(a / b); return 1;
    case '^': push(pow(a, b)); return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *end;
        double value = strtod(argv[i], &end);
        if (end != argv[i] && *end == 0)
            push(value);
        else if (argv[i][0] == 0 || argv[i][1] != 0 || !operate(argv[i][0])) {
            fprintf(stderr, "rpn: unknown word %s\n", argv[i]);
            return 2;
        }
    }
    while (depth() > 1)
        printf("%.12g ", pop());
    printf("%.12g\n", pop());
    return 0;
}
