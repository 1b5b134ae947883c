/* folder: a folder of a test's own, below $TMPDIR. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[256];

/* 0, or -1; the test removes it when it is done. */
static inline int folder_make(const char *name)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/%s.XXXXXX", tmp ? tmp : "/tmp", name);
    return mkdtemp(folder) == NULL ? -1 : 0;
}

#endif
