/* prompts: files of what is to be asked.
 *
 * The form is told by the content, not by the name:
 *   text   one prompt a line; or, where a line `---` exists, blocks between
 *          such lines
 *   JSONL  an object a line, or one list of objects: the prompt is "prompt"
 *          (text, or messages), "turns" (a list of texts), "messages" (what an
 *          assistant says in them is left out) or "instruction" (with "input"
 *          below it); the id is "question_id", "uid" or "id"; also "category"
 *          and "system"
 *   CSV    RFC 4180, with a header that has "prompt", and perhaps "id",
 *          "category" and "system"
 * Of several entries with one id the last counts (as MT-bench does), of the
 * same prompt under several ids the first.  A byte order mark and CRLF are no
 * trouble.  A file is taken whole or not at all; errors are "FILE:LINE:
 * reason".  The owner of the struct frees it. */
#ifndef ARENA_RUN_PROMPTS_H
#define ARENA_RUN_PROMPTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define PROMPTS_MAX_BYTES (64u << 20)
#define PROMPTS_MAX 1000000

enum prompts_format {
    PROMPTS_AUTO,
    PROMPTS_TEXT,
    PROMPTS_JSONL,
    PROMPTS_CSV,
};

struct prompt {
    char **turns;    /* [n_turns]: what the person says, turn by turn */
    size_t n_turns;  /* at least 1 */
    char *id;        /* of the file, or NULL */
    char *category;  /* "" where there is none */
    char *system;    /* system prompt of this one, or NULL */
};

struct prompts {
    struct prompt *list;
    size_t n;
    size_t n_repeated; /* left out: the same words and category again */
    enum prompts_format format; /* as found or given */
    uint64_t hash;   /* of the file's bytes, to tell files apart */
};

/* Reads a file ("-": stdin).  0, or -1 with ERR_FORMAT (ERR_FAILURE where it
 * cannot be read) and nothing to free. */
int prompts_read(struct prompts *p, const char *path,
                 enum prompts_format format, struct err *e);

/* The same of bytes; `name` is what errors call it. */
int prompts_parse(struct prompts *p, const char *bytes, size_t n,
                  const char *name, enum prompts_format format,
                  struct err *e);

void prompts_free(struct prompts *p);

/* Appends the one text that stands for a prompt in the store: its system
 * prompt, if it has one, and its turns, with blank lines between. */
void prompt_add_text(const struct prompt *p, struct buf *out);

#endif
