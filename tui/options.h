/* options: the options of a command line, declared once.
 *
 * A command has a struct of settings, and a table that says which option fills
 * which member.  The help is printed from the same table:
 *
 *     struct pull_settings { bool force; int64_t n_jobs; const char *to; };
 *     static const struct option_spec pull_options[] = {
 *         OPTION('f', "force", FLAG, pull_settings, force, NULL, "replace"),
 *         OPTION('j', "jobs", WHOLE, pull_settings, n_jobs, "N", "at once",
 *                .min = 1, .max = 64),
 *         OPTION(0, "to", TEXT, pull_settings, to, "DIR", "where to put it"),
 *         OPTION_END,
 *     };
 *
 * `--name value`, `--name=value`, `-n value`, `-nvalue` and `-fv` work; `--`
 * ends the options, and `-` alone is an operand.  Values point into argv.  The
 * struct's earlier contents are the defaults.  One thread. */
#ifndef TUI_OPTIONS_H
#define TUI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum option_kind {
    OPTION_FLAG,   /* bool: becomes true */
    OPTION_COUNT,  /* int: one more each time */
    OPTION_TEXT,   /* const char * */
    OPTION_WHOLE,  /* int64_t within [min, max]; both 0: any; max INT64_MAX: no
                      most */
    OPTION_NUMBER, /* double, finite, within the same */
    OPTION_CHOICE, /* int: which of the words in `value`, "auto|always" */
};

struct option_spec {
    char letter;      /* of the short form, or 0 */
    const char *name; /* without dashes; NULL ends a table */
    enum option_kind kind;
    size_t offset;    /* of the member in the settings struct */
    const char *value; /* what the help calls the value; NULL: takes none */
    const char *help;
    int64_t min, max;
};

/* The last argument is the help, and may be followed by .min = and .max =. */
#define OPTION(letter_, name_, kind_, type_, member_, value_, ...)            \
    {                                                                         \
        .letter = letter_, .name = name_, .kind = OPTION_##kind_,             \
        .offset = offsetof(struct type_, member_), .value = value_,           \
        .help = __VA_ARGS__                                                   \
    }
#define OPTION_END {.name = NULL}

/* Fills the settings from argv[1..*argc) and takes the options out of it, so
 * that argv[1..*argc) are the operands.  An option that stands in `other`
 * (may be NULL) stays in argv with its value; with `lenient`, so does an
 * unknown one, and `--` with what follows it.  0, or -1 with ERR_USAGE that
 * names the option and the nearest known one. */
int options_parse(const struct option_spec *specs, void *settings,
                  const struct option_spec *other, bool lenient, int *argc,
                  char **argv, struct err *e);

/* The index of the first operand: a word that is neither an option of the
 * table nor its value.  argc if there is none. */
int options_first_operand(const struct option_spec *specs, int argc,
                          char **argv);

/* Appends the table as help text, one option a line, two spaces in. */
void options_help(const struct option_spec *specs, struct buf *out);

#endif
