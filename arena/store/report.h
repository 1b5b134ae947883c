/* report: the lines in which a check says what is wrong. */
#ifndef ARENA_STORE_REPORT_H
#define ARENA_STORE_REPORT_H

#include <stddef.h>

struct report {
    void (*say)(void *arg, const char *line); /* or NULL */
    void *arg;
    size_t n_problems;
};

/* Says one thing that is wrong, and counts it. */
void report_add(struct report *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
