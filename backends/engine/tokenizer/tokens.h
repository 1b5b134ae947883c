/* tokens: lists of token ids, and how a text is turned into one.
 *
 * Whoever owns a list frees it.  Pure. */
#ifndef BACKENDS_ENGINE_TOKENIZER_TOKENS_H
#define BACKENDS_ENGINE_TOKENIZER_TOKENS_H

#include <stddef.h>
#include <stdint.h>

struct token_list {
    int32_t *ids; /* n of them, owned by the struct's owner */
    size_t n, cap;
};
void token_list_add(struct token_list *l, int32_t id);
void token_list_free(struct token_list *l);
/* How many tokens both begin with. */
size_t token_list_common(const struct token_list *a,
                         const struct token_list *b);
/* How many of `ids` (at least one) need not be read after those of `held`: the
 * common prefix, but not the last of ids, whose logits are wanted. */
size_t token_list_known(const struct token_list *ids,
                        const struct token_list *held);

enum tokenize_flags {
    TOKENIZE_SPECIAL = 1, /* names of control tokens in the text are parsed;
                             never for text that a person or model wrote */
    TOKENIZE_BOS = 2,     /* the begin token, if the file asks */
    TOKENIZE_EOS = 4,     /* the end token, if the file asks */
};

#endif
