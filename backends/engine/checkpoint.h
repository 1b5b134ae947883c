/* checkpoint: reads the weights files of llama2.c.
 *
 * Source of the format: karpathy/llama2.c, export.py and runq.c.  Version 0 is
 * seven integers and floats, without a magic number; versions 1 (floats) and 2
 * (int8 with a float scale for each group) begin with "24ka".  Such a file is
 * presented as what it is, a llama: the same hyperparameters and tensors,
 * under the names that they have in a GGUF file.  Immutable once open. */
#ifndef ENGINE_CHECKPOINT_H
#define ENGINE_CHECKPOINT_H

#include "backends/engine/arch.h"
#include "backends/engine/file/gguf.h"
#include "backends/engine/file/mapping.h"

struct checkpoint;

/* Whether these first bytes of a file may begin a checkpoint (of `size`
 * bytes in all) rather than a GGUF file. */
bool checkpoint_is(const unsigned char *bytes, size_t size);

/* Takes ownership of `m`, even if it fails.  0, or -1 with ERR_FORMAT. */
int checkpoint_open(struct checkpoint **out, struct mapping *m,
                    struct hparams *h, struct err *e);
void checkpoint_close(struct checkpoint *c); /* NULL is allowed */

const struct mapping *checkpoint_mapping(const struct checkpoint *c);

/* The tensors, by name or all. */
const struct gguf_tensor *checkpoint_find(const struct checkpoint *c,
                                          const char *name);
size_t checkpoint_n_tensors(const struct checkpoint *c);
const struct gguf_tensor *checkpoint_tensor_at(const struct checkpoint *c,
                                               size_t i);

/* Rows [first, first + n) of a tensor of type QUANT_Q8_F32 as blocks of that
 * type (in the file scales are apart from numbers). */
void checkpoint_blocks(const struct checkpoint *c, const struct gguf_tensor *t,
                       int first, int n, unsigned char *out);

#endif
