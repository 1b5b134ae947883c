/* Any bytes are weights, or one line that says why not; what is accepted
 * evaluates tokens to numbers, or says that it cannot.
 *
 * A llama2.c checkpoint gets a tokenizer of as many tokens as it asks for. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/engine/engine.h"
#include "backends/engine/kernels/pool.h"
#include "base/buf.h"

#define MAX_TOKENS 2000
#define N_CTX 8

static uint32_t word_at(const uint8_t *data, size_t size, size_t at)
{
    uint32_t v = 0;
    for (int i = 3; i >= 0; i--)
        v = v << 8 | (at + (size_t)i < size ? data[at + (size_t)i] : 0);
    return v;
}

static void add_word(struct buf *b, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        buf_add_char(b, (char)(v >> 8 * i));
}

/* The vocabulary size stands at 20, or behind "24ka" and a version at 28; a
 * negative one means that the output matrix is separate. */
static int tokenizer_file(const uint8_t *data, size_t size, char path[64])
{
    bool magic = size > 4 && memcmp(data, "24ka", 4) == 0;
    int32_t n = (int32_t)word_at(data, size, magic ? 28 : 20);
    n = n < 0 && n > -MAX_TOKENS ? -n : n;
    struct buf b;
    buf_init(&b, 1 << 20);
    add_word(&b, 8);
    for (int32_t i = 0; i < n && i < MAX_TOKENS; i++) {
        char text[16];
        snprintf(text, sizeof(text), "t%d", (int)i);
        add_word(&b, 0);
        add_word(&b, (uint32_t)strlen(text));
        buf_add_str(&b, text);
    }
    int fd = fuzz_file((const uint8_t *)b.data, b.len, path);
    buf_free(&b);
    return fd;
}

static void evaluate(struct engine *g)
{
    struct err e = {.code = ERR_NONE};
    struct engine_session *s;
    int n_vocab = engine_info(g)->n_vocab;
    FUZZ_CHECK(n_vocab > 0);
    if (engine_session_open(&s, g, N_CTX, ENGINE_KV_F16, &e) != 0) {
        FUZZ_CHECK(e.code != ERR_NONE);
        return;
    }
    const int32_t ids[] = {0, n_vocab - 1, n_vocab / 2};
    struct engine_feed feeds[] = {{s, ids, 3, NULL}, {s, ids, 1, NULL}};
    for (int i = 0; i < 2; i++) {
        if (engine_eval(g, &feeds[i], 1, &e) != 0) {
            FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
            break;
        }
        const float *logits = engine_session_logits(s);
        for (int k = 0; k < n_vocab; k++)
            FUZZ_CHECK(logits[k] == logits[k]);
    }
    engine_session_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pool *pool;
    if (pool == NULL)
        pool = pool_open(1);
    char path[64], words[64];
    struct err e = {.code = ERR_NONE};
    struct engine *g;
    int fd = fuzz_file(data, size, path);
    int words_fd = tokenizer_file(data, size, words);
    struct engine_options options = {.pool = pool, .tokenizer_path = words};
    if (engine_open(&g, path, &options, &e) == 0) {
        evaluate(g);
        engine_close(g);
    } else {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
    }
    close(fd);
    close(words_fd);
    return 0;
}
