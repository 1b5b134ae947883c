/* left: where the full screen was left, so that it opens there again.
 *
 * One small file in the state folder, about one database; for another one there
 * is nothing.  It holds what a person wrote and looked at, and no answer.  The
 * owner of the struct frees it.  UI thread. */
#ifndef TUI_LEFT_H
#define TUI_LEFT_H

#include <stdint.h>

#include "base/err.h"

struct left {
    char *draft;      /* a prompt that was not sent; "": none */
    char *category;   /* of prompts to come; "": none */
    char *search;     /* of the history; "": none */
    int64_t battle;   /* selected in the history; 0: none */
    int64_t voting;   /* on the screen and without its vote; 0: none */
    char *screen;     /* "history", "view" or "leaderboard", if it was on top;
                         else "" */
};

/* Begins with nothing. */
void left_init(struct left *l);
void left_free(struct left *l);

/* Replaces a text. */
void left_set(char **text, const char *new);

/* Reads what was left of a database.  0, also if nothing was; or -1 with *l as
 * it was (ERR_FORMAT: the file is damaged). */
int left_load(struct left *l, const char *db_path, struct err *e);

/* Keeps it for the next time.  0, or -1. */
int left_save(const struct left *l, const char *db_path, struct err *e);

#endif
