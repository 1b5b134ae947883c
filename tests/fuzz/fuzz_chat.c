/* A template program and a conversation, out of the bytes: whatever row knows
 * the program, the contents make no control token, and text and ids agree.
 *
 * Parts end in NUL: the program, a name, then role and content in turn.  A
 * role is read by its first letter. */
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

static size_t n_controls(const struct token_list *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        n += l->ids[i] >= FIRST_CONTROL;
    return n;
}

/* Renders, and renders again with the contents' dangerous characters gone: the
 * control tokens must be as many. */
static void check_render(const struct engine *g, const char *name,
                         struct message *m, size_t n, unsigned flags)
{
    struct buf text;
    struct token_list l = {0}, harmless = {0};
    struct err e = {.code = ERR_NONE};
    char *copies[MAX_MESSAGES];
    buf_init(&text, 1 << 24);
    if (engine_render(g, name, m, n, flags, &text, &l, &e) != 0) {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
        buf_free(&text);
        return;
    }
    struct message other[MAX_MESSAGES];
    for (size_t i = 0; i < n; i++) {
        copies[i] = mem_strdup(m[i].content);
        for (char *p = copies[i]; *p; p++)
            if (strchr("<[>|", *p) != NULL)
                *p = '.';
        other[i] = (struct message){m[i].role, copies[i]};
    }
    FUZZ_CHECK(engine_render(g, name, other, n, flags, NULL, &harmless, &e) ==
               0);
    FUZZ_CHECK(n_controls(&l) == n_controls(&harmless));
    for (size_t i = 0; i < n; i++)
        free(copies[i]);
    struct buf pieces;
    buf_init(&pieces, 1 << 24);
    for (size_t i = 0; i < l.n; i++)
        engine_piece(g, l.ids[i], true, &pieces);
    FUZZ_CHECK(pieces.len == text.len &&
               memcmp(pieces.data, text.data, text.len) == 0);
    buf_free(&pieces);
    buf_free(&text);
    token_list_free(&l);
    token_list_free(&harmless);
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
    struct engine g = {
        .tokenizer = words, .chat = {.path = "fuzz", .tokenizer = words}};
    const char *raw = next_part(&p, end);
    char *program = chat_normalize(raw, strlen(raw));
    g.chat.has_program = program[0] != '\0';
    g.chat.own = chat_match(program);
    for (int i = 0; i < 2 && g.chat.own != NULL; i++)
        g.chat.system_text[i] = chat_system_text(g.chat.own, program, i);
    const char *name = next_part(&p, end);
    struct message m[MAX_MESSAGES];
    size_t n = 0;
    while (n < MAX_MESSAGES && p < end) {
        m[n].role = role_of(next_part(&p, end));
        m[n++].content = next_part(&p, end);
    }
    for (unsigned flags = 0; flags < 4; flags++)
        check_render(&g, name[0] ? name : NULL, m, n, flags);
    check_render(&g, "none", m, n, 0);
    chat_forget(&g.chat);
    free(program);
    free(copy);
    return 0;
}
