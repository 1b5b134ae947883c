#include "backends/local/sampling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/bias.h"
#include "base/buf.h"
#include "base/mem.h"

static void set(float *to, double configured)
{
    if (!isnan(configured))
        *to = (float)configured;
}

static struct sample_params params_of(const struct model *m, uint64_t seed)
{
    struct sample_params p = sample_defaults();
    p.seed = seed;
    set(&p.temperature, m->temperature);
    set(&p.top_p, m->top_p);
    set(&p.min_p, m->min_p);
    set(&p.typical_p, m->typical_p);
    set(&p.repeat_penalty, m->repeat_penalty);
    set(&p.frequency_penalty, m->frequency_penalty);
    set(&p.presence_penalty, m->presence_penalty);
    set(&p.dry_multiplier, m->dry_multiplier);
    set(&p.dry_base, m->dry_base);
    set(&p.mirostat_tau, m->mirostat_tau);
    set(&p.mirostat_eta, m->mirostat_eta);
    if (m->dry_allowed_length >= 0)
        p.dry_allowed_length = m->dry_allowed_length;
    if (m->repeat_last_n >= 0)
        p.repeat_last_n = m->repeat_last_n;
    if (m->top_k >= 0)
        p.top_k = m->top_k;
    return p;
}

/* DRY's sequence breakers: tokens with one of these in them begin a new thought
 * (the defaults of its author). */
static void find_breakers(const struct engine *g, struct token_list *out)
{
    static const char breakers[] = "\n:\"*";
    struct buf piece;
    buf_init(&piece, 1 << 16);
    for (int32_t id = 0; id < engine_info(g)->n_vocab; id++) {
        buf_clear(&piece);
        engine_piece(g, id, true, &piece);
        if (strpbrk(piece.data, breakers) != NULL || engine_is_end(g, id))
            token_list_add(out, id);
    }
    buf_free(&piece);
}

/* --- bias -------------------------------------------------------------- */

struct bias_search {
    const struct engine *g;
    struct sample_bias *found; /* [n], room for cap */
    size_t n, cap;
};

static void add_bias(struct bias_search *s, int32_t id, const struct bias *b)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 16;
        s->found = mem_realloc(s->found, s->cap, sizeof(*s->found));
    }
    s->found[s->n++] = (struct sample_bias){
        id, b->add > -BIAS_MOST ? (float)b->add : -INFINITY};
}

static int refuse_text(const struct bias_search *s, const char *text,
                       struct err *e)
{
    struct token_list parts = {0};
    if (engine_tokenize(s->g, text, strlen(text), 0, &parts, NULL) != 0)
        parts.n = 0;
    err_set(e, ERR_CONFIG, "\"logit_bias\": \"%.64s\" is not a token of these "
            "weights, which write it as %zu tokens; see arena tokenize", text,
            parts.n);
    token_list_free(&parts);
    return -1;
}

/* A text and an entry of the list, in the order of the list. */
static int by_text(const void *key, const void *entry)
{
    const struct buf *piece = key;
    const char *token = ((const struct bias *)entry)->token;
    size_t n = strlen(token), least = n < piece->len ? n : piece->len;
    int order = memcmp(piece->data, token, least);
    return order != 0 ? order : (piece->len > n) - (piece->len < n);
}

/* All tokens that stand for exactly the text of an entry: there may be several,
 * a byte and the letter that it is.  One pass over the vocabulary, which is
 * long; entries [l->n] are marked that were found. */
static void find_texts(struct bias_search *s, const struct bias_list *l,
                       bool *found)
{
    struct buf piece;
    int32_t number;
    buf_init(&piece, 1 << 16);
    for (int32_t id = 0; id < engine_info(s->g)->n_vocab; id++) {
        buf_clear(&piece);
        engine_piece(s->g, id, true, &piece);
        const struct bias *b = piece.overflow ? NULL
                                              : bsearch(&piece, l->v, l->n,
                                                        sizeof(*b), by_text);
        if (b == NULL || bias_is_id(b, &number))
            continue;
        add_bias(s, id, b);
        found[b - l->v] = true;
    }
    buf_free(&piece);
}

static int find_number(struct bias_search *s, const struct bias *b, int32_t id,
                       struct err *e)
{
    if (id >= engine_info(s->g)->n_vocab)
        return err_set(e, ERR_CONFIG, "\"logit_bias\": there is no token "
                       "%.16s; these weights have %d", b->token,
                       engine_info(s->g)->n_vocab);
    add_bias(s, id, b);
    return 0;
}

static int find_bias(struct bias_search *s, const struct bias_list *l,
                     struct err *e)
{
    int32_t id;
    int rc = 0;
    if (l->n == 0)
        return 0;
    bool *found = mem_calloc(l->n, sizeof(*found)), texts = false;
    for (size_t i = 0; i < l->n; i++)
        texts |= !bias_is_id(&l->v[i], &id);
    if (texts)
        find_texts(s, l, found);
    for (size_t i = 0; i < l->n && rc == 0; i++) {
        if (bias_is_id(&l->v[i], &id))
            rc = find_number(s, &l->v[i], id, e);
        else if (!found[i])
            rc = refuse_text(s, l->v[i].token, e);
    }
    free(found);
    return rc;
}

struct sampler *sampling_open(const struct model *m, const struct engine *g,
                              uint64_t seed, struct err *e)
{
    struct sample_params p = params_of(m, seed);
    struct token_list breakers = {0};
    struct bias_search bias = {.g = g};
    struct sampler *s = NULL;
    if (find_bias(&bias, &m->logit_bias, e) != 0)
        goto out;
    if (p.dry_multiplier > 0)
        find_breakers(g, &breakers);
    p.bias = bias.found;
    p.n_bias = bias.n;
    p.dry_breakers = breakers.ids;
    p.n_dry_breakers = breakers.n;
    s = sampler_open(&p, engine_info(g)->n_vocab);
out:
    token_list_free(&breakers);
    free(bias.found);
    return s;
}
