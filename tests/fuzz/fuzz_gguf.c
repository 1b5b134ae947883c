/* Any bytes are a GGUF file, or one line that says why not; what is accepted
 * can be read to the last byte. */
#include "tests/fuzz/fuzz.h"

#include "backends/engine/file/gguf.h"

static volatile unsigned sum;

static void touch(const struct gguf_tensor *t)
{
    FUZZ_CHECK(t->n_dims >= 1 && t->n_dims <= GGUF_MAX_DIMS);
    if (t->n_bytes > 0)
        sum += t->data[0] + t->data[t->n_bytes - 1];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct gguf *g;
    struct gguf_strings words;
    struct err e = {.code = ERR_NONE};
    int fd = fuzz_file(data, size, path);
    if (gguf_open(&g, path, &e) != 0) {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
        close(fd);
        return 0;
    }
    for (size_t i = 0; i < gguf_n_tensors(g); i++)
        touch(gguf_tensor_at(g, i));
    if (gguf_get_strings(g, "tokenizer.ggml.tokens", &words))
        for (size_t i = 0; i < words.n; i++) {
            struct gguf_string s = gguf_strings_at(&words, i);
            if (s.n > 0)
                sum += (unsigned char)s.data[s.n - 1];
        }
    gguf_close(g);
    close(fd);
    return 0;
}
