/* What gguf.c (files, metadata) and tensors.c (the directory of tensors)
 * share; see gguf.h for the manual. */
#ifndef BACKENDS_ENGINE_FILE_PRIVATE_H
#define BACKENDS_ENGINE_FILE_PRIVATE_H

#include "backends/engine/file/cursor.h"
#include "backends/engine/file/gguf.h"
#include "backends/engine/file/mapping.h"

#define GGUF_MAX_KEYS 65536
#define GGUF_MAX_TENSORS 131072 /* in all parts */
#define GGUF_MAX_PARTS 128
#define GGUF_MAX_ALIGNMENT (1u << 20)
#define GGUF_DEFAULT_ALIGNMENT 32

struct gguf_kv {
    struct gguf_string key;
    uint8_t type;              /* of the value, or of an array's elements */
    bool is_array;
    size_t n;                  /* elements; 1 if it is no array */
    const unsigned char *data; /* the value; a string begins with its length */
    size_t n_bytes;
    uint32_t *starts;          /* [n + 1] for string arrays, else NULL */
};

struct gguf_part {
    struct mapping *map;
    struct gguf_kv *kv; /* sorted by key */
    size_t n_kv;
    uint64_t n_tensors; /* as the header says */
    uint64_t alignment;
    struct cursor rest; /* what follows the metadata */
};

struct gguf {
    struct gguf_part *parts;
    size_t n_parts;
    size_t file_bytes;
    struct gguf_tensor *tensors; /* sorted by name, of all parts */
    size_t n_tensors;
};

/* -1, 0 or 1: bytes in order, a prefix before what it begins. */
int gguf_string_compare(struct gguf_string a, struct gguf_string b);

/* Reads the length and bytes of a string. */
struct gguf_string gguf_read_string(struct cursor *c);

/* A key in one part, or NULL. */
const struct gguf_kv *gguf_find_kv(const struct gguf_part *p, const char *key);

/* Reads the directory of p, whose tensors go to g->tensors[g->n_tensors...]
 * (room is there), and checks where each one's data lie. */
int gguf_read_tensors(struct gguf *g, struct gguf_part *p, struct err *e);

/* Sorts the directory of all parts; refuses a name that comes twice. */
int gguf_sort_tensors(struct gguf *g, struct err *e);

#endif
