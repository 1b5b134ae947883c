/* A vocabulary and a text, both out of the bytes: what is accepted tokenizes
 * any text, loses none of it, and makes no control token of it.
 *
 *     b gpt-2          kind: b byte-level BPE with its pre-tokenizer,
 *                      s SentencePiece BPE, u unigram, U the same with spaces
 *                      trimmed
 *     1 ab             a token: its type and text
 *     +a b             a merge; in a unigram what follows + is its table of
 *                      replacements
 *     =the text, to the end
 *
 * What begins otherwise is a whole file: llama2.c's tokenizer.bin after an L,
 * else a GGUF. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/engine/tokenizer/tokenizer.h"
#include "tests/unit/vocab_writer.h"

#define MAX_LINES 64

/* --- what holds for every tokenizer ------------------------------------ */

/* Space and U+2581 are the same to SentencePiece.  Returns whether the latter
 * was there. */
static bool add_as_spaces(struct buf *out, const char *s, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        bool space = n - i >= 3 && memcmp(s + i, "\xE2\x96\x81", 3) == 0;
        buf_add_char(out, space ? ' ' : s[i]);
        i += space ? 2 : 0;
        any |= space;
    }
    return any;
}

static void check_kept(const struct tokenizer *t, const struct token_list *l,
                       const char *text, size_t n)
{
    struct buf pieces, have, want;
    buf_init(&want, 1 << 24);
    if (add_as_spaces(&want, text, n) && tokenizer_adds_space(t)) {
        buf_free(&want); /* not kept, by the definition of this kind */
        return;
    }
    buf_init(&pieces, 1 << 24);
    buf_init(&have, 1 << 24);
    for (size_t i = 0; i < l->n; i++)
        tokenizer_piece(t, l->ids[i], false, &pieces);
    if (tokenizer_adds_space(t)) {
        add_as_spaces(&have, pieces.data, pieces.len);
    } else {
        buf_add(&have, pieces.data, pieces.len);
        buf_clear(&want);
        buf_add(&want, text, n);
    }
    /* A space may stand before each part that follows a user-defined token, so
     * with those only the order of the other bytes is compared. */
    size_t k = 0;
    for (size_t i = 0; i < have.len; i++) {
        if (k < want.len && have.data[i] == want.data[k])
            k++;
        else
            FUZZ_CHECK(tokenizer_adds_space(t) && have.data[i] == ' ');
    }
    FUZZ_CHECK(k == want.len);
    buf_free(&pieces);
    buf_free(&have);
    buf_free(&want);
}

static void check_text(const struct tokenizer *t, const char *text, size_t n,
                       bool all_bytes)
{
    struct foreign middle = {n / 3, n - n / 3, NULL};
    for (unsigned flags = 0; flags < 8; flags++) {
        struct token_list l = {0};
        struct err e = {.code = ERR_NONE};
        int rc = tokenizer_encode(t, text, n, &middle, flags & 1, flags, &l,
                                  &e);
        FUZZ_CHECK(rc == 0 || (e.code != ERR_NONE && !all_bytes));
        for (size_t i = 0; i < l.n; i++)
            FUZZ_CHECK(l.ids[i] >= 0 && l.ids[i] < tokenizer_n_vocab(t));
        if (flags == 0 && all_bytes)
            check_kept(t, &l, text, n);
        token_list_free(&l);
    }
    struct buf piece;
    buf_init(&piece, 1 << 24);
    for (int id = -1; id <= tokenizer_n_vocab(t) && id < 1000; id++) {
        tokenizer_piece(t, id, true, &piece);
        tokenizer_is_end(t, id);
    }
    buf_free(&piece);
}

static struct tokenizer *open_gguf(const uint8_t *data, size_t size)
{
    char path[64];
    struct gguf *g = NULL;
    struct tokenizer *t = NULL;
    struct err e = {.code = ERR_NONE};
    int fd = fuzz_file(data, size, path);
    if (gguf_open(&g, path, &e) != 0 || tokenizer_open(&t, g, &e) != 0) {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
        t = NULL;
    }
    gguf_close(g);
    close(fd);
    return t;
}

/* --- vocabularies by line ---------------------------------------------- */

/* The next line as a string of its own, or NULL where the text begins. */
static char *next_line(const char **p, const char *end)
{
    if (*p == end || **p == '=')
        return NULL;
    const char *stop = memchr(*p, '\n', (size_t)(end - *p));
    size_t n = (size_t)((stop ? stop : end) - *p);
    char *line = mem_strndup(*p, n);
    *p = stop ? stop + 1 : end;
    return line;
}

/* The vocabulary of the other kind of SentencePiece, read as this one. */
static void become_unigram(struct vocab_file *f, bool trim)
{
    buf_clear(&f->more);
    f->n_more = 0;
    v_string(f, "tokenizer.ggml.model", "t5");
    v_bool(f, "tokenizer.ggml.add_space_prefix", trim);
    v_bool(f, "tokenizer.ggml.remove_extra_whitespaces", trim);
}

static void by_line(const char *p, const char *end)
{
    char *lines[MAX_LINES] = {next_line(&p, end)};
    int n = 1;
    char kind = lines[0][0];
    const char *pre = strlen(lines[0]) > 2 ? lines[0] + 2 : "gpt-2";
    struct vocab_file *f = kind == 'b' ? v_begin_bpe(pre) : v_begin_spm();
    if (kind == 'u' || kind == 'U')
        become_unigram(f, kind == 'U');
    while (n < MAX_LINES && (lines[n] = next_line(&p, end)) != NULL) {
        const char *line = lines[n++];
        if (line[0] == '+' && (kind == 'u' || kind == 'U'))
            v_bytes(f, "tokenizer.ggml.precompiled_charsmap", line + 1,
                    strlen(line + 1));
        else if (line[0] == '+' && f->n_merges < 40)
            f->merges[f->n_merges++] = line + 1;
        else if (line[0] != '\0' && line[1] == ' ')
            v_word(f, line + 2, line[0] - '0', (float)line[2]);
    }
    struct buf b;
    buf_init(&b, 1 << 20);
    v_write(f, &b);
    struct tokenizer *t = open_gguf((const uint8_t *)b.data, b.len);
    if (t != NULL) {
        p += p < end;
        check_text(t, p, (size_t)(end - p), kind == 'b' || kind == 's');
    }
    tokenizer_close(t);
    buf_free(&b);
    v_free(f);
    while (n-- > 0)
        free(lines[n]);
}

static void whole_llama2c(const uint8_t *data, size_t size)
{
    char path[64];
    struct tokenizer *t;
    struct err e = {.code = ERR_NONE};
    int fd = fuzz_file(data + 1, size - 1, path);
    if (tokenizer_open_llama2c(&t, path, data[0], &e) == 0) {
        check_text(t, "A text <0x41>, \xFF\n", 17, false);
        tokenizer_close(t);
    } else {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    if (size > 0 && memchr("bsuU", data[0], 4) != NULL) {
        by_line(p, p + size);
    } else if (size > 1 && data[0] == 'L') {
        whole_llama2c(data + 1, size - 1);
    } else {
        struct tokenizer *t = open_gguf(data, size);
        if (t != NULL)
            check_text(t, "A text <0x41>, \xFF\n", 17, false);
        tokenizer_close(t);
    }
    return 0;
}
