#include <roman.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int code = 0;
    for (int i = 1; i < argc; i++) {
        char text[16];
        int n = roman_read(argv[i]);
        if (n > 0)
            printf("%d\n", n);
        else if (roman_write(atoi(argv[i]), text, sizeof text) == 0)
            puts(text);
        else {
            fprintf(stderr, "roman: %s cannot be converted\n", argv[i]);
            code = 1;
        }
    }
    return code;
}
