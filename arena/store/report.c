#include "arena/store/report.h"

#include <stdarg.h>
#include <stdio.h>

void report_add(struct report *r, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    r->n_problems++;
    if (r->say)
        r->say(r->arg, line);
}
