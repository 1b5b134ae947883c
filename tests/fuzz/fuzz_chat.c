/* A weights file's template and a conversation, out of the bytes: no part of a
 * control token came from a message, and text and ids agree.
 *
 * Parts end in NUL: the template, a format's name, then role and content in
 * turn.  A role is read by its first letter. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/engine/chat/chat.h"
#include "backends/engine/engine_private.h"
#include "tests/unit/vocab_writer.h"

#define MAX_MESSAGES 16

static const char *const CONTROLS[] = {
    "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|user|>", "<|assistant|>",
    "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]",
};
#define N_CONTROLS (sizeof(CONTROLS) / sizeof(*CONTROLS))
#define FIRST_CONTROL 256

static struct tokenizer *open_words(void)
{
    char path[64];
    struct gguf *g;
    struct tokenizer *t;
    struct buf b;
    struct vocab_file *f = v_begin_bpe("gpt-2");
    for (size_t i = 0; i < N_CONTROLS; i++)
        v_word(f, CONTROLS[i], V_CONTROL, 0);
    v_u32(f, "tokenizer.ggml.bos_token_id", FIRST_CONTROL);
    v_u32(f, "tokenizer.ggml.eos_token_id", FIRST_CONTROL + 1);
    buf_init(&b, 1 << 20);
    v_write(f, &b);
    int fd = fuzz_file((const uint8_t *)b.data, b.len, path);
    FUZZ_CHECK(gguf_open(&g, path, NULL) == 0);
    FUZZ_CHECK(tokenizer_open(&t, g, NULL) == 0);
    gguf_close(g);
    close(fd);
    buf_free(&b);
    v_free(f);
    return t;
}

static const char *role_of(const char *s)
{
    switch (*s) {
    case 's': return "system";
    case 'a': return "assistant";
    case 'x': return s;
    default: return "user";
    }
}

/* Whether bytes [from, to) are the template's own. */
static bool is_own(const struct template_output *o, size_t from, size_t to)
{
    for (size_t i = 0; i < o->n_foreign; i++)
        if (o->foreign[i].from < to && from < o->foreign[i].to)
            return false;
    return true;
}

static void check_render(const struct engine *g, const struct rendering *how,
                         const struct message *m, size_t n)
{
    struct buf text, pieces;
    struct token_list l = {0};
    struct err e = {.code = ERR_NONE};
    struct template_output o = {0};
    buf_init(&text, 1 << 24);
    buf_init(&pieces, 1 << 24);
    if (engine_render(g, how, m, n, &text, &l, &e) != 0) {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
        FUZZ_CHECK(strchr(e.text, '\n') == NULL);
    } else if (how->template_name == NULL && g->chat.own != NULL) {
        FUZZ_CHECK(format_render(g->chat.own, g->tokenizer, how, m, n, &o,
                                 NULL) == 0);
        FUZZ_CHECK(o.text.len == text.len &&
                   memcmp(o.text.data, text.data, text.len) == 0);
        for (size_t i = 0; i < l.n; i++) {
            size_t from = pieces.len;
            engine_piece(g, l.ids[i], true, &pieces);
            if (l.ids[i] >= FIRST_CONTROL)
                FUZZ_CHECK(is_own(&o, from, pieces.len));
        }
        FUZZ_CHECK(pieces.len == text.len &&
                   memcmp(pieces.data, text.data, text.len) == 0);
    }
    template_output_free(&o);
    token_list_free(&l);
    buf_free(&pieces);
    buf_free(&text);
}

/* The next part; "" where there is none. */
static const char *next_part(const char **p, const char *end)
{
    const char *part = *p < end ? *p : "";
    *p += strlen(part) + 1;
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tokenizer *words;
    if (words == NULL)
        words = open_words();
    char *copy = mem_strndup((const char *)data, size);
    const char *p = copy, *end = copy + size;
    struct engine g = {.path = (char *)"fuzz", .tokenizer = words};
    chat_open(&g.chat, g.path, words, NULL);
    const char *text = next_part(&p, end);
    g.chat.has_template = text[0] != '\0';
    if (g.chat.has_template &&
        format_open(&g.chat.own, "fuzz", text, strlen(text), words,
                    &g.chat.fault) != 0)
        g.chat.own = NULL;
    const char *name = next_part(&p, end);
    struct message m[MAX_MESSAGES];
    size_t n = 0;
    while (n < MAX_MESSAGES && p < end) {
        m[n].role = role_of(next_part(&p, end));
        m[n++].content = next_part(&p, end);
    }
    struct rendering how = {.clock = 1};
    check_render(&g, &how, m, n);
    how.no_think = how.no_generation_prompt = true;
    check_render(&g, &how, m, n);
    how.template_name = format_find(name) != NULL ? name : "none";
    check_render(&g, &how, m, n);
    chat_forget(&g.chat);
    free(copy);
    return 0;
}
