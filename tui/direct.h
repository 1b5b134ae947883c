/* direct: the one model that a command line names: an entry of the config, or
 * a weights file, which needs no config.
 *
 * Commands that ask a single model (generate, tokenize, perplexity) find it
 * here and change its settings by their options.  One thread. */
#ifndef TUI_DIRECT_H
#define TUI_DIRECT_H

#include <stdbool.h>

#include "backends/local/infer.h"
#include "backends/model.h"
#include "base/err.h"
#include "tui/clean.h"
#include "tui/command.h"

struct direct {
    struct model model; /* ours to change */
    bool is_file;       /* a weights file, not an entry of the config */
    int max_tokens;     /* of the config, or its default */
    int n_threads;
};

/* Options that commands share; their defaults are in direct_defaults. */
struct direct_settings {
    const char *tokenizer, *template_name;
    int64_t n_threads; /* -1: as configured */
};

/* For option tables of a struct with a member `direct`. */
#define DIRECT_OPTIONS(type)                                                  \
    OPTION(0, "tokenizer", TEXT, type, direct.tokenizer, "FILE",              \
           "of a llama2.c checkpoint; tokenizer.bin beside it"),              \
    OPTION(0, "threads", WHOLE, type, direct.n_threads, "N",                  \
           "kernel threads; 0: all cores", .min = 0, .max = 256)
#define DIRECT_TEMPLATE(type)                                                 \
    OPTION(0, "template", TEXT, type, direct.template_name, "NAME",           \
           "chat template; the file's own, none: plain completion")

#define DIRECT_DEFAULTS {.n_threads = -1}

/* Finds what `name` means: a file, a model of the config, or a file in the
 * weights folder.  0 with something to free, or -1 with ERR_USAGE. */
int direct_find(struct direct *d, const struct invocation *in,
                const struct direct_settings *s, const char *name,
                struct err *e);
void direct_free(struct direct *d);

/* 0, or -1 with ERR_USAGE where the model is not one of the in-process
 * engine. */
int direct_need_local(const struct direct *d, const char *verb,
                      struct err *e);

/* The ids of a JSON array of whole numbers, line[0..n).  0 with ids to be
 * freed (infer_ids_free), or -1 with ERR_FORMAT. */
int direct_read_ids(const char *line, size_t n, struct infer_ids *out,
                    struct err *e);

/* Writes an answer to stdout as it comes: the bytes as they are, or, to a
 * terminal, cleaned. */
struct direct_printer {
    struct clean clean;
    bool terminal;
};

void direct_print_begin(struct direct_printer *p);
void direct_print(struct direct_printer *p, const char *bytes, size_t n);
void direct_print_end(struct direct_printer *p); /* with a newline */

#endif
