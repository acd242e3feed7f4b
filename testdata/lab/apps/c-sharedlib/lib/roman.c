#include "roman.h"

#include <string.h>

static const struct {
    int value;
    const char *text;
} digits[] = {
    {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
    {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"},
};

int roman_write(int n, char *out, size_t size)
{
    if (n < 1 || n > 3999 || size < 16)
        return -1;
    *out = 0;
    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++)
        for (; n >= digits[i].value; n -= digits[i].value)
            strcat(out, digits[i].text);
    return 0;
}

int roman_read(const char *text)
{
    const char *start = text;
    char again[16];
    int n = 0;
    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++)
        for (size_t len = strlen(digits[i].text); strncmp(text, digits[i].text, len) == 0; text += len)
            n += digits[i].value;
    /* Only the one right way of writing it counts. */
    return roman_write(n, again, sizeof again) == 0 && strcmp(start, again) == 0 ? n : -1;
}
