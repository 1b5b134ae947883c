/* chat_place: an engine that has only words and perhaps a chat template, for
 * the tests of what conversations become. */
#ifndef TESTS_UNIT_CHAT_PLACE_H
#define TESTS_UNIT_CHAT_PLACE_H

#include "tests/unit/tokenizer_helpers.h"

#include "backends/engine/chat/chat.h"
#include "backends/engine/engine_private.h"

/* --- an engine that has only words ------------------------------------- */

enum { BOS = 256, EOS, START, END, AI, USER, GAP, TURN };

static inline struct engine *open_engine(const char *program, bool add_bos)
{
    struct vocab_file *f = v_begin_bpe("gpt-2");
    v_word(f, "<s>", V_CONTROL, 0);
    v_word(f, "</s>", V_CONTROL, 0);
    v_word(f, "<|im_start|>", V_CONTROL, 0);
    v_word(f, "<|im_end|>", V_CONTROL, 0);
    v_word(f, "<AI>", V_USER, 0); /* as some files have their markers */
    v_word(f, "[|user|]", V_USER, 0);
    v_word(f, "\n\n", V_USER, 0);
    v_word(f, "<|turn|>", V_CONTROL, 0);
    v_u32(f, "tokenizer.ggml.bos_token_id", BOS);
    v_u32(f, "tokenizer.ggml.eos_token_id", EOS);
    v_bool(f, "tokenizer.ggml.add_bos_token", add_bos);
    v_bool(f, "tokenizer.ggml.add_eos_token", true);
    if (program != NULL)
        v_string(f, "tokenizer.chat_template", program);
    struct buf b;
    struct err e = {0};
    buf_init(&b, 1 << 20);
    v_write(f, &b);
    char *path = w_save(&b, folder, "chat.gguf");
    struct engine *g = mem_calloc(1, sizeof(*g));
    g->path = path;
    if (gguf_open(&g->gguf, path, &e) != 0 ||
        tokenizer_open(&g->tokenizer, g->gguf, &e) != 0)
        fail_msg("%s", e.text);
    chat_open(&g->chat, path, g->tokenizer, g->gguf);
    buf_free(&b);
    v_free(f);
    return g;
}

static inline void close_engine(struct engine *g)
{
    chat_forget(&g->chat);
    tokenizer_close(g->tokenizer);
    gguf_close(g->gguf);
    free(g->path);
    free(g);
}

static const struct message TALK[] = {
    {"system", " Be terse. "},
    {"user", " Hi\n"},
    {"assistant", "<think>\nhm\n</think>\n\nHello. "},
    {"user", "Bye"},
};

enum { NO_PROMPT = 1, NO_THINKING = 2 };

static inline struct rendering by(const char *name, unsigned flags)
{
    return (struct rendering){
        .template_name = name,
        .no_generation_prompt = flags & NO_PROMPT,
        .no_think = flags & NO_THINKING,
    };
}

static inline void assert_written(const struct engine *g,
                                  const struct rendering *how,
                                  const struct message *m, size_t n,
                                  const char *want)
{
    struct buf text;
    struct err e = {0};
    buf_init(&text, 10000);
    if (engine_render(g, how, m, n, &text, NULL, &e) != 0)
        fail_msg("%s: %s", how->template_name, e.text);
    assert_string_equal(text.data, want);
    buf_free(&text);
}

static inline void assert_rendered(const struct engine *g, const char *name,
                                   const struct message *m, size_t n,
                                   unsigned flags, const char *want)
{
    struct rendering how = by(name, flags);
    assert_written(g, &how, m, n, want);
}

/* Renders to ids that the caller frees. */
static inline struct token_list sent_of(const struct engine *g,
                                        const char *name,
                                        const struct message *m, size_t n,
                                        unsigned flags)
{
    struct token_list l = {0};
    struct rendering how = by(name, flags);
    struct err e = {0};
    if (engine_render(g, &how, m, n, NULL, &l, &e) != 0)
        fail_msg("%s", e.text);
    return l;
}

/* What is said of a conversation that cannot be written. */
static inline struct err refusal(const struct engine *g, const char *name,
                          const struct message *m, size_t n)
{
    struct err e = {0};
    struct buf text;
    struct rendering how = by(name, 0);
    buf_init(&text, 10000);
    assert_int_equal(engine_render(g, &how, m, n, &text, NULL, &e), -1);
    assert_int_equal(text.len, 0);
    assert_null(strchr(e.text, '\n'));
    buf_free(&text);
    return e;
}

#endif
