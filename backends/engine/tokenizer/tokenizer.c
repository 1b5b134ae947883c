#include "backends/engine/tokenizer/private.h"

#include <limits.h>
#include <stdlib.h>

#include "base/mem.h"

/* Texts are prompts and files for perplexity; positions in them are 32 bits. */
#define MAX_TEXT_BYTES (256u << 20)

void tokenizer_close(struct tokenizer *t)
{
    if (t == NULL)
        return;
    vocab_free(&t->vocab);
    vocab_sorted_free(&t->specials);
    vocab_sorted_free(&t->pieces);
    charsmap_close(t->charsmap);
    splitter_close(t->splitter);
    free(t->merges);
    free(t->merge_slots);
    free(t);
}

int tokenizer_n_vocab(const struct tokenizer *t)
{
    return (int)t->vocab.n;
}

struct tokenizer_ends tokenizer_ends(const struct tokenizer *t)
{
    return (struct tokenizer_ends){t->bos, t->eos, t->add_bos};
}

bool tokenizer_adds_space(const struct tokenizer *t)
{
    return t->add_space;
}

/* How many bytes from `at` on are not foreign.  *next is the first foreign
 * part that does not end before `at`; it moves along with the text. */
static size_t own_bytes(const struct foreign *foreign, size_t n_foreign,
                        size_t *next, size_t at)
{
    while (*next < n_foreign && foreign[*next].to <= at)
        (*next)++;
    if (*next == n_foreign)
        return SIZE_MAX;
    return foreign[*next].from > at ? foreign[*next].from - at : 0;
}

int tokenizer_encode(const struct tokenizer *t, const char *text, size_t n,
                     const struct foreign *foreign, size_t n_foreign,
                     unsigned flags, struct token_list *out, struct err *e)
{
    if (n > MAX_TEXT_BYTES)
        return err_set(e, ERR_FORMAT, "a text of %zu bytes is too long to "
                       "tokenize", n);
    bool special = (flags & TOKENIZE_SPECIAL) != 0;
    struct merger m = {0};
    size_t next = 0, from = 0;
    int rc = 0;
    if ((flags & TOKENIZE_BOS) && t->add_bos && t->bos >= 0)
        token_list_add(out, t->bos);
    for (size_t at = 0; at < n && rc == 0;) {
        size_t own = own_bytes(foreign, n_foreign, &next, at);
        int32_t id = tokenizer_match_special(
            t, text + at, n - at, special ? own : 0,
            next < n_foreign ? foreign[next].barred : NULL);
        if (id < 0) {
            at++;
            continue;
        }
        const struct token *token = &t->vocab.tokens[id];
        size_t len = at - from;
        if (token->lstrip)
            len = tokenizer_drop_blanks(text + from, len);
        if (len > 0)
            rc = t->kind->encode(t, &m, text + from, len, out, e);
        token_list_add(out, id);
        at += token->n;
        if (token->rstrip)
            at += tokenizer_skip_blanks(text + at, n - at);
        from = at;
    }
    if (rc == 0 && n > from)
        rc = t->kind->encode(t, &m, text + from, n - from, out, e);
    if (rc == 0 && (flags & TOKENIZE_EOS) && t->add_eos && t->eos >= 0)
        token_list_add(out, t->eos);
    merger_free(&m);
    return rc;
}

void tokenizer_name(const struct tokenizer *t, int32_t id, struct buf *out)
{
    if (id < 0 || (size_t)id >= t->vocab.n)
        return;
    size_t n;
    const char *text = vocab_text(&t->vocab, id, &n);
    buf_add(out, text, n);
}

void tokenizer_piece(const struct tokenizer *t, int32_t id, bool special,
                     struct buf *out)
{
    if (id < 0 || (size_t)id >= t->vocab.n)
        return;
    switch (t->vocab.tokens[id].type) {
    case TOKEN_CONTROL:
    case TOKEN_UNKNOWN:
        if (special)
            tokenizer_name(t, id, out);
        break;
    case TOKEN_USER: tokenizer_name(t, id, out); break;
    default: t->kind->piece(t, id, out);
    }
}

bool tokenizer_is_end(const struct tokenizer *t, int32_t id)
{
    return id >= 0 && (size_t)id < t->vocab.n && t->vocab.tokens[id].is_end;
}
