/* prompts: files of what is to be asked.
 *
 * The form is told by the content, not by the name:
 *   text   one prompt a line; or, where a line `---` exists, blocks between
 *          such lines
 *   JSONL  an object a line, or one list of objects: the prompt is "prompt"
 *          (text, or messages), "turns" (a list of texts), "messages" (what an
 *          assistant says in them is left out) or "instruction" (with "input"
 *          below it); the id is "question_id", "uid" or "id"; also "category",
 *          "system", "pair" and "reference" (a text for the last turn, or a
 *          list with an entry a turn: a text, a list of alternatives, or null).
 *          The first object may be {"purpose": "…"}, which is no prompt
 *   CSV    RFC 4180, with a header that has "prompt", and perhaps "id",
 *          "category", "system" and "reference"
 * Of several entries with one id the last counts (as MT-bench does), of the
 * same prompt under several ids the first.  A byte order mark and CRLF are no
 * trouble.  A file is taken whole or not at all; errors are "FILE:LINE:
 * reason". */
#ifndef ARENA_RUN_PROMPTS_H
#define ARENA_RUN_PROMPTS_H

#include "arena/run/promptlist.h"
#include "base/err.h"

/* Reads a file ("-": stdin).  0, or -1 with ERR_FORMAT (ERR_FAILURE where it
 * cannot be read) and nothing to free. */
int prompts_read(struct prompts *p, const char *path,
                 enum prompts_format format, struct err *e);

/* The same of bytes; `name` is what errors call it. */
int prompts_parse(struct prompts *p, const char *bytes, size_t n,
                  const char *name, enum prompts_format format,
                  struct err *e);

#endif
