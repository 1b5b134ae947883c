/* infer: direct use of a weights file, without a battle.
 *
 * What `arena generate`, `tokenize` and `perplexity` do with a weights file:
 * tokens, log-probabilities, likelihood of a text.  Everything runs in the
 * calling thread (and the engine's kernel threads) and returns when it is done.
 * A struct infer belongs to one thread. */
#ifndef BACKENDS_LOCAL_INFER_H
#define BACKENDS_LOCAL_INFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/backend.h"
#include "backends/engine/sampling/sample.h"
#include "backends/engine/tokenizer/tokens.h"
#include "backends/model.h"
#include "base/buf.h"
#include "base/err.h"

struct infer;

/* Loads m->file (m->tokenizer beside a llama2.c checkpoint).  n_threads 0: all
 * cores.  m must outlive it and says how text is written and sampled.  0, or
 * -1 with ERR_BACKEND. */
int infer_open(struct infer **out, const struct model *m, int n_threads,
               struct err *e);

/* The same on the kernel threads of another, which must outlive it.  So two
 * models that answer at once share them. */
int infer_open_beside(struct infer **out, const struct model *m,
                      const struct infer *other, struct err *e);

/* The same without the parameters, in a fraction of the time: for the calls
 * under "tokens" only. */
int infer_open_words(struct infer **out, const struct model *m,
                     struct err *e);
void infer_close(struct infer *f); /* NULL is allowed */

/* How many kernel threads it has; and the engine underneath, for what else this
 * folder does with one (backends/local/speed.c): borrowed. */
struct engine;
int infer_n_threads(const struct infer *f);
struct engine *infer_engine(struct infer *f);
/* Opens a session of the model, as engine_session_open. */
struct engine_session;
int infer_open_session(struct engine_session **out, struct infer *f, int n_ctx,
                       struct err *e);

/* The tokens of the longest pass that may keep all its logits: 32 MiB of them,
 * or 8 tokens. */
size_t infer_pass_tokens(const struct infer *f);

/* Which of the engine's kernels run on this processor: "avx2", "scalar", … */
const char *infer_kernels(void);

/* --- tokens ------------------------------------------------------------ */

/* Tokens around a text, if the file asks for them. */
enum infer_ends {
    INFER_NO_ENDS,
    INFER_BEGIN,    /* the begin token: the model continues the text */
    INFER_BOTH_ENDS /* and the end token: it is whole */
};

/* Appends the ids of text[0..n).  special: names of control tokens are
 * parsed. */
int infer_tokenize(const struct infer *f, const char *text, size_t n,
                   bool special, enum infer_ends ends, struct token_list *out,
                   struct err *e);

/* 0, or -1 with ERR_USAGE for an id outside the vocabulary. */
int infer_check_ids(const struct infer *f, const struct token_list *l,
                    struct err *e);

/* Appends the bytes of ids, control tokens by name. */
void infer_decode(const struct infer *f, const struct token_list *l,
                  struct buf *out);

/* Writes a conversation by the model's template: its text, and the ids that
 * are evaluated (no content becomes a control token).  Both are appended to;
 * sent may be NULL.  clock: as in struct request. */
int infer_render(const struct infer *f, const struct message *messages,
                 size_t n, bool generation_prompt, int64_t clock,
                 struct buf *text, struct token_list *sent, struct err *e);

/* Appends which template the model's weights are used with, and what it does
 * that is not in the messages; reads only the head of the file.  0, or -1 with
 * ERR_BACKEND or, for a template that cannot be used, ERR_CONFIG. */
int infer_describe_template(const struct model *m, struct buf *out,
                            struct err *e);

/* --- generating -------------------------------------------------------- */

/* What the model thought of one token, before any sampling setting. */
struct infer_logprob {
    struct token_logprob token;
    size_t n_top;
    struct token_logprob *top; /* [n_top] the likeliest, best first */
};

struct infer_request {
    const struct token_list *prompt;
    int max_tokens;
    int n_ctx;      /* tokens of context; 0: as many as it takes */
    uint64_t seed;
    int n_top;      /* likeliest tokens to note for each; -1: no logprobs */
    bool echo;      /* logprobs of the prompt's tokens, but the first, too */
    const char *schema; /* JSON Schema that the answer must have the form of
                       (backends/engine/sampling/constrain.h); NULL: any text */
    bool raw;       /* the prompt is the start of the text: it is part of the
                       text that comes out, and of max_tokens */
    /* Takes text as it comes, whole characters; false to stop.  NULL: none. */
    bool (*piece)(void *arg, const char *bytes, size_t n);
    void *arg;
};

/* An answer, whoever made it: a server tells no ids and no logprobs. */
struct infer_result {
    struct buf text;
    struct token_list ids; /* that were generated, the end token left out */
    struct infer_logprob *logprobs; /* [n_logprobs] */
    size_t n_logprobs;
    struct answer_end end;
};
void infer_result_init(struct infer_result *r);
void infer_result_free(struct infer_result *r);

/* Fills *out, which the caller has made ready and frees.  0 or -1. */
int infer_generate(struct infer *f, const struct infer_request *rq,
                   struct infer_result *out, struct err *e);

/* What a pass read for one of several requests. */
struct infer_pass {
    size_t request;                 /* its number */
    const struct token_list *tokens; /* prompt and answer so far */
    const float *logits;            /* [n_vocab] of what follows them */
};

/* Is told of each pass (but those of prompts with echo) before the next tokens
 * are chosen.  -1, with *e: the answers end here. */
struct infer_watch {
    int (*passed)(void *arg, const struct infer_pass *list, size_t n,
                  struct err *e);
    void *arg;
};

/* The same for n > 0 requests at once: every answer is the one that it would be
 * alone, and a pass reads the weights once for all of them.  What all prompts
 * begin with is read once.  watch may be NULL.  Times are those of the whole:
 * an answer that waits for others seems slow.  0 or -1. */
int infer_generate_together(struct infer *f, const struct infer_request *rq,
                            size_t n, struct infer_result *out,
                            const struct infer_watch *watch, struct err *e);

/* The context that a request takes: its own, or as many tokens as it needs, as
 * far as the model was trained. */
int infer_context(const struct infer *f, const struct infer_request *rq);

/* Opens sessions for n > 0 requests.  All hold what the prompts begin with, if
 * they can share it: engine_session_length tells.  The caller closes out[n],
 * which begins as NULLs, also after -1. */
int infer_open_together(struct engine_session **out, struct infer *f,
                        const struct infer_request *rq, size_t n,
                        struct err *e);

/* --- likelihood -------------------------------------------------------- */

struct infer_likelihood {
    double mean_nll; /* nats a token */
    size_t n_text_tokens, n_chunks, n_scored;
};

/* Cuts text[0..n) into consecutive chunks of n_ctx tokens (n_ctx - 1 after a
 * begin token, if the file asks for one), evaluates each from an empty
 * cache, and averages over the predictions of positions 1 to n_ctx - 1; a
 * remainder is dropped.  progress (may be NULL) is told after each chunk and
 * returns false to stop: then -1 with ERR_INTERRUPTED.  -1 with ERR_USAGE for a
 * text shorter than a chunk. */
int infer_perplexity(struct infer *f, const char *text, size_t n, int n_ctx,
                     bool (*progress)(void *arg, size_t done, size_t all),
                     void *arg, struct infer_likelihood *out, struct err *e);

#endif
