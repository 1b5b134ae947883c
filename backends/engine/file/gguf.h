/* gguf: reads the metadata and the tensor directory of a GGUF file.
 *
 * Source of the format: "GGUF" specification, ggml repository, versions 2 and
 * 3 (little endian).  The file is mapped read-only; everything in it is
 * foreign: each count, length, offset, type and dimension is checked against
 * the bytes that are there before it is used or allocated for, and a file that
 * is refused is refused with one line that names file and reason.
 *
 * Strings and arrays point into the mapping and are NOT NUL-terminated; they
 * live until gguf_close.  A gguf is immutable once open: any thread may read.
 */
#ifndef BACKENDS_ENGINE_FILE_GGUF_H
#define BACKENDS_ENGINE_FILE_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/file/mapping.h"
#include "base/err.h"

/* Tensor types by their number in the file. */
enum gguf_tensor_type {
    GGUF_F32 = 0,
    GGUF_F16 = 1,
    GGUF_Q4_0 = 2,
    GGUF_Q4_1 = 3,
    GGUF_Q5_0 = 6,
    GGUF_Q5_1 = 7,
    GGUF_Q8_0 = 8,
    GGUF_Q2_K = 10,
    GGUF_Q3_K = 11,
    GGUF_Q4_K = 12,
    GGUF_Q5_K = 13,
    GGUF_Q6_K = 14,
    GGUF_IQ4_NL = 20,
    GGUF_IQ4_XS = 23,
    GGUF_BF16 = 30,
};

#define GGUF_MAX_DIMS 4

/* How a type packs numbers: `block` of them in `bytes` bytes. */
struct gguf_type_info {
    const char *name; /* "Q4_K"; NULL if there is no such type */
    uint32_t block;
    uint32_t bytes; /* 0: a type that ggml has and this engine does not read */
};

/* The row of a type number from a file; any number is allowed. */
const struct gguf_type_info *gguf_type_info(uint32_t type);

struct gguf_string {
    const char *data; /* n bytes inside the mapping, no NUL */
    size_t n;
};

/* Whether it equals a C string. */
bool gguf_string_is(struct gguf_string s, const char *text);

/* An array of strings, as found once by gguf_get_strings. */
struct gguf_strings {
    const unsigned char *data;
    const uint32_t *starts; /* [n + 1] where each string's length field is */
    size_t n;
};

struct gguf_tensor {
    struct gguf_string name;
    enum gguf_tensor_type type;
    int n_dims;                      /* 1 to GGUF_MAX_DIMS */
    uint64_t dims[GGUF_MAX_DIMS];    /* fastest first; unused ones are 1 */
    const unsigned char *data;       /* n_bytes inside the mapping */
    size_t n_bytes;
};

struct gguf;

/* Maps and checks a file.  `path` may be the first of a split set
 * (NAME-00001-of-0000N.gguf), then all parts are opened.  0, or -1 with
 * ERR_BACKEND (not there, not readable) or ERR_FORMAT. */
int gguf_open(struct gguf **out, const char *path, struct err *e);

/* Unmaps; NULL is allowed. */
void gguf_close(struct gguf *g);

/* 0, or -1 with ERR_BACKEND if a file was truncated or became unreadable
 * while it was mapped (what was read since is not to be trusted). */
int gguf_check(const struct gguf *g, struct err *e);

/* The mapping that these bytes of a tensor are in. */
const struct mapping *gguf_mapping_of(const struct gguf *g, const void *bytes);

const char *gguf_path(const struct gguf *g);
size_t gguf_file_bytes(const struct gguf *g);

/* Types of metadata values by their number in the file. */
enum gguf_value_type {
    GGUF_V_U8,
    GGUF_V_I8,
    GGUF_V_U16,
    GGUF_V_I16,
    GGUF_V_U32,
    GGUF_V_I32,
    GGUF_V_F32,
    GGUF_V_BOOL,
    GGUF_V_STRING,
    GGUF_V_ARRAY,
    GGUF_V_U64,
    GGUF_V_I64,
    GGUF_V_F64,
    GGUF_V_N_TYPES
};

/* Whether there is a key, of any type; and whether it is an array of exactly
 * this type of elements. */
bool gguf_has(const struct gguf *g, const char *key);
bool gguf_is_array_of(const struct gguf *g, const char *key,
                      enum gguf_value_type type);

/* Metadata by key.  Each returns false if the key is missing or its type
 * does not fit (any integer type that holds the value fits u64; numbers of
 * all kinds fit f64), and leaves *out alone. */
bool gguf_get_u64(const struct gguf *g, const char *key, uint64_t *out);
bool gguf_get_f64(const struct gguf *g, const char *key, double *out);
bool gguf_get_bool(const struct gguf *g, const char *key, bool *out);
bool gguf_get_string(const struct gguf *g, const char *key,
                     struct gguf_string *out);

/* Arrays of strings: false, and *out empty, if there is none.  They are
 * indexed once at open, so every element is as near as the first. */
bool gguf_get_strings(const struct gguf *g, const char *key,
                      struct gguf_strings *out);
/* Element i < s->n. */
struct gguf_string gguf_strings_at(const struct gguf_strings *s, size_t i);

/* An array of single bytes as it stands in the file. */
bool gguf_get_bytes(const struct gguf *g, const char *key,
                    struct gguf_string *out);

/* Arrays of numbers (or bools).  Copies up to n elements converted to the type
 * asked for; returns how many the array has (0: missing or of another kind). */
size_t gguf_array_f32(const struct gguf *g, const char *key, float *out,
                      size_t n);
size_t gguf_array_i32(const struct gguf *g, const char *key, int32_t *out,
                      size_t n);

/* The tensors, of all parts; by name (or NULL), or all, i < gguf_n_tensors. */
const struct gguf_tensor *gguf_find_tensor(const struct gguf *g,
                                           const char *name);
size_t gguf_n_tensors(const struct gguf *g);
const struct gguf_tensor *gguf_tensor_at(const struct gguf *g, size_t i);

#endif
