/* engine: the in-process engine behind one header.
 *
 * An engine is a weights file that is loaded: parameters, tokenizer, chat
 * template.  It is immutable once open and shared by every session on it.
 * A session is one timeline: the tokens evaluated so far and their KV cache.
 * engine_eval runs one forward pass over any number of sessions of one engine,
 * so answers that share weights share the reading of them.
 *
 * Ownership: whoever opens an engine or session closes it, sessions before
 * their engine, the engine before its pool.
 * Threads: one thread at a time calls engine_eval on the sessions of a pool
 * (that is backends/local's engine thread); engine_open may run on another.
 * The pure calls (info, tokenize, render) may come from any thread. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/chat/message.h"
#include "backends/engine/tokenizer/tokens.h"
#include "base/buf.h"
#include "base/err.h"

struct engine;
struct engine_session;
struct pool;

struct engine_options {
    struct pool *pool;          /* kernel threads, borrowed; NULL only with
                                   words_only */
    bool words_only;            /* only the text half: no parameters are read,
                                   and no session can be opened */
    const char *tokenizer_path; /* for llama2.c checkpoints; NULL: tokenizer.bin
                                   beside the file */
};

/* What a weights file says of itself. */
struct engine_info {
    char arch[32];     /* "llama", "gemma3", … ; "llama2.c" for checkpoints */
    char quant[32];    /* the type of most parameters: "Q4_1" */
    int n_vocab, n_ctx_train, n_layers, n_embd;
    uint64_t n_params;
    size_t file_bytes;
    int bos, eos;      /* token ids, -1 if there is none */
    bool add_bos;      /* the file asks for a begin token */
    bool guesses_words; /* the file does not say how text is cut into words */
    bool lacks_template; /* it calls itself tuned to answer (instruct, chat),
                            and has no chat template */
};

/* Loads a GGUF file or llama2.c checkpoint (told apart by content).
 * 0, or -1 with ERR_BACKEND: a file that cannot be used is one that cannot
 * answer, whether it is missing, damaged, or of an architecture that is not
 * known.  The text says what, where, what to do. */
int engine_open(struct engine **out, const char *path,
                const struct engine_options *options, struct err *e);

/* Checks the head of a file: its metadata, its architecture, its list of
 * tensors against the file's length, and (unless `how` is NULL) the template
 * that it would be used with.  It takes milliseconds and loads nothing.
 * tokenizer_path as in the options.  Of *info (or NULL) guesses_words
 * and lacks_template are filled.  0 or -1 as engine_open, or for the template
 * as engine_describe_template. */
int engine_check(const char *path, const char *tokenizer_path,
                 const struct rendering *how, struct engine_info *info,
                 struct err *e);
void engine_close(struct engine *g); /* NULL is allowed */
const struct engine_info *engine_info(const struct engine *g);

/* --- text and tokens --------------------------------------------------- */

/* Appends the ids of text[0..n) (any bytes) to out.  0, or -1 with ERR_FORMAT
 * for text that no token covers. */
int engine_tokenize(const struct engine *g, const char *text, size_t n,
                    unsigned flags, struct token_list *out, struct err *e);

/* Appends the bytes of one token (control tokens: nothing, unless `special`).
 * An id outside the vocabulary adds nothing. */
void engine_piece(const struct engine *g, int32_t id, bool special,
                  struct buf *out);

/* Whether tokenizing puts a space in front of a text.  Then the first space of
 * a decoded text is not the text's own. */
bool engine_adds_space(const struct engine *g);

/* Whether generation ends at this token: the file or its vocabulary says so, or
 * a template that was used writes it after an answer. */
bool engine_is_end(const struct engine *g, int32_t id);

/* Writes a conversation (the weights have no template and none is named: the
 * plain contents joined, as a base model completes them).  Appends the text to
 * *text and its ids to *ids; either may be NULL.
 * 0, or -1 with ERR_CONFIG for a template that is not known or cannot be used
 * (the message says where, why, and which key to set), or with ERR_FORMAT for
 * messages that the template refuses. */
int engine_render(const struct engine *g, const struct rendering *how,
                  const struct message *messages, size_t n, struct buf *text,
                  struct token_list *ids, struct err *e);

/* Appends which template the weights of a file would be used with, and what it
 * does that is not in the messages.  Reads only the file's head.  0, or -1 as
 * engine_open and engine_render. */
int engine_describe_template(const char *path, const struct rendering *how,
                             struct buf *out, struct err *e);

/* --- adapters ----------------------------------------------------------- */

struct engine_adapter;

/* Loads a LoRA adapter (GGUF) for the matrices of g, which must outlive it.
 * 0, or -1 with ERR_BACKEND: a file that is no adapter or is damaged, one for
 * another model, or for what cannot be adapted here (experts, norms, and the
 * embedding of a model whose head is the same matrix). */
int engine_adapter_open(struct engine_adapter **out, const struct engine *g,
                        const char *path, struct err *e);

/* Checks the head of an adapter's file, without the model that it is for: it
 * takes milliseconds.  0, or -1 as engine_adapter_open. */
int engine_adapter_check(const char *path, struct err *e);
void engine_adapter_close(struct engine_adapter *a); /* NULL is allowed */

/* One that takes part in a timeline, and how much. */
struct engine_adapted {
    const struct engine_adapter *adapter;
    float scale;
};

/* --- sessions ---------------------------------------------------------- */

/* What keys and values are kept in: 16 bits, or 8 with scales, which take half
 * the memory and the reading. */
enum engine_kv { ENGINE_KV_F16, ENGINE_KV_Q8 };

/* Opens a timeline of at most n_ctx tokens (0: the file's training context, at
 * most 4096).  Memory is taken as the tokens come.  0, or -1 with ERR_BACKEND
 * for a context that is not possible, or heads that kv cannot keep. */
int engine_session_open(struct engine_session **out, struct engine *g,
                        int n_ctx, enum engine_kv kv, struct err *e);
void engine_session_close(struct engine_session *s); /* NULL is allowed */

/* Has these adapters of its engine, which must outlive the session, take part
 * in an empty one.  Sessions with different adapters, or none, share a pass. */
void engine_session_adapt(struct engine_session *s,
                          const struct engine_adapted *list, size_t n);
/* Whether exactly these do. */
bool engine_session_is_adapted(const struct engine_session *s,
                               const struct engine_adapted *list, size_t n);
/* Whether two sessions that hold the same tokens hold the same numbers. */
bool engine_session_is_alike(const struct engine_session *a,
                             const struct engine_session *b);

/* Forgets everything after the first n_past tokens (0 to start over). */
void engine_session_rewind(struct engine_session *s, int n_past);
/* Makes `to` hold the first n tokens of `from`, or all if it has fewer.  What
 * `to` held before is dropped.  Nothing is computed or copied, so answers with
 * the same system prompt read it once.  Afterwards each goes its own way.
 * engine_session_length(to) tells how many it was: none, if they are not alike.
 * Logits come with the next eval, so share one token less than the whole
 * prompt. */
void engine_session_share(struct engine_session *to,
                          const struct engine_session *from, int n);
int engine_session_length(const struct engine_session *s); /* tokens held */
int engine_session_limit(const struct engine_session *s);  /* n_ctx */

/* What one session reads in a pass. */
struct engine_feed {
    struct engine_session *session;
    const int32_t *ids; /* appended to the timeline */
    size_t n_ids;
    float *all_logits;  /* [n_ids][n_vocab] to fill, or NULL: only the last
                           token's are computed, see engine_session_logits */
};

/* Evaluates all feeds (sessions of one engine, each at most once) in one pass.
 * 0, or -1: a context that is full (ERR_BACKEND), weights that changed on disk
 * while they were mapped, or results that are no numbers; the timelines are
 * then as before. */
int engine_eval(struct engine *g, struct engine_feed *feeds, size_t n_feeds,
                struct err *e);

/* [n_vocab] logits after the last token evaluated; valid until the next eval
 * or close of this session. */
const float *engine_session_logits(const struct engine_session *s);

#endif
