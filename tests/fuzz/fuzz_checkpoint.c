/* Any bytes are a llama2.c checkpoint, or one line that says why not; what is
 * accepted can be read to the last byte, and row by row where it is quantized.
 * (How such weights evaluate is part of fuzz_engine.) */
#include "tests/fuzz/fuzz.h"

#include "backends/engine/checkpoint.h"
#include "backends/engine/kernels/quant.h"

static volatile unsigned sum;

static void touch(const struct checkpoint *c, const struct gguf_tensor *t)
{
    static unsigned char blocks[1 << 20];
    uint64_t row_bytes = t->dims[0] / 32 * (4 + 32);
    int n_rows = (int)t->dims[1];
    FUZZ_CHECK(t->n_dims >= 1 && t->n_dims <= GGUF_MAX_DIMS);
    if (t->n_bytes > 0)
        sum += t->data[0] + t->data[t->n_bytes - 1];
    if ((unsigned)t->type != QUANT_Q8_F32 || row_bytes > sizeof(blocks))
        return;
    checkpoint_blocks(c, t, 0, 1, blocks);
    checkpoint_blocks(c, t, n_rows - 1, 1, blocks);
    sum += blocks[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct mapping *m;
    struct checkpoint *c;
    struct hparams h;
    struct err e = {.code = ERR_NONE};
    int fd = fuzz_file(data, size, path);
    if (mapping_open(&m, path, &e) == 0 &&
        checkpoint_open(&c, m, &h, &e) == 0) {
        FUZZ_CHECK(arch_check(&h, path, &e) == 0 || e.code == ERR_FORMAT);
        for (size_t i = 0; i < checkpoint_n_tensors(c); i++)
            touch(c, checkpoint_tensor_at(c, i));
        checkpoint_close(c);
    } else {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
    }
    close(fd);
    return 0;
}
