/* answerfile: finished answers of one model, made elsewhere.
 *
 * The forms are those of prompt files (JSON objects, or a table), with what was
 * answered; docs/FORMS.md lists the keys:
 *   arena-hard   "messages", the last one the assistant's
 *   MT-bench     "choices", of which the first counts: "turns", a list of texts
 *                or of {"content": …}, as arena-hard's first edition has; the
 *                prompts are known by id
 *   others       alpaca_eval's outputs, and objects or rows with a prompt and
 *                "output", "answer", "response" or "completion"
 * A file is taken whole or not at all; errors are "FILE:LINE: reason".  The
 * owner of the struct frees it. */
#ifndef ARENA_RUN_ANSWERFILE_H
#define ARENA_RUN_ANSWERFILE_H

#include "arena/run/promptlist.h"
#include "base/err.h"

struct answerfile_entry {
    const struct prompt *prompt; /* of the questions, or `own` */
    struct prompt *own;          /* or NULL */
    char **texts;                /* [prompt->n_turns] */
};

struct answerfile {
    struct answerfile_entry *list;
    size_t n;
    char *model;       /* that the file names; NULL: it names none */
    size_t n_repeated; /* rows that say the same again */
    size_t n_empty;    /* rows without an answer, left out */
    size_t n_choices;  /* further answers to the same prompt, left out */
};

/* Reads a file ("-": stdin).  `questions` (or NULL) are the prompts that its
 * ids mean; they must outlive the struct.  0, or -1 with ERR_FORMAT
 * (ERR_FAILURE if it cannot be read) and nothing to free. */
int answerfile_read(struct answerfile *a, const char *path,
                    const struct prompts *questions, struct err *e);
void answerfile_free(struct answerfile *a);

#endif
