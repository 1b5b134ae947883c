#include "backends/engine/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/file/cursor.h"
#include "backends/engine/kernels/quant.h"
#include "base/mem.h"

#define MAGIC 0x616b3432u
#define HEADER_BYTES 256 /* of versions 1 and 2 */
#define NAME_BYTES 32
#define GROUP 32 /* of QUANT_Q8_F32 */

struct checkpoint {
    struct mapping *map;
    struct gguf_tensor *tensors;
    char (*names)[NAME_BYTES];
    size_t n;
    int version;
    uint32_t group; /* numbers that share a scale, version 2 */
    bool shared;    /* the embedding is the output matrix too */
    struct cursor rest;
};

bool checkpoint_is(const unsigned char *bytes, size_t size)
{
    struct cursor c = cursor_of(bytes, size);
    uint32_t first = cursor_u32(&c);
    if (first == MAGIC)
        return true;
    /* Version 0: seven numbers of a sane size (the sixth may be negative). */
    bool sane = first > 0 && first < 1u << 17;
    for (int i = 1; i < 7; i++) {
        int32_t v = (int32_t)cursor_u32(&c);
        sane = sane && v != 0 && v < 1 << 24 && (v > 0 || i == 5);
    }
    return sane && !c.bad;
}

/* --- header ------------------------------------------------------------ */

static int check_numbers(const struct checkpoint *c, const struct hparams *h,
                         int vocab, struct err *e)
{
    const char *path = mapping_path(c->map);
    const struct {
        const char *name;
        int value, max;
    } n[] = {
        {"dim", h->n_embd, 1 << 17},     {"hidden_dim", h->n_ff, 1 << 20},
        {"n_layers", h->n_layers, 1024}, {"n_heads", h->n_heads, 1024},
        {"n_kv_heads", h->n_kv_heads, 1024}, {"vocab_size", vocab, 1 << 24},
        {"seq_len", h->n_ctx, 1 << 26},
    };
    if (c->rest.bad)
        return err_set(e, ERR_FORMAT, "%s: the file ends inside of its "
                       "header", path);
    for (size_t i = 0; i < sizeof(n) / sizeof(*n); i++)
        if (n[i].value <= 0 || n[i].value > n[i].max)
            return err_set(e, ERR_FORMAT, "%s: is not a weights file that this "
                           "engine knows (as a llama2.c checkpoint its %s "
                           "would be %d)", path, n[i].name, n[i].value);
    if (h->n_embd % h->n_heads != 0)
        return err_set(e, ERR_FORMAT, "%s: %d numbers do not divide into %d "
                       "heads", path, h->n_embd, h->n_heads);
    return 0;
}

static int read_header(struct checkpoint *c, struct hparams *h, int *vocab,
                       struct err *e)
{
    struct cursor *r = &c->rest;
    struct cursor magic = *r;
    if (cursor_u32(&magic) == MAGIC) {
        *r = magic;
        c->version = (int)cursor_u32(r);
        if (!r->bad && c->version != 1 && c->version != 2)
            return err_set(e, ERR_FORMAT, "%s: llama2.c version %d; this "
                           "engine reads 0, 1 and 2", mapping_path(c->map),
                           c->version);
    }
    *h = (struct hparams){.arch = arch_find("llama2.c")};
    int *const fields[] = {&h->n_embd,     &h->n_ff, &h->n_layers, &h->n_heads,
                           &h->n_kv_heads, vocab,    &h->n_ctx};
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        *fields[i] = (int)(int32_t)cursor_u32(r);
    c->shared = *vocab > 0;
    if (c->version == 0 && *vocab < 0 && *vocab > -(1 << 24))
        *vocab = -*vocab;
    if (c->version > 0)
        c->shared = cursor_u8(r) != 0;
    if (c->version == 2)
        c->group = cursor_u32(r);
    if (c->version > 0) {
        *r = cursor_of(mapping_data(c->map), mapping_bytes(c->map));
        cursor_take(r, HEADER_BYTES);
    }
    return check_numbers(c, h, *vocab, e);
}

/* --- tensors ----------------------------------------------------------- */

struct shape {
    const char *name; /* with %d for the layer if each layer has one */
    int rows, cols;   /* rows 0: a vector, always of floats */
    bool skip;        /* only steps over it */
};

/* Takes the bytes of a tensor. */
static void add(struct checkpoint *c, const struct shape *s, int layer)
{
    uint64_t rows = s->rows ? (uint64_t)s->rows : 1;
    uint64_t n = rows * (uint64_t)s->cols; /* both below 2^24 */
    bool int8 = c->version == 2 && s->rows > 0;
    uint64_t bytes = int8 ? n + n / c->group * 4 : n * 4;
    const unsigned char *data = cursor_take(&c->rest, bytes);
    if (s->skip || data == NULL)
        return;
    struct gguf_tensor *t = &c->tensors[c->n];
    /* The names are ours: each has one %d or none. */
    char *name = c->names[c->n++];
    if (layer < 0)
        snprintf(name, NAME_BYTES, "%s.weight", s->name);
    else
        snprintf(name, NAME_BYTES, "blk.%d.%s.weight", layer, s->name);
    *t = (struct gguf_tensor){
        .name = {name, strlen(name)},
        .type = int8 ? (enum gguf_tensor_type)QUANT_Q8_F32 : GGUF_F32,
        .n_dims = s->rows ? 2 : 1,
        .dims = {(uint64_t)s->cols, rows, 1, 1},
        .data = data,
        .n_bytes = (size_t)bytes,
    };
}

static void add_all(struct checkpoint *c, const struct hparams *h,
                    const struct shape *s, bool every_layer)
{
    if (!every_layer)
        add(c, s, -1);
    for (int l = 0; every_layer && l < h->n_layers; l++)
        add(c, s, l);
}

/* The order of the tensors is the format. */
static void add_tensors(struct checkpoint *c, const struct hparams *h,
                        int vocab)
{
    int dim = h->n_embd, kv = h->n_kv_heads * h->d_head;
    const struct shape norms[] = {
        {"attn_norm", 0, dim, false},
        {"ffn_norm", 0, dim, false},
        {"output_norm", 0, dim, false},
    };
    const struct shape attention[] = {
        {"attn_q", dim, dim, false},
        {"attn_k", kv, dim, false},
        {"attn_v", kv, dim, false},
        {"attn_output", dim, dim, false},
    };
    const struct shape ffn[] = {
        {"ffn_gate", h->n_ff, dim, false},
        {"ffn_down", dim, h->n_ff, false},
        {"ffn_up", h->n_ff, dim, false},
    };
    const struct shape embed = {"token_embd", vocab, dim, false};
    const struct shape output = {"output", vocab, dim, false};
    /* Cosines and sines of all positions, which we make ourselves. */
    const struct shape angles = {"", h->n_ctx, h->d_head, true};

    if (c->version > 0)
        for (int i = 0; i < 3; i++)
            add_all(c, h, &norms[i], i < 2);
    add_all(c, h, &embed, false);
    if (c->version == 0)
        add_all(c, h, &norms[0], true);
    for (int i = 0; i < 4; i++)
        add_all(c, h, &attention[i], true);
    if (c->version == 0)
        add_all(c, h, &norms[1], true);
    for (int i = 0; i < 3; i++)
        add_all(c, h, &ffn[i], true);
    if (c->version == 0) {
        add_all(c, h, &norms[2], false);
        add_all(c, h, &angles, false);
    }
    if (!c->shared)
        add_all(c, h, &output, false);
}

static void fill_hparams(struct hparams *h)
{
    h->d_head = h->n_embd / h->n_heads;
    h->n_rot = h->d_head;
    h->eps = 1e-5f;
    h->rope_base = h->rope_local_base = 10000;
    h->rope_factor = 1;
    h->rope_old_ctx = h->n_ctx;
    h->score_scale = 1 / sqrtf((float)h->d_head);
    h->embed_scale = h->residual_scale = h->logit_scale = 1;
}

static int check_groups(const struct checkpoint *c, const struct hparams *h,
                        struct err *e)
{
    if (c->version != 2)
        return 0;
    if (c->group == 0 || c->group % GROUP != 0 ||
        (uint32_t)h->n_embd % c->group != 0 ||
        (uint32_t)h->n_ff % c->group != 0)
        return err_set(e, ERR_FORMAT, "%s: scales for groups of %u; they must "
                       "be multiples of %d that divide %d and %d",
                       mapping_path(c->map), (unsigned)c->group, GROUP,
                       h->n_embd, h->n_ff);
    return 0;
}

static int by_name(const void *va, const void *vb)
{
    const struct gguf_tensor *a = va, *b = vb;
    return strcmp(a->name.data, b->name.data);
}

static int read_file(struct checkpoint *c, struct hparams *h, struct err *e)
{
    int vocab = 0;
    c->rest = cursor_of(mapping_data(c->map), mapping_bytes(c->map));
    if (read_header(c, h, &vocab, e) != 0)
        return -1;
    fill_hparams(h);
    if (check_groups(c, h, e) != 0)
        return -1;
    size_t n = 3 + 9 * (size_t)h->n_layers;
    c->tensors = mem_calloc(n, sizeof(*c->tensors));
    c->names = mem_calloc(n, sizeof(*c->names));
    add_tensors(c, h, vocab);
    if (c->rest.bad || cursor_left(&c->rest) != 0)
        return err_set(e, ERR_FORMAT, "%s: is not a weights file that this "
                       "engine knows (a llama2.c checkpoint of these "
                       "dimensions would be %s)", mapping_path(c->map),
                       c->rest.bad ? "longer" : "shorter");
    qsort(c->tensors, c->n, sizeof(*c->tensors), by_name);
    return 0;
}

int checkpoint_open(struct checkpoint **out, struct mapping *m,
                    struct hparams *h, struct err *e)
{
    struct checkpoint *c = mem_calloc(1, sizeof(*c));
    c->map = m;
    if (read_file(c, h, e) != 0) {
        checkpoint_close(c);
        return -1;
    }
    *out = c;
    return 0;
}

void checkpoint_close(struct checkpoint *c)
{
    if (c == NULL)
        return;
    mapping_close(c->map);
    free(c->tensors);
    free(c->names);
    free(c);
}

const struct mapping *checkpoint_mapping(const struct checkpoint *c)
{
    return c->map;
}

const struct gguf_tensor *checkpoint_find(const struct checkpoint *c,
                                          const char *name)
{
    struct gguf_tensor wanted = {.name = {name, strlen(name)}};
    return bsearch(&wanted, c->tensors, c->n, sizeof(wanted), by_name);
}

size_t checkpoint_n_tensors(const struct checkpoint *c)
{
    return c->n;
}

const struct gguf_tensor *checkpoint_tensor_at(const struct checkpoint *c,
                                               size_t i)
{
    return &c->tensors[i];
}

void checkpoint_blocks(const struct checkpoint *c, const struct gguf_tensor *t,
                       int first, int n, unsigned char *out)
{
    size_t cols = (size_t)t->dims[0];
    const unsigned char *q = t->data + (size_t)first * cols;
    const unsigned char *scales = t->data + cols * (size_t)t->dims[1] +
                                  (size_t)first * cols / c->group * 4;
    for (size_t i = 0; i < (size_t)n * cols; i += GROUP) {
        memcpy(out, scales + i / c->group * 4, 4);
        memcpy(out + 4, q + i, GROUP);
        out += 4 + GROUP;
    }
}
