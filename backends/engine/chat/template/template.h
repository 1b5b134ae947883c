/* template: a chat template of the Jinja language, read once and run often.
 *
 * Templates come with a download, so they run in a cage (cage.h): with bounds
 * on memory, steps, depth and output, and with nothing in reach but what is
 * handed over here.  What a message said stays told apart from what the
 * template says, character by character, whatever the template does with it:
 * so only the template's own text may be parsed for control tokens.
 *
 * A template is immutable once open; any number of threads may render it. */
#ifndef CHAT_TEMPLATE_H
#define CHAT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define TEMPLATE_MAX_BYTES (1u << 20) /* published ones have 25 kB at most */

struct template;

/* Parses text[0..n), which is copied.  name: what errors call it.  0, or -1
 * with ERR_FORMAT: "NAME: line N: what is wrong". */
int template_open(struct template **out, const char *text, size_t n,
                  const char *name, struct err *e);
void template_close(struct template *t); /* NULL is allowed */

/* Whether the template reads a variable of that name anywhere. */
bool template_reads(const struct template *t, const char *variable);

struct template_message {
    const char *role;    /* counts as the template's own text */
    const char *content; /* [n_content], any bytes: foreign */
    size_t n_content;
};

/* What a template can see. */
struct template_input {
    const struct template_message *messages;
    size_t n_messages;
    bool in_parts; /* contents as [{"type": "text", "text": …}] */
    bool add_generation_prompt;
    const char *bos_token, *eos_token; /* NULL: not defined */
    const cJSON *variables; /* an object, or NULL: more of them, which count
                               as the template's own text */
    struct tm clock;        /* what strftime_now says */
};

/* A part of the text that came from a message. */
struct template_span {
    size_t from, to; /* bytes */
};

struct template_output {
    struct buf text;
    struct template_span *foreign; /* in order, none touches the next */
    size_t n_foreign;
    bool raised; /* it failed because the template itself refused */
};
void template_output_free(struct template_output *o);

/* Renders a conversation into *out, which the caller frees whatever comes.
 * 0, or -1 with ERR_FORMAT as above, where the line is the one that ran. */
int template_render(const struct template *t, const struct template_input *in,
                    struct template_output *out, struct err *e);

#endif
