#include "tui/shell.h"

#include <string.h>

#define PLAIN                                                                  \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,"

void shell_add_quoted(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buf_add_str(out, "'\\''");
        else
            buf_add_char(out, *text);
    }
}

void shell_add_word(struct buf *out, const char *word)
{
    if (word[0] != '\0' && word[strspn(word, PLAIN)] == '\0') {
        buf_add_str(out, word);
        return;
    }
    buf_add_char(out, '\'');
    shell_add_quoted(out, word);
    buf_add_char(out, '\'');
}

void shell_add_option(struct buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_addf(out, " %s ", name);
    shell_add_word(out, value);
}
