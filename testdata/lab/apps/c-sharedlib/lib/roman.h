#ifndef ROMAN_H
#define ROMAN_H

#include <stddef.h>

/* Writes n, from 1 to 3999, as a Roman number; returns 0, or -1 if it cannot. */
int roman_write(int n, char *out, size_t size);

/* Reads a Roman number; returns -1 if it is none. */
int roman_read(const char *text);

#endif
