#include "backends/engine/file/private.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "backends/engine/file/magic.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"

#define MAX_KEY 65535 /* bytes, by the specification */

#define SHOW(s) (int)((s).n < 64 ? (s).n : 64), (s).data

/* Bytes of a value of a fixed size, 0 for strings and arrays. */
static const uint8_t value_bytes[GGUF_V_N_TYPES] = {
    [GGUF_V_U8] = 1,  [GGUF_V_I8] = 1,  [GGUF_V_U16] = 2,
    [GGUF_V_I16] = 2, [GGUF_V_U32] = 4, [GGUF_V_I32] = 4,
    [GGUF_V_F32] = 4, [GGUF_V_BOOL] = 1, [GGUF_V_U64] = 8,
    [GGUF_V_I64] = 8, [GGUF_V_F64] = 8,
};

/* --- strings ----------------------------------------------------------- */

int gguf_string_compare(struct gguf_string a, struct gguf_string b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.data, b.data, n) : 0;
    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

bool gguf_string_is(struct gguf_string s, const char *text)
{
    struct gguf_string other = {text, strlen(text)};
    return gguf_string_compare(s, other) == 0;
}

struct gguf_string gguf_read_string(struct cursor *c)
{
    uint64_t n = cursor_u64(c);
    const unsigned char *p = cursor_take(c, n);
    return (struct gguf_string){p ? (const char *)p : "", p ? (size_t)n : 0};
}

/* --- reading metadata -------------------------------------------------- */

static int refuse_end(const char *path, struct gguf_string key, struct err *e)
{
    return err_set(e, ERR_FORMAT, "%s: the file ends inside of the value of "
                   "%.*s; download it again", path, SHOW(key));
}

/* Walks the strings of an array and notes where each begins. */
static int index_strings(struct cursor *c, struct gguf_kv *kv,
                         const char *path, struct err *e)
{
    const unsigned char *begin = c->p;
    if (kv->n > cursor_left(c) / 8)
        return refuse_end(path, kv->key, e);
    kv->starts = mem_try(kv->n + 1, sizeof(*kv->starts));
    if (kv->starts == NULL)
        return err_set(e, ERR_BACKEND, "%s: no memory for the %zu strings of "
                       "%.*s", path, kv->n, SHOW(kv->key));
    for (size_t i = 0; i <= kv->n; i++) {
        if (c->p - begin > UINT32_MAX)
            return err_set(e, ERR_FORMAT, "%s: %.*s is larger than 4 GiB",
                           path, SHOW(kv->key));
        kv->starts[i] = (uint32_t)(c->p - begin);
        if (i < kv->n)
            gguf_read_string(c);
        if (c->bad)
            return refuse_end(path, kv->key, e);
    }
    return 0;
}

static int check_bools(const struct gguf_kv *kv, const char *path,
                       struct err *e)
{
    for (size_t i = 0; i < kv->n; i++)
        if (kv->data[i] > 1)
            return err_set(e, ERR_FORMAT, "%s: %.*s is neither true nor false "
                           "but %u", path, SHOW(kv->key),
                           (unsigned)kv->data[i]);
    return 0;
}

/* The n elements (1 for a plain value) of a type that is known to exist. */
static int read_elements(struct cursor *c, struct gguf_kv *kv,
                         const char *path, struct err *e)
{
    kv->data = c->p;
    if (kv->type == GGUF_V_STRING) {
        if (kv->is_array)
            return index_strings(c, kv, path, e);
        gguf_read_string(c);
    } else {
        uint64_t bytes;
        if (__builtin_mul_overflow((uint64_t)kv->n, value_bytes[kv->type],
                                   &bytes))
            bytes = UINT64_MAX; /* surely more than there is */
        cursor_take(c, bytes);
    }
    if (c->bad)
        return refuse_end(path, kv->key, e);
    return kv->type == GGUF_V_BOOL ? check_bools(kv, path, e) : 0;
}

static int check_key(struct gguf_string key, const char *path, struct err *e)
{
    if (key.n == 0 || key.n > MAX_KEY)
        return err_set(e, ERR_FORMAT, "%s: a metadata key of %zu bytes",
                       path, key.n);
    for (size_t i = 0; i < key.n; i++)
        if ((unsigned char)key.data[i] < 0x20)
            return err_set(e, ERR_FORMAT, "%s: a metadata key with control "
                           "characters", path);
    return 0;
}

static int read_kv(struct cursor *c, struct gguf_kv *kv, const char *path,
                   struct err *e)
{
    kv->key = gguf_read_string(c);
    uint32_t type = cursor_u32(c);
    if (c->bad)
        return err_set(e, ERR_FORMAT, "%s: the file ends inside of its "
                       "metadata; download it again", path);
    if (check_key(kv->key, path, e) != 0)
        return -1;
    kv->n = 1;
    if (type == GGUF_V_ARRAY) {
        kv->is_array = true;
        type = cursor_u32(c);
        uint64_t n = cursor_u64(c);
        if (c->bad || n > cursor_left(c))
            return refuse_end(path, kv->key, e);
        if (type == GGUF_V_ARRAY)
            return err_set(e, ERR_FORMAT, "%s: %.*s is an array of arrays, "
                           "which no model needs", path, SHOW(kv->key));
        kv->n = (size_t)n;
    }
    if (type >= GGUF_V_N_TYPES)
        return err_set(e, ERR_FORMAT, "%s: %.*s has the unknown value type %u",
                       path, SHOW(kv->key), (unsigned)type);
    kv->type = (uint8_t)type;
    if (read_elements(c, kv, path, e) != 0)
        return -1;
    kv->n_bytes = (size_t)(c->p - kv->data);
    return 0;
}

static int by_key(const void *va, const void *vb)
{
    const struct gguf_kv *a = va, *b = vb;
    return gguf_string_compare(a->key, b->key);
}

const struct gguf_kv *gguf_find_kv(const struct gguf_part *p, const char *key)
{
    struct gguf_kv wanted = {.key = {key, strlen(key)}};
    if (p->n_kv == 0)
        return NULL;
    return bsearch(&wanted, p->kv, p->n_kv, sizeof(wanted), by_key);
}

/* --- reading a file ---------------------------------------------------- */

/* "weights.gguf.part1of2", "weights.gguf-split-b": cut by a program that knows
 * no GGUF. */
static bool is_cut_by_bytes(const char *path)
{
    const char *name = path_name(path);
    const char *part = strstr(name, ".part"), *split = strstr(name, "-split-");
    return (part != NULL && isdigit((unsigned char)part[5])) || split != NULL;
}

static int refuse_magic(const struct mapping *m, struct err *e)
{
    const char *is = magic_name(mapping_data(m), mapping_bytes(m));
    if (is_cut_by_bytes(mapping_path(m)))
        is = "a part of a file that was cut by bytes: join the parts (cat "
             "PART1 PART2 > NAME.gguf)";
    if (is != NULL)
        return err_set(e, ERR_FORMAT, "%s: is %s", mapping_path(m), is);
    return err_set(e, ERR_FORMAT, "%s: is not a GGUF file (it does not begin "
                   "with GGUF)", mapping_path(m));
}

static int check_version(uint32_t v, const char *path, struct err *e)
{
    if (v == 2 || v == 3)
        return 0;
    if (v == 0x02000000 || v == 0x03000000)
        return err_set(e, ERR_FORMAT, "%s: is a big-endian GGUF; get the "
                       "little-endian one", path);
    return err_set(e, ERR_FORMAT, "%s: GGUF version %u; this engine reads 2 "
                   "and 3", path, (unsigned)v);
}

static int read_header(struct gguf_part *p, uint64_t *n_kv, struct err *e)
{
    const char *path = mapping_path(p->map);
    struct cursor *c = &p->rest;
    const unsigned char *magic = cursor_take(c, 4);
    if (magic == NULL || memcmp(magic, "GGUF", 4) != 0)
        return refuse_magic(p->map, e);
    uint32_t version = cursor_u32(c);
    if (!c->bad && check_version(version, path, e) != 0)
        return -1;
    p->n_tensors = cursor_u64(c);
    *n_kv = cursor_u64(c);
    if (c->bad)
        return err_set(e, ERR_FORMAT, "%s: the file ends inside of its "
                       "header; download it again", path);
    /* The smallest entries have 14 and 33 bytes. */
    if (*n_kv > GGUF_MAX_KEYS || *n_kv > cursor_left(c) / 14)
        return err_set(e, ERR_FORMAT, "%s: %llu metadata keys cannot be in a "
                       "file of this size; download it again", path,
                       (unsigned long long)*n_kv);
    if (p->n_tensors > GGUF_MAX_TENSORS ||
        p->n_tensors > cursor_left(c) / 33)
        return err_set(e, ERR_FORMAT, "%s: %llu tensors cannot be in a file of "
                       "this size; download it again", path,
                       (unsigned long long)p->n_tensors);
    return 0;
}

static int read_alignment(struct gguf_part *p, struct err *e)
{
    const struct gguf_kv *kv = gguf_find_kv(p, "general.alignment");
    p->alignment = GGUF_DEFAULT_ALIGNMENT;
    if (kv == NULL)
        return 0;
    struct cursor c = cursor_of(kv->data, kv->n_bytes);
    uint32_t a = cursor_u32(&c);
    if (kv->is_array || kv->type != GGUF_V_U32 || a == 0 ||
        (a & (a - 1)) != 0 || a > GGUF_MAX_ALIGNMENT)
        return err_set(e, ERR_FORMAT, "%s: general.alignment is not a power "
                       "of two up to %u", mapping_path(p->map),
                       GGUF_MAX_ALIGNMENT);
    p->alignment = a;
    return 0;
}

/* Maps a part and reads its header and metadata. */
static int open_part(struct gguf_part *p, const char *path, struct err *e)
{
    if (mapping_open(&p->map, path, e) != 0)
        return -1;
    p->rest = cursor_of(mapping_data(p->map), mapping_bytes(p->map));
    uint64_t n_kv = 0;
    if (read_header(p, &n_kv, e) != 0)
        return -1;
    p->kv = mem_calloc(n_kv, sizeof(*p->kv));
    for (; p->n_kv < n_kv; p->n_kv++)
        if (read_kv(&p->rest, &p->kv[p->n_kv], path, e) != 0) {
            p->n_kv++; /* its index may have been made */
            return -1;
        }
    qsort(p->kv, p->n_kv, sizeof(*p->kv), by_key);
    for (size_t i = 1; i < p->n_kv; i++)
        if (by_key(&p->kv[i - 1], &p->kv[i]) == 0)
            return err_set(e, ERR_FORMAT, "%s: the metadata key %.*s is there "
                           "twice", path, SHOW(p->kv[i].key));
    return read_alignment(p, e);
}

/* --- split sets -------------------------------------------------------- */

/* Room for NAME-00001-of-00009.gguf's end. */
#define SUFFIX_BYTES (sizeof("-00001-of-00009.gguf") - 1)

/* How many parts the first one says there are (1: not split). */
static int count_parts(const struct gguf *g, size_t *n, struct err *e)
{
    const char *path = gguf_path(g);
    uint64_t count = 1, no = 0;
    gguf_get_u64(g, "split.count", &count);
    gguf_get_u64(g, "split.no", &no);
    *n = (size_t)count;
    if (count <= 1) {
        *n = 1;
        return 0;
    }
    if (count > GGUF_MAX_PARTS)
        return err_set(e, ERR_FORMAT, "%s: split into %llu files; at most %d "
                       "can be read", path, (unsigned long long)count,
                       GGUF_MAX_PARTS);
    char first[SUFFIX_BYTES + 1];
    snprintf(first, sizeof(first), "-00001-of-%05u.gguf", (unsigned)count);
    size_t len = strlen(path);
    if (no != 0 || len < SUFFIX_BYTES ||
        strcmp(path + len - SUFFIX_BYTES, first) != 0)
        return err_set(e, ERR_FORMAT, "%s: is part %llu of a split model; open "
                       "the part whose name ends in %s", path,
                       (unsigned long long)no + 1, first);
    return 0;
}

static int open_other_part(struct gguf *g, size_t i, size_t n, struct err *e)
{
    const char *first = gguf_path(g);
    struct buf path;
    buf_init(&path, strlen(first) + SUFFIX_BYTES);
    buf_add(&path, first, strlen(first) - SUFFIX_BYTES);
    buf_addf(&path, "-%05zu-of-%05zu.gguf", i + 1, n);
    struct gguf_part *p = &g->parts[g->n_parts++];
    int rc = open_part(p, path.data, e);
    if (rc != 0)
        err_wrap(e, "%s is split into %zu files, and all must lie beside it",
                 path_name(first), n);
    const struct gguf_kv *no = rc == 0 ? gguf_find_kv(p, "split.no") : NULL;
    if (rc == 0 && (no == NULL || no->is_array || no->type != GGUF_V_U16 ||
                    (no->data[0] | no->data[1] << 8) != (int)i))
        rc = err_set(e, ERR_FORMAT, "%s: is not part %zu of %s", path.data,
                     i + 1, first);
    buf_free(&path);
    return rc;
}

static int open_parts(struct gguf *g, const char *path, struct err *e)
{
    g->parts = mem_calloc(1, sizeof(*g->parts));
    g->n_parts = 1;
    if (open_part(&g->parts[0], path, e) != 0)
        return -1;
    size_t n;
    if (count_parts(g, &n, e) != 0)
        return -1;
    g->parts = mem_realloc(g->parts, n, sizeof(*g->parts));
    memset(g->parts + 1, 0, (n - 1) * sizeof(*g->parts));
    for (size_t i = 1; i < n; i++)
        if (open_other_part(g, i, n, e) != 0)
            return -1;
    return 0;
}

static int read_directory(struct gguf *g, struct err *e)
{
    uint64_t n = 0, said = 0;
    for (size_t i = 0; i < g->n_parts; i++) {
        n += g->parts[i].n_tensors; /* each at most GGUF_MAX_TENSORS */
        g->file_bytes += mapping_bytes(g->parts[i].map);
    }
    if (n > GGUF_MAX_TENSORS)
        return err_set(e, ERR_FORMAT, "%s: %llu tensors cannot be",
                       gguf_path(g), (unsigned long long)n);
    if (g->n_parts > 1 && gguf_get_u64(g, "split.tensors.count", &said) &&
        said != n)
        return err_set(e, ERR_FORMAT, "%s: the parts have %llu tensors, the "
                       "first one says %llu", gguf_path(g),
                       (unsigned long long)n, (unsigned long long)said);
    g->tensors = mem_calloc(n, sizeof(*g->tensors));
    for (size_t i = 0; i < g->n_parts; i++)
        if (gguf_read_tensors(g, &g->parts[i], e) != 0)
            return -1;
    return gguf_sort_tensors(g, e);
}

int gguf_open(struct gguf **out, const char *path, struct err *e)
{
    struct gguf *g = mem_calloc(1, sizeof(*g));
    if (open_parts(g, path, e) != 0 || read_directory(g, e) != 0 ||
        gguf_check(g, e) != 0) {
        gguf_close(g);
        return -1;
    }
    *out = g;
    return 0;
}

void gguf_close(struct gguf *g)
{
    if (g == NULL)
        return;
    for (size_t i = 0; i < g->n_parts; i++) {
        struct gguf_part *p = &g->parts[i];
        for (size_t k = 0; k < p->n_kv; k++)
            free(p->kv[k].starts);
        free(p->kv);
        mapping_close(p->map);
    }
    free(g->parts);
    free(g->tensors);
    free(g);
}

int gguf_check(const struct gguf *g, struct err *e)
{
    for (size_t i = 0; i < g->n_parts; i++)
        if (mapping_check(g->parts[i].map, e) != 0)
            return -1;
    return 0;
}

const struct mapping *gguf_mapping_of(const struct gguf *g, const void *bytes)
{
    const unsigned char *p = bytes;
    for (size_t i = 1; i < g->n_parts; i++) {
        const struct mapping *m = g->parts[i].map;
        const unsigned char *data = mapping_data(m);
        if (p >= data && p < data + mapping_bytes(m))
            return m;
    }
    return g->parts[0].map;
}

const char *gguf_path(const struct gguf *g)
{
    return mapping_path(g->parts[0].map);
}

size_t gguf_file_bytes(const struct gguf *g)
{
    return g->file_bytes;
}
