#include "backends/engine/file/private.h"

#include <stdlib.h>

#include "base/mem.h"

#define MAX_NAME 64 /* bytes, by the specification */

#define SHOW(s) (int)((s).n < 64 ? (s).n : 64), (s).data

static int check_name(const struct gguf_tensor *t, const char *path,
                      size_t i, struct err *e)
{
    if (t->name.n == 0 || t->name.n > MAX_NAME)
        return err_set(e, ERR_FORMAT, "%s: tensor %zu has a name of %zu bytes "
                       "(1 to %d allowed)", path, i, t->name.n, MAX_NAME);
    return 0;
}

/* Type and dimensions to n_bytes. */
static int measure(struct gguf_tensor *t, uint32_t type, const char *path,
                   struct err *e)
{
    const struct gguf_type_info *info = gguf_type_info(type);
    if (info->name == NULL)
        return err_set(e, ERR_FORMAT, "%s: tensor %.*s has the unknown type %u",
                       path, SHOW(t->name), (unsigned)type);
    if (info->bytes == 0)
        return err_set(e, ERR_FORMAT, "%s: tensor %.*s has type %s, which this "
                       "engine does not read; take a Q4_K_M, say, of the model",
                       path, SHOW(t->name), info->name);
    t->type = (enum gguf_tensor_type)type;

    uint64_t n = 1;
    for (int d = 0; d < t->n_dims; d++) {
        if (t->dims[d] == 0)
            return err_set(e, ERR_FORMAT, "%s: tensor %.*s has a dimension 0",
                           path, SHOW(t->name));
        if (__builtin_mul_overflow(n, t->dims[d], &n) || n > INT64_MAX)
            return err_set(e, ERR_FORMAT, "%s: tensor %.*s: its dimensions "
                           "multiply beyond 64 bits", path, SHOW(t->name));
    }
    if (t->dims[0] % info->block != 0)
        return err_set(e, ERR_FORMAT, "%s: tensor %.*s: rows of %llu do not "
                       "divide into %s blocks of %u", path, SHOW(t->name),
                       (unsigned long long)t->dims[0], info->name,
                       (unsigned)info->block);
    uint64_t bytes;
    if (__builtin_mul_overflow(n / info->block, info->bytes, &bytes) ||
        bytes > SIZE_MAX / 2)
        return err_set(e, ERR_FORMAT, "%s: tensor %.*s is too large", path,
                       SHOW(t->name));
    t->n_bytes = (size_t)bytes;
    return 0;
}

/* Reads one entry; its data's offset goes to *offset. */
static int read_entry(struct cursor *c, struct gguf_tensor *t, size_t i,
                      uint64_t *offset, const char *path, struct err *e)
{
    t->name = gguf_read_string(c);
    uint32_t n_dims = cursor_u32(c);
    if (!c->bad && check_name(t, path, i, e) != 0)
        return -1;
    if (!c->bad && (n_dims == 0 || n_dims > GGUF_MAX_DIMS))
        return err_set(e, ERR_FORMAT, "%s: tensor %.*s has %u dimensions "
                       "(1 to %d allowed)", path, SHOW(t->name),
                       (unsigned)n_dims, GGUF_MAX_DIMS);
    t->n_dims = (int)n_dims;
    for (int d = 0; d < GGUF_MAX_DIMS; d++)
        t->dims[d] = d < t->n_dims && !c->bad ? cursor_u64(c) : 1;
    uint32_t type = cursor_u32(c);
    *offset = cursor_u64(c);
    if (c->bad)
        return err_set(e, ERR_FORMAT, "%s: the file ends inside of its list of "
                       "tensors (entry %zu); download it again", path, i);
    return measure(t, type, path, e);
}

/* Places a tensor in the data section. */
static int place(struct gguf_tensor *t, uint64_t offset,
                 const struct gguf_part *p, struct cursor data, struct err *e)
{
    const char *path = mapping_path(p->map);
    size_t room = cursor_left(&data);
    if (offset % p->alignment != 0)
        return err_set(e, ERR_FORMAT, "%s: tensor %.*s begins at %llu, which "
                       "is not a multiple of the alignment %llu", path,
                       SHOW(t->name), (unsigned long long)offset,
                       (unsigned long long)p->alignment);
    if (room == 0)
        return err_set(e, ERR_FORMAT, "%s: is the header of a model alone, "
                       "without its tensors; download all of it", path);
    if (offset > room || t->n_bytes > room - offset)
        return err_set(e, ERR_FORMAT, "%s: tensor %.*s ends beyond the end of "
                       "the file; is the download complete?", path,
                       SHOW(t->name));
    t->data = data.p + offset;
    return 0;
}

static int by_data(const void *va, const void *vb)
{
    const struct gguf_tensor *a = va, *b = vb;
    return (a->data > b->data) - (a->data < b->data);
}

static int check_overlap(struct gguf_tensor *t, size_t n, const char *path,
                         struct err *e)
{
    qsort(t, n, sizeof(*t), by_data);
    for (size_t i = 1; i < n; i++)
        if ((size_t)(t[i].data - t[i - 1].data) < t[i - 1].n_bytes)
            return err_set(e, ERR_FORMAT, "%s: tensors %.*s and %.*s overlap",
                           path, SHOW(t[i - 1].name), SHOW(t[i].name));
    return 0;
}

int gguf_read_tensors(struct gguf *g, struct gguf_part *p, struct err *e)
{
    const char *path = mapping_path(p->map);
    struct gguf_tensor *t = g->tensors + g->n_tensors;
    uint64_t *offsets = mem_calloc(p->n_tensors, sizeof(*offsets));
    int rc = -1;

    struct cursor c = p->rest;
    for (size_t i = 0; i < p->n_tensors; i++)
        if (read_entry(&c, &t[i], i, &offsets[i], path, e) != 0)
            goto out;

    /* The data begin at the next multiple of the alignment. */
    size_t at = mapping_bytes(p->map) - cursor_left(&c);
    size_t pad = (size_t)((p->alignment - at % p->alignment) % p->alignment);
    if (pad > cursor_left(&c))
        pad = cursor_left(&c);
    cursor_take(&c, pad);
    for (size_t i = 0; i < p->n_tensors; i++)
        if (place(&t[i], offsets[i], p, c, e) != 0)
            goto out;
    if (check_overlap(t, p->n_tensors, path, e) != 0)
        goto out;
    g->n_tensors += p->n_tensors;
    rc = 0;
out:
    free(offsets);
    return rc;
}

static int by_name(const void *va, const void *vb)
{
    const struct gguf_tensor *a = va, *b = vb;
    return gguf_string_compare(a->name, b->name);
}

int gguf_sort_tensors(struct gguf *g, struct err *e)
{
    qsort(g->tensors, g->n_tensors, sizeof(*g->tensors), by_name);
    for (size_t i = 1; i < g->n_tensors; i++)
        if (by_name(&g->tensors[i - 1], &g->tensors[i]) == 0)
            return err_set(e, ERR_FORMAT, "%s: tensor %.*s is there twice",
                           gguf_path(g), SHOW(g->tensors[i].name));
    return 0;
}

const struct gguf_tensor *gguf_find_tensor(const struct gguf *g,
                                           const char *name)
{
    struct gguf_tensor wanted = {.name = {name, strlen(name)}};
    if (g->n_tensors == 0)
        return NULL;
    return bsearch(&wanted, g->tensors, g->n_tensors, sizeof(wanted), by_name);
}

size_t gguf_n_tensors(const struct gguf *g)
{
    return g->n_tensors;
}

const struct gguf_tensor *gguf_tensor_at(const struct gguf *g, size_t i)
{
    return &g->tensors[i];
}
