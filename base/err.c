#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* An error is one line, whatever the names in it contain. */
static void join_lines(char *text)
{
    for (char *p = text; (p = strpbrk(p, "\r\n")) != NULL;)
        *p = ' ';
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    if (e == NULL)
        return -1;
    /* The arguments may point into e->text, so format beside it first. */
    char text[ERR_TEXT_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    join_lines(text);
    memcpy(e->text, text, sizeof(text));
    e->code = code;
    return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
    if (e == NULL)
        return -1;
    char outer[ERR_TEXT_BYTES / 2];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(outer, sizeof(outer), fmt, ap);
    va_end(ap);
    char inner[sizeof(e->text) - sizeof(outer) - 2]; /* all and ": " fit */
    snprintf(inner, sizeof(inner), "%.*s", (int)sizeof(inner) - 1, e->text);
    join_lines(outer);
    snprintf(e->text, sizeof(e->text), "%s: %s", outer, inner);
    return -1;
}

int err_exit_status(enum err_code code)
{
    static const int status[ERR_N_CODES] = {
        [ERR_NONE] = 0,    [ERR_FAILURE] = 1, [ERR_USAGE] = 2,
        [ERR_CONFIG] = 3,  [ERR_AUTH] = 4,    [ERR_BACKEND] = 5,
        [ERR_PARTIAL] = 6, [ERR_DB] = 7,      [ERR_FORMAT] = 1,
        [ERR_INTERRUPTED] = 130,
    };
    return code < ERR_N_CODES ? status[code] : 1;
}

enum err_code err_of_exit_status(int status)
{
    for (int c = ERR_NONE; c < ERR_N_CODES; c++)
        if (err_exit_status((enum err_code)c) == status)
            return (enum err_code)c;
    return ERR_FAILURE;
}
