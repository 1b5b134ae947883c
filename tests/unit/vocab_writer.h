/* Writes vocabularies for tests as GGUF files: tokens, merges and keys. */
#ifndef TESTS_VOCAB_WRITER_H
#define TESTS_VOCAB_WRITER_H

#include "base/mem.h"
#include "base/utf8.h"
#include "tests/unit/gguf_writer.h"

enum { V_NORMAL = 1, V_UNKNOWN, V_CONTROL, V_USER, V_UNUSED, V_BYTE };

struct v_word {
    const char *text;
    int type;
    float score;
};

#define MAX_WORDS 400

/* A file in the making: its tokens, merges, and other keys. */
struct vocab_file {
    struct v_word words[MAX_WORDS];
    size_t n_words;
    const char *merges[40];
    size_t n_merges;
    bool has_merges;
    struct buf more; /* keys, n_more of them */
    int n_more;
    char letters[256][8];
};

static inline void v_word(struct vocab_file *f, const char *text, int type,
                          float score)
{
    f->words[f->n_words++] = (struct v_word){text, type, score};
}

static inline void v_string(struct vocab_file *f, const char *key,
                            const char *value)
{
    w_kv_string(&f->more, key, value);
    f->n_more++;
}

static inline void v_u32(struct vocab_file *f, const char *key, uint32_t value)
{
    w_kv_u32(&f->more, key, value);
    f->n_more++;
}

static inline void v_bool(struct vocab_file *f, const char *key, bool value)
{
    w_key(&f->more, key, W_BOOL);
    w_bytes(&f->more, value, 1);
    f->n_more++;
}

static inline void v_bytes(struct vocab_file *f, const char *key,
                           const void *bytes, size_t n)
{
    w_kv_array(&f->more, key, W_U8, n);
    buf_add(&f->more, bytes, n);
    f->n_more++;
}

static inline void v_write(const struct vocab_file *f, struct buf *b)
{
    w_header(b, 0, (uint64_t)f->n_more + 3 + f->has_merges);
    w_kv_array(b, "tokenizer.ggml.tokens", W_STRING, f->n_words);
    for (size_t i = 0; i < f->n_words; i++)
        w_string(b, f->words[i].text);
    w_kv_array(b, "tokenizer.ggml.scores", W_F32, f->n_words);
    for (size_t i = 0; i < f->n_words; i++)
        w_f32(b, f->words[i].score);
    w_kv_array(b, "tokenizer.ggml.token_type", W_I32, f->n_words);
    for (size_t i = 0; i < f->n_words; i++)
        w_bytes(b, (uint64_t)f->words[i].type, 4);
    if (f->has_merges) {
        w_kv_array(b, "tokenizer.ggml.merges", W_STRING, f->n_merges);
        for (size_t i = 0; i < f->n_merges; i++)
            w_string(b, f->merges[i]);
    }
    buf_add(b, f->more.data, f->more.len);
}

/* Byte-level BPE: ids 0 to 255 are the bytes.  GPT-2's alphabet, written down
 * here a second time. */
static inline struct vocab_file *v_begin_bpe(const char *pre)
{
    struct vocab_file *f = mem_calloc(1, sizeof(*f));
    buf_init(&f->more, 1 << 16);
    unsigned next = 256;
    for (unsigned b = 0; b < 256; b++) {
        bool as_is = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) ||
                     b >= 0xAE;
        utf8_encode(as_is ? b : next++, f->letters[b]);
        v_word(f, f->letters[b], V_NORMAL, 0);
    }
    f->has_merges = true;
    v_string(f, "tokenizer.ggml.model", "gpt2");
    v_string(f, "tokenizer.ggml.pre", pre);
    return f;
}

static inline void v_merge(struct vocab_file *f, const char *merge,
                           const char *joined)
{
    f->merges[f->n_merges++] = merge;
    v_word(f, joined, V_NORMAL, 0);
}

/* SentencePiece: <unk> <s> </s>, then the bytes from id 3 on. */
static inline struct vocab_file *v_begin_spm(void)
{
    struct vocab_file *f = mem_calloc(1, sizeof(*f));
    buf_init(&f->more, 1 << 16);
    v_word(f, "<unk>", V_UNKNOWN, 0);
    v_word(f, "<s>", V_CONTROL, 0);
    v_word(f, "</s>", V_CONTROL, 0);
    for (int b = 0; b < 256; b++) {
        snprintf(f->letters[b], sizeof(f->letters[b]), "<0x%02X>", b);
        v_word(f, f->letters[b], V_BYTE, 0);
    }
    v_string(f, "tokenizer.ggml.model", "llama");
    return f;
}

static inline void v_free(struct vocab_file *f)
{
    buf_free(&f->more);
    free(f);
}

#endif
