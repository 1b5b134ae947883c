/* jsonl: prompts as JSON objects: MT-bench's and arena-hard's question files,
 * alpaca_eval's lists, chat data with messages. */
#ifndef ARENA_RUN_JSONL_H
#define ARENA_RUN_JSONL_H

#include "arena/run/reader.h"
#include "base/json.h"

/* Reads a list of turns into a prompt: texts, messages with a role, or objects
 * with "content" as arena-hard's first questions have.  0, or -1. */
int prompts_read_turns(struct prompts_reader *r, const cJSON *turns,
                       struct prompt *p, struct err *e);

/* Appends a message's words: a string, or a list of {"type": "text", "text":
 * …}.  0, or -1. */
int prompts_read_content(struct prompts_reader *r, const cJSON *content,
                         struct buf *out, struct err *e);

/* Whether an object has a key that prompts_read_question takes words from. */
bool prompts_has_words(const cJSON *object);

/* Reads the words of an object and its system prompt; what is in p belongs to
 * the caller also on -1. */
int prompts_read_question(struct prompts_reader *r, const cJSON *object,
                          struct prompt *p, struct err *e);

/* The id of an object, which is text or a whole number; the caller frees; NULL:
 * none. */
char *prompts_read_id(const cJSON *object);

/* Whether s[0..n) begins with JSON that fills whole lines. */
bool prompts_is_json(const char *s, size_t n);

/* Reads s[0..n), UTF-8 without NUL.  0, or -1. */
int prompts_read_jsonl(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e);

#endif
