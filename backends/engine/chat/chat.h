/* chat: how a conversation is written for a model.
 *
 * Weights files carry a program in the Jinja language for it.  Running a
 * program that came with a download is how others were broken into, so it is
 * only looked at: a table knows the published formats and what their programs
 * look like.  A program that no row knows is an error that names the setting
 * to make.  The table is in templates.c; a new format is a row there. */
#ifndef BACKENDS_ENGINE_CHAT_H
#define BACKENDS_ENGINE_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "backends/engine/chat/message.h"
#include "backends/engine/file/gguf.h"
#include "backends/engine/tokenizer/tokenizer.h"
#include "base/buf.h"
#include "base/err.h"

/* In the strings of a row: the names of the file's begin and end tokens. */
#define CHAT_BOS "\1"
#define CHAT_EOS "\2"

enum chat_trait {
    CHAT_SYSTEM_IN_USER = 1,    /* the system text goes into the first user
                                   turn, between system[0] and system[1] */
    CHAT_SYSTEM_IN_LAST = 256,  /* the same, but into the last user turn */
    CHAT_SYSTEM_ALWAYS = 2,     /* its turn is there even with no text */
    CHAT_TRIM = 4,              /* blanks around contents are dropped */
    CHAT_TRIM_ANSWER = 64,      /* around earlier answers only */
    CHAT_DROP_THINKING = 8,     /* of earlier answers, up to </think> */
    CHAT_FILE_SYSTEM = 16,      /* the file's program holds a system text for
                                   conversations that have none */
    CHAT_RARE = 128,            /* not named in an error, which is one line */
    CHAT_SMOLLM3_HEADER = 32,   /* date and mode stand before it, and earlier
                                   answers say that they were not thought */
    CHAT_UNDATED = 512,         /* but the date does not */
};

struct chat_template {
    const char *name;
    const char *has[3];   /* texts that all stand in such a program, */
    const char *lacks;    /* and one that does not; or NULL */
    unsigned traits;
    const char *begin;    /* before the first turn; or NULL */
    const char *system[2], *user[2], *assistant[2]; /* around the contents */
    const char *generate; /* after the last turn, when an answer is wanted */
    const char *no_thinking; /* and after that when thinking is not wanted;
                                NULL: there is no choice */
    const char *system_text; /* where a conversation has none; or NULL */
};

/* What is known of how one weights file writes conversations.  Its owner fills
 * path and tokenizer, which it borrows. */
struct chat {
    const char *path;     /* of the file, for messages */
    const struct tokenizer *tokenizer;
    bool has_program;     /* the file carries one, recognised or not */
    const struct chat_template *own; /* recognised in the file, or NULL */
    char *system_text[2]; /* the file's own, without and with thinking */
};

/* Looks for a program in the file.  One that no row knows is no error here.
 * chat_forget frees what that took. */
void chat_recognise(struct chat *c, const struct gguf *file);
void chat_forget(struct chat *c);

/* Writes a conversation: engine_render of engine.h. */
int chat_render(const struct chat *c, const char *template_name,
                const struct message *messages, size_t n,
                unsigned flags, struct buf *text, struct token_list *ids,
                struct err *e);

/* By name, or NULL. */
const struct chat_template *chat_find(const char *name);

/* The row that knows a program, or NULL.  program: NUL-terminated, as
 * chat_normalize makes it. */
const struct chat_template *chat_match(const char *program);

/* Copies a program from a file with "\n" written out as a newline, up to its
 * first NUL; the caller frees it. */
char *chat_normalize(const char *program, size_t n);

/* The system text that a program has for conversations without one (it may
 * depend on the mode); the caller's to free.  NULL: none was found. */
char *chat_system_text(const struct chat_template *t, const char *program,
                       bool thinking);

/* The day that the machine's clock says, in UTC. */
struct tm chat_today(void);

/* Appends the names, all or those that are not rare, with spaces between. */
void chat_list(bool all, struct buf *out);

/* The name that a mistyped one is closest to, or NULL. */
const char *chat_nearest(const char *name);

#endif
