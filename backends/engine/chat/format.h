/* format: a chat template that is ready to be used, with what was found out
 * about it by trying: it is run on a few small conversations once, when it is
 * opened.
 *
 * The formats that have a name are template sources in data/templates/, which
 * are part of the program; a new one is a file there.
 *
 * A format is immutable once open; any thread may use it. */
#ifndef BACKENDS_ENGINE_CHAT_FORMAT_H
#define BACKENDS_ENGINE_CHAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/engine/chat/message.h"
#include "backends/engine/chat/template/template.h"
#include "backends/engine/tokenizer/tokenizer.h"
#include "base/buf.h"
#include "base/err.h"

/* A named format; build/…/formats.c is made of data/templates/. */
struct format_source {
    const char *name, *text;
    size_t n;
};
extern const struct format_source format_sources[];
extern const size_t n_format_sources;

struct format {
    struct format *next; /* for the list of its owner */
    char *name;
    struct template *template;
    struct err fault;    /* why it could write none of them without
                            template_args; code ERR_NONE if it could */
    bool in_parts;       /* contents must be lists of parts */
    bool tools_none;     /* "tools" must be there, and None */
    bool folds_system;   /* it refuses or drops a system message: its text
                            goes into the first user's */
    bool has_system;     /* it has a system text for those without one */
    bool thinks;         /* it reads whether to think */
    bool dated;          /* it reads the clock */
    struct token_list markers; /* tokens of its own that the file does not call
                                  control tokens */
    struct token_list ends;    /* that it writes after an answer */
};

/* Parses and tries text[0..n).  name: what errors call it.  t: the tokenizer
 * of the weights, or NULL if nothing is to be encoded.  0, or -1 with
 * ERR_FORMAT for a template that cannot be parsed. */
int format_open(struct format **out, const char *name, const char *text,
                size_t n, const struct tokenizer *t, struct err *e);
void format_close(struct format *f); /* NULL is allowed */

/* Writes a conversation; a begin token in front is left out if encoding adds
 * one.  0, or -1 with ERR_CONFIG (template_args; a template that cannot be
 * run) or ERR_FORMAT (it refuses the conversation: out->raised).  The caller
 * frees *out whatever comes. */
int format_render(const struct format *f, const struct tokenizer *t,
                  const struct rendering *how, const struct message *messages,
                  size_t n, struct template_output *out, struct err *e);

/* Whether it can write a conversation, with template_args that it may need: 0,
 * or -1 as format_render. */
int format_check(const struct format *f, const struct rendering *how,
                 struct err *e);

/* Appends what it does that is not in the messages, for people: "writes a
 * system text of its own; …"; nothing if there is nothing to say. */
void format_describe(const struct format *f, struct buf *out);

/* The source of a named format, or NULL. */
const struct format_source *format_find(const char *name);

/* The name that a mistyped one is closest to, or NULL. */
const char *format_nearest(const char *name);

/* Appends the names, all or the common ones, with blanks between; "none" is
 * the last of them. */
void format_list(bool all, struct buf *out);

#endif
