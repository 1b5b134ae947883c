/* model_arg: the one model that a command line names: an entry of the config,
 * or a weights file, which needs no config.
 *
 * For commands that ask a single model (generate, tokenize, perplexity).  Their
 * options may change its settings.  One thread. */
#ifndef TUI_MODEL_ARG_H
#define TUI_MODEL_ARG_H

#include <stdbool.h>

#include "backends/local/infer.h"
#include "backends/model.h"
#include "base/err.h"
#include "tui/command.h"

struct model_arg {
    struct model model; /* ours to change */
    bool is_file;       /* a weights file, not an entry of the config */
    int max_tokens;     /* see config_max_tokens */
    int n_threads;
};

/* Options that commands share; their defaults are in MODEL_ARG_DEFAULTS. */
struct model_arg_settings {
    const char *tokenizer, *template_name;
    int64_t n_threads; /* -1: as configured */
};

/* For option tables of a struct with a member `model`. */
#define MODEL_ARG_OPTIONS(type)                                               \
    OPTION(0, "tokenizer", TEXT, type, model.tokenizer, "FILE",               \
           "of a llama2.c checkpoint; tokenizer.bin beside it"),              \
    OPTION(0, "threads", WHOLE, type, model.n_threads, "N",                   \
           "kernel threads; 0: all cores", .min = 0, .max = 256)
#define MODEL_ARG_TEMPLATE(type)                                              \
    OPTION(0, "template", TEXT, type, model.template_name, "NAME",            \
           "chat template; the file's own, none: plain completion")

#define MODEL_ARG_DEFAULTS {.n_threads = -1}

/* Finds what `name` means: a model of the config, a file, or a file in the
 * weights folder.  A file named by a path (./NAME) comes before the config, so
 * that both can be meant; no other file hides a configured model.  A config
 * that cannot be read matters only if there is no such file.  0 with something
 * to free, or -1 with ERR_USAGE or ERR_CONFIG. */
int model_arg_find(struct model_arg *d, const struct invocation *in,
                   const struct model_arg_settings *s, const char *name,
                   struct err *e);
void model_arg_free(struct model_arg *d);

/* Says on stderr (unless -q) what the model's file lacks; `chats`: what a chat
 * template is for counts, too. */
void model_arg_say_remarks(const struct invocation *in,
                           const struct model_arg *d, bool chats);

/* 0, or -1 with ERR_USAGE if the in-process engine does not run the model. */
int model_arg_need_local(const struct model_arg *d, const char *verb,
                      struct err *e);

/* The ids of a JSON array of whole numbers, line[0..n).  0 with ids to be
 * freed (token_list_free), or -1 with ERR_FORMAT. */
int model_arg_read_ids(const char *line, size_t n, struct token_list *out,
                       struct err *e);

/* Appends ids as such an array. */
void model_arg_add_ids(struct buf *out, const struct token_list *ids);

#endif
