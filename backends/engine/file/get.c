/* Metadata by key, converted to the type that the caller asks for. */
#include "backends/engine/file/private.h"

/* A number of any kind: exact as an integer if it is one. */
struct number {
    bool is_integer, negative;
    uint64_t magnitude; /* of an integer */
    double real;        /* of any */
};

static struct number integer(int64_t v)
{
    bool negative = v < 0;
    uint64_t m = negative ? 0 - (uint64_t)v : (uint64_t)v;
    return (struct number){true, negative, m, (double)v};
}

static struct number natural(uint64_t v)
{
    return (struct number){true, false, v, (double)v};
}

static struct number real(double v)
{
    return (struct number){false, v < 0, 0, v};
}

/* The next element of a type that has a fixed size. */
static struct number read_number(struct cursor *c, int type)
{
    switch (type) {
    case GGUF_V_U8:
    case GGUF_V_BOOL: return natural(cursor_u8(c));
    case GGUF_V_I8: return integer((int8_t)cursor_u8(c));
    case GGUF_V_U16: {
        uint16_t low = cursor_u8(c);
        return natural((uint16_t)(low | cursor_u8(c) << 8));
    }
    case GGUF_V_I16: {
        uint16_t low = cursor_u8(c);
        return integer((int16_t)(low | cursor_u8(c) << 8));
    }
    case GGUF_V_U32: return natural(cursor_u32(c));
    case GGUF_V_I32: return integer((int32_t)cursor_u32(c));
    case GGUF_V_U64: return natural(cursor_u64(c));
    case GGUF_V_I64: return integer((int64_t)cursor_u64(c));
    case GGUF_V_F32: return real((double)cursor_f32(c));
    case GGUF_V_F64: {
        uint64_t bits = cursor_u64(c);
        double v;
        memcpy(&v, &bits, sizeof(v));
        return real(v);
    }
    default: c->bad = true; return natural(0);
    }
}

static const struct gguf_kv *find(const struct gguf *g, const char *key,
                                  bool array)
{
    const struct gguf_kv *kv = gguf_find_kv(&g->parts[0], key);
    return kv != NULL && kv->is_array == array ? kv : NULL;
}

bool gguf_has(const struct gguf *g, const char *key)
{
    return gguf_find_kv(&g->parts[0], key) != NULL;
}

bool gguf_is_array_of(const struct gguf *g, const char *key,
                      enum gguf_value_type type)
{
    const struct gguf_kv *kv = find(g, key, true);
    return kv != NULL && kv->type == type;
}

/* A plain number, bools left out. */
static bool get_number(const struct gguf *g, const char *key,
                       struct number *out)
{
    const struct gguf_kv *kv = find(g, key, false);
    if (kv == NULL || kv->type == GGUF_V_STRING || kv->type == GGUF_V_BOOL)
        return false;
    struct cursor c = cursor_of(kv->data, kv->n_bytes);
    *out = read_number(&c, kv->type);
    return true;
}

bool gguf_get_u64(const struct gguf *g, const char *key, uint64_t *out)
{
    struct number n;
    if (!get_number(g, key, &n) || !n.is_integer || n.negative)
        return false;
    *out = n.magnitude;
    return true;
}

bool gguf_get_f64(const struct gguf *g, const char *key, double *out)
{
    struct number n;
    if (!get_number(g, key, &n))
        return false;
    *out = n.real;
    return true;
}

bool gguf_get_bool(const struct gguf *g, const char *key, bool *out)
{
    const struct gguf_kv *kv = find(g, key, false);
    if (kv == NULL || kv->type != GGUF_V_BOOL)
        return false;
    *out = kv->data[0] != 0;
    return true;
}

bool gguf_get_string(const struct gguf *g, const char *key,
                     struct gguf_string *out)
{
    const struct gguf_kv *kv = find(g, key, false);
    if (kv == NULL || kv->type != GGUF_V_STRING)
        return false;
    *out = (struct gguf_string){(const char *)kv->data + 8, kv->n_bytes - 8};
    return true;
}

bool gguf_get_strings(const struct gguf *g, const char *key,
                      struct gguf_strings *out)
{
    const struct gguf_kv *kv = find(g, key, true);
    *out = (struct gguf_strings){NULL, NULL, 0};
    if (kv == NULL || kv->type != GGUF_V_STRING)
        return false;
    *out = (struct gguf_strings){kv->data, kv->starts, kv->n};
    return true;
}

struct gguf_string gguf_strings_at(const struct gguf_strings *s, size_t i)
{
    /* The length is the distance to the next string, less its own field: it
     * was checked at open, the bytes in the file may have changed since. */
    return (struct gguf_string){(const char *)s->data + s->starts[i] + 8,
                                s->starts[i + 1] - s->starts[i] - 8};
}

bool gguf_get_bytes(const struct gguf *g, const char *key,
                    struct gguf_string *out)
{
    const struct gguf_kv *kv = find(g, key, true);
    if (kv == NULL || (kv->type != GGUF_V_U8 && kv->type != GGUF_V_I8))
        return false;
    *out = (struct gguf_string){(const char *)kv->data, kv->n_bytes};
    return true;
}

size_t gguf_array_f32(const struct gguf *g, const char *key, float *out,
                      size_t n)
{
    const struct gguf_kv *kv = find(g, key, true);
    if (kv == NULL || kv->type == GGUF_V_STRING)
        return 0;
    struct cursor c = cursor_of(kv->data, kv->n_bytes);
    for (size_t i = 0; i < n && i < kv->n; i++)
        out[i] = (float)read_number(&c, kv->type).real;
    return kv->n;
}

size_t gguf_array_i32(const struct gguf *g, const char *key, int32_t *out,
                      size_t n)
{
    const struct gguf_kv *kv = find(g, key, true);
    if (kv == NULL || kv->type == GGUF_V_STRING || kv->type == GGUF_V_F32 ||
        kv->type == GGUF_V_F64)
        return 0;
    struct cursor c = cursor_of(kv->data, kv->n_bytes);
    for (size_t i = 0; i < n && i < kv->n; i++) {
        struct number v = read_number(&c, kv->type);
        uint64_t limit = v.negative ? (uint64_t)INT32_MAX + 1 : INT32_MAX;
        uint64_t m = v.magnitude < limit ? v.magnitude : limit;
        out[i] = (int32_t)(v.negative ? -(int64_t)m : (int64_t)m);
    }
    return kv->n;
}
