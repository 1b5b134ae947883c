/* prompts: files of what is to be asked.
 *
 * The content says the form, not the name; but a name that says another form
 * (.json, .csv, .yaml) is refused, and so is a table without a column that
 * holds prompts:
 *   text   a prompt a line; or, if a line `---` is there, blocks between such
 *          lines
 *   JSONL  objects one after another, or one list of objects.  The prompt is
 *          "prompt", "turns" (texts, or objects with "content"), "messages",
 *          "question", "instruction" (with "input" below it), "input" or
 *          "text"; the id is "question_id", "uid" or "id"; also "category",
 *          "system", "pair" and "reference" (a text for the last turn, or a
 *          list with an entry a turn: a text, a list of alternatives, or null).
 *          The first object may be {"purpose": "…"}, which is no prompt.  An
 *          assistant's messages are given turns, which are sent
 *          as they are; the last message must be what is asked
 *   CSV    separated by , ; or tab, with a header that has "prompt", "question",
 *          "instruction" (and "input"), "input", "text" or "turns" (a JSON
 *          list), and perhaps an id, "category", "system" and "reference"
 * Bytes packed by gzip are unpacked.  A byte order mark, CRLF and blank lines
 * are no trouble.  The same words and category are asked once; different
 * prompts under one id are all asked.  A file is taken whole or not at all;
 * errors are "FILE:LINE: reason". */
#ifndef ARENA_RUN_PROMPTS_H
#define ARENA_RUN_PROMPTS_H

#include "arena/run/promptlist.h"
#include "base/err.h"

/* Reads a file ("-": stdin).  0, or -1 with ERR_FORMAT (ERR_FAILURE if it
 * cannot be read) and nothing to free. */
int prompts_read(struct prompts *p, const char *path,
                 enum prompts_format format, struct err *e);

struct reader_taker;

/* Reads a file of another kind than prompts in the same forms (not text), and
 * hands what is in it to the taker.  0 or -1. */
int prompts_take(const char *path, const struct reader_taker *taker,
                 struct err *e);

/* The same of bytes; `name` is what errors call it, and its end says a form. */
int prompts_parse(struct prompts *p, const char *bytes, size_t n,
                  const char *name, enum prompts_format format,
                  struct err *e);

#endif
