/* form: how a judge is asked, as a file says it.
 *
 * A file holds one JSON object, or one after another, with MT-bench's keys
 * (github.com/lm-sys/FastChat, llm_judge): name, type (pairwise or single),
 * system_prompt and prompt_template with places such as {question}, {answer_a}
 * and {ref_answer_1}.  So judge prompts that exist work as they are.  Our own
 * have {fence} too (arena/judge/ask.h) and lie in data/judges.  The owner of a
 * struct frees it. */
#ifndef ARENA_JUDGE_FORM_H
#define ARENA_JUDGE_FORM_H

#include <stdbool.h>

#include "base/err.h"

enum form_kind {
    FORM_PAIR,  /* two answers at once, asked in both orders */
    FORM_SCORE, /* each answer alone, for a number from 1 to 10 */
};

struct judge_form {
    char *name, *system; /* system may be "" */
    char *template;
    enum form_kind kind;
    bool has_reference; /* it shows an answer that is known to be right */
};

/* Reads the form that a person means: "pair" and the like of data/judges, a
 * file with one form, or "FILE:NAME" of one with several.  0 and *out, freed
 * with form_free; or -1 with ERR_USAGE (no such form; the text lists ours) or
 * ERR_FORMAT. */
int form_read(struct judge_form *out, const char *which, struct err *e);
void form_free(struct judge_form *f);

#endif
