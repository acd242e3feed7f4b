#include <ctype.h>
#include <stdio.h>

/* slug TITLE: a title as the name of a file */
int main(int argc, char **argv)
{
    int gap = 0, any = 0;
    for (const char *p = argc > 1 ? argv[1] : ""; *p; p++) {
        if (!isalnum((unsigned char)*p)) {
            gap = any;
            continue;
        }
        if (gap)
            putchar('-');
        gap = 0, any = 1;
        putchar(tolower((unsigned char)*p));
    }
    putchar('\n');
    return !any;
}
