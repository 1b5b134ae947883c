/* The tokenizer.bin beside a llama2.c checkpoint: SentencePiece texts with
 * their scores, and spaces as spaces.
 * Source: karpathy/llama2.c, tokenizer.py (export) and run.c. */
#include "backends/engine/tokenizer/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/file/cursor.h"
#include "base/mem.h"
#include "base/path.h"

#define MAX_FILE_BYTES (64u << 20)
#define MAX_TOKEN_BYTES 4096 /* the largest real one has 48 */

/* In this format the first ids are fixed. */
enum { LLAMA2C_UNKNOWN, LLAMA2C_BOS, LLAMA2C_EOS };

static enum token_type type_of(int id, const char *text, size_t n)
{
    if (id == LLAMA2C_UNKNOWN)
        return TOKEN_UNKNOWN;
    if (id == LLAMA2C_BOS || id == LLAMA2C_EOS)
        return TOKEN_CONTROL;
    return spm_byte_of(text, n) >= 0 ? TOKEN_BYTE : TOKEN_NORMAL;
}

/* The next token, its spaces written as SentencePiece does. */
static int read_token(struct cursor *c, int id, struct vocab *v,
                      const char *path, struct err *e)
{
    float score = cursor_f32(c);
    uint32_t n = cursor_u32(c);
    if (!c->bad && n > MAX_TOKEN_BYTES)
        return err_set(e, ERR_FORMAT, "%s: token %d is %u bytes long; is it a "
                       "llama2.c tokenizer?", path, id, (unsigned)n);
    const unsigned char *p = cursor_take(c, n);
    if (p == NULL)
        return err_set(e, ERR_FORMAT, "%s: ends in token %d; the model has "
                       "more", path, id);
    if (isnan(score))
        return err_set(e, ERR_FORMAT, "%s: the score of token %d is not a "
                       "number", path, id);
    const char *text = (const char *)p;
    struct buf b;
    buf_init(&b, 3 * (size_t)n);
    for (uint32_t i = 0; i < n; i++) {
        if (text[i] == ' ')
            buf_add_utf8(&b, 0x2581);
        else
            buf_add_char(&b, text[i]);
    }
    vocab_add(v, b.data, b.len, score, type_of(id, text, n));
    buf_free(&b);
    return 0;
}

static int read_tokens(struct tokenizer *t, const struct buf *file,
                       const char *path, int n_vocab, struct err *e)
{
    struct cursor c = cursor_of(file->data, file->len);
    cursor_u32(&c); /* the longest token: we count for ourselves */
    /* A token takes at least 8 bytes, and a space grows to 3. */
    if ((size_t)n_vocab > file->len / 8)
        return err_set(e, ERR_FORMAT, "%s: too small for the model's %d "
                       "tokens", path, n_vocab);
    if (vocab_init(&t->vocab, (size_t)n_vocab, 3 * file->len, e) != 0)
        return err_wrap(e, "%s", path);
    for (int i = 0; i < n_vocab; i++)
        if (read_token(&c, i, &t->vocab, path, e) != 0)
            return -1;
    if (cursor_left(&c) > 0)
        return err_set(e, ERR_FORMAT, "%s: has more tokens than the model's "
                       "%d; it belongs to another model", path, n_vocab);
    return 0;
}

int tokenizer_open_llama2c(struct tokenizer **out, const char *path,
                           int n_vocab, struct err *e)
{
    struct tokenizer *t = mem_calloc(1, sizeof(*t));
    t->kind = &tokenizer_spm;
    t->unknown = LLAMA2C_UNKNOWN;
    t->bos = LLAMA2C_BOS;
    t->eos = LLAMA2C_EOS;
    t->add_bos = t->add_space = true;
    struct buf file;
    buf_init(&file, MAX_FILE_BYTES);
    int rc = -1;
    struct err why;
    if (path_read_file(&file, path, ERR_BACKEND, &why) != 0)
        err_set(e, ERR_BACKEND, "%s; a llama2.c checkpoint needs its "
                "tokenizer file (--tokenizer FILE)", why.text);
    else if (n_vocab <= LLAMA2C_EOS)
        err_set(e, ERR_FORMAT, "%s: for a model of %d tokens", path, n_vocab);
    else
        rc = read_tokens(t, &file, path, n_vocab, e);
    buf_free(&file);
    if (rc == 0)
        rc = spm_find_bytes(t, path, e);
    if (rc != 0) {
        tokenizer_close(t);
        return -1;
    }
    tokenizer_find_specials(t);
    /* These models separate stories by the begin token. */
    t->vocab.tokens[LLAMA2C_BOS].is_end = true;
    *out = t;
    return 0;
}
