/* reference: the right answers that an object of a prompt file gives: one text,
 * MT-bench's list of a text a turn, or our own lists of alternatives; or a
 * solution whose last line is "#### ANSWER", as GSM8K has it under "answer"
 * (github.com/openai/grade-school-math, dataset.py). */
#ifndef ARENA_RUN_REFERENCE_H
#define ARENA_RUN_REFERENCE_H

#include "arena/run/reader.h"
#include "base/json.h"

/* Appends what "reference" of the object says to *p, whose turns are read; if
 * there is none, what "answer" says as a solution.  0, or -1 with
 * ERR_FORMAT. */
int prompts_read_reference(struct prompts_reader *r, const cJSON *object,
                           struct prompt *p, struct err *e);

/* Appends the answer to the last turn of *p if the text is a solution. */
void prompts_read_solution(struct prompt *p, const char *text);

#endif
