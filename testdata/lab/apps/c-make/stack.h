#ifndef STACK_H
#define STACK_H

void push(double value);
double pop(void);
int depth(void);

#endif
