#include "backends/engine/chat/chat.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/path.h"

/* Programs of 20 kB are common, one of this size is none. */
#define MAX_PROGRAM_BYTES (1u << 20)

#define MAX_RENDERED_BYTES (64u << 20)

void chat_recognise(struct chat *c, const struct gguf *file)
{
    struct gguf_string s;
    if (!gguf_get_string(file, "tokenizer.chat_template", &s) || s.n == 0)
        return;
    c->has_program = true;
    if (s.n > MAX_PROGRAM_BYTES)
        return;
    char *program = chat_normalize(s.data, s.n);
    c->own = chat_match(program);
    for (int thinking = 0; c->own != NULL && thinking < 2; thinking++)
        c->system_text[thinking] =
            chat_system_text(c->own, program, thinking);
    free(program);
}

void chat_forget(struct chat *c)
{
    free(c->system_text[0]);
    free(c->system_text[1]);
    c->system_text[0] = c->system_text[1] = NULL;
}

/* --- rendering --------------------------------------------------------- */

/* A conversation being written.  What others wrote is noted, so that it makes
 * no control tokens. */
struct render {
    const struct chat *c;
    const struct chat_template *t;
    struct buf text;
    struct foreign *parts; /* [n_parts] */
    size_t n_parts, cap_parts;
    struct token_list markers; /* that no foreign text becomes, either */
    struct buf pending; /* system texts that wait for a user turn, */
    bool waits;         /* if any do */
    bool thinking;
};

/* Writes a string of a row. */
static void put(struct render *r, const char *s)
{
    struct tokenizer_ends ends = tokenizer_ends(r->c->tokenizer);
    for (; s != NULL && *s != '\0'; s++) {
        if (*s != CHAT_BOS[0] && *s != CHAT_EOS[0]) {
            buf_add_char(&r->text, *s);
            continue;
        }
        bool bos = *s == CHAT_BOS[0];
        /* Tokenizing adds the first begin token where the file asks for it. */
        if (bos && r->text.len == 0 && ends.add_bos)
            continue;
        tokenizer_name(r->c->tokenizer, bos ? ends.bos : ends.eos, &r->text);
    }
}

/* Writes what somebody else wrote. */
static void put_foreign(struct render *r, const char *s, size_t n)
{
    if (r->n_parts == r->cap_parts) {
        r->cap_parts = r->cap_parts ? 2 * r->cap_parts : 8;
        r->parts = mem_realloc(r->parts, r->cap_parts, sizeof(*r->parts));
    }
    size_t from = r->text.len;
    buf_add(&r->text, s, n);
    r->parts[r->n_parts++] = (struct foreign){from, r->text.len, &r->markers};
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void put_content(struct render *r, const char *s, bool answer)
{
    size_t n = strlen(s);
    const char *close = "</think>", *next;
    if (answer && (r->t->traits & CHAT_DROP_THINKING)) {
        while ((next = strstr(s, close)) != NULL)
            s = next + strlen(close) + strspn(next + strlen(close), "\n");
        n = strlen(s);
    }
    if (r->t->traits & (answer ? CHAT_TRIM | CHAT_TRIM_ANSWER : CHAT_TRIM)) {
        for (; n > 0 && is_blank(s[0]); n--)
            s++;
        while (n > 0 && is_blank(s[n - 1]))
            n--;
    }
    put_foreign(r, s, n);
}

/* What SmolLM3 is told about itself in front of all else. */
static void put_smollm3_header(struct render *r)
{
    buf_add_str(&r->text, "## Metadata\n\nKnowledge Cutoff Date: June 2025\n");
    if (!(r->t->traits & CHAT_UNDATED)) {
        char date[64];
        struct tm day = chat_today();
        strftime(date, sizeof(date), "%d %B %Y", &day);
        buf_addf(&r->text, "Today Date: %s\n", date);
    }
    buf_addf(&r->text, "Reasoning Mode: %s\n\n## Custom Instructions\n\n",
             r->thinking ? "/think" : "/no_think");
}

static void put_system(struct render *r, const char *s)
{
    if (r->t->traits & (CHAT_SYSTEM_IN_USER | CHAT_SYSTEM_IN_LAST)) {
        if (r->waits)
            buf_add_str(&r->pending, "\n\n");
        buf_add_str(&r->pending, s != NULL ? s : "");
        r->waits = r->waits || s != NULL;
        return;
    }
    put(r, r->t->system[0]);
    if (r->t->traits & CHAT_SMOLLM3_HEADER)
        put_smollm3_header(r);
    if (s != NULL)
        put_content(r, s, false);
    put(r, r->t->system[1]);
}

static void put_user(struct render *r, const char *s, bool last)
{
    put(r, r->t->user[0]);
    bool here = last || !(r->t->traits & CHAT_SYSTEM_IN_LAST);
    if (here && r->waits) {
        put(r, r->t->system[0]);
        put_content(r, r->pending.data, false);
        put(r, r->t->system[1]);
        buf_clear(&r->pending);
        r->waits = false;
    }
    put_content(r, s, false);
    put(r, r->t->user[1]);
}

/* last: nobody but the model speaks after this one. */
static int put_message(struct render *r, const struct message *m,
                       bool last, struct err *e)
{
    if (strcmp(m->role, "system") == 0) {
        put_system(r, m->content);
    } else if (strcmp(m->role, "user") == 0) {
        put_user(r, m->content, last);
    } else if (strcmp(m->role, "assistant") == 0) {
        put(r, r->t->assistant[0]);
        if (!r->thinking && (r->t->traits & CHAT_SMOLLM3_HEADER))
            put(r, r->t->no_thinking);
        put_content(r, m->content, true);
        put(r, r->t->assistant[1]);
    } else {
        return err_set(e, ERR_FORMAT, "a message has the role \"%s\"; known "
                       "are system, user and assistant", m->role);
    }
    return 0;
}

/* The system text of a conversation that has none: that of the file whose
 * template this is, or the format's own. */
static const char *default_system(const struct render *r)
{
    const char *own = r->c->own == r->t ? r->c->system_text[r->thinking]
                                         : NULL;
    return own != NULL ? own : r->t->system_text;
}

static int put_conversation(struct render *r, const struct message *m,
                            size_t n, unsigned flags, struct err *e)
{
    put(r, r->t->begin);
    if (n == 0 || strcmp(m[0].role, "system") != 0) {
        const char *text = default_system(r);
        if (text != NULL || (r->t->traits & CHAT_SYSTEM_ALWAYS))
            put_system(r, text);
    }
    size_t last = n;
    while (last > 0 && strcmp(m[last - 1].role, "user") != 0)
        last--;
    for (size_t i = 0; i < n; i++)
        if (put_message(r, &m[i], i + 1 >= last, e) != 0)
            return -1;
    if (r->waits && last > 0)
        return err_set(e, ERR_FORMAT, "this model's template has no place for "
                       "a system message after the last user's; put it before");
    if (r->waits) /* nobody has asked anything yet */
        put_user(r, "", true);
    if (flags & RENDER_NO_GENERATION_PROMPT)
        return 0;
    put(r, r->t->generate);
    if (!r->thinking)
        put(r, r->t->no_thinking);
    return 0;
}

/* A base model completes: contents with blank lines between them. */
static void put_plain(struct render *r, const struct message *m,
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        put_foreign(r, i ? "\n\n" : "", i ? 2 : 0);
        put_foreign(r, m[i].content, strlen(m[i].content));
    }
}

/* Sets *t to the row to write by, or NULL for plain completion. */
static int choose(const struct chat *c, const char *name,
                  const struct chat_template **t, struct err *e)
{
    *t = c->own;
    if (name != NULL && strcmp(name, "none") == 0)
        *t = NULL;
    else if (name != NULL)
        *t = chat_find(name);
    if (*t != NULL || (name != NULL && strcmp(name, "none") == 0) ||
        (name == NULL && !c->has_program))
        return 0;
    struct buf known;
    buf_init(&known, 700);
    chat_list(false, &known);
    const char *near = name != NULL ? chat_nearest(name) : NULL;
    if (name != NULL)
        err_set(e, ERR_CONFIG, "\"template\": \"%s\" is not known%s%s%s; "
                "known are %s, and more in arena(1)", name,
                near ? "; did you mean \"" : "", near ? near : "",
                near ? "\"?" : "", known.data);
    else
        err_set(e, ERR_CONFIG, "%s: its chat template is of no known form; "
                "set \"template\" for this model to one of %s, and more in "
                "arena(1)", path_name(c->path), known.data);
    buf_free(&known);
    return -1;
}

static void find_markers(struct render *r)
{
    const struct chat_template *t = r->t;
    const char *const strings[] = {
        t->begin,   t->system[0],    t->system[1],    t->user[0],
        t->user[1], t->assistant[0], t->assistant[1],
    };
    tokenizer_find_markers(r->c->tokenizer, strings,
                           sizeof(strings) / sizeof(*strings), &r->markers);
}

int chat_render(const struct chat *c, const char *template_name,
                const struct message *messages, size_t n,
                unsigned flags, struct buf *text, struct token_list *ids,
                struct err *e)
{
    struct render r = {.c = c, .thinking = !(flags & RENDER_NO_THINKING)};
    if (choose(c, template_name, &r.t, e) != 0)
        return -1;
    buf_init(&r.text, MAX_RENDERED_BYTES);
    buf_init(&r.pending, MAX_RENDERED_BYTES);
    if (r.t != NULL && ids != NULL)
        find_markers(&r);
    int rc = 0;
    if (r.t == NULL)
        put_plain(&r, messages, n);
    else
        rc = put_conversation(&r, messages, n, flags, e);
    if (rc == 0 && (r.text.overflow || r.pending.overflow))
        rc = err_set(e, ERR_BACKEND, "the conversation is too long");
    if (rc == 0 && text != NULL)
        buf_add(text, r.text.data, r.text.len);
    if (rc == 0 && ids != NULL)
        rc = tokenizer_encode(c->tokenizer, r.text.data, r.text.len, r.parts,
                              r.n_parts, TOKENIZE_SPECIAL | TOKENIZE_BOS, ids,
                              e);
    buf_free(&r.text);
    buf_free(&r.pending);
    token_list_free(&r.markers);
    free(r.parts);
    return rc;
}
