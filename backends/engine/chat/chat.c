#include "backends/engine/chat/chat.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"

#define MAX_PLAIN_BYTES (64u << 20)

/* Opened when they are first used, which may be on any thread. */
struct chat_others {
    pthread_mutex_t lock; /* over first */
    struct format *first;
};

void chat_open(struct chat *c, const char *path,
               const struct tokenizer *tokenizer, const struct gguf *file)
{
    struct gguf_string s;
    struct buf name;
    *c = (struct chat){.path = path, .tokenizer = tokenizer};
    c->others = mem_calloc(1, sizeof(*c->others));
    pthread_mutex_init(&c->others->lock, NULL);
    if (file == NULL ||
        !gguf_get_string(file, "tokenizer.chat_template", &s) || s.n == 0)
        return;
    c->has_template = true;
    buf_init(&name, 300);
    buf_addf(&name, "the chat template of %.200s", path_name(path));
    if (format_open(&c->own, name.data, s.data, s.n, tokenizer, &c->fault) !=
        0)
        c->own = NULL;
    buf_free(&name);
}

void chat_forget(struct chat *c)
{
    if (c->others == NULL) /* it was not opened */
        return;
    format_close(c->own);
    while (c->others->first != NULL) {
        struct format *next = c->others->first->next;
        format_close(c->others->first);
        c->others->first = next;
    }
    pthread_mutex_destroy(&c->others->lock);
    free(c->others);
    *c = (struct chat){0};
}

/* --- which template ------------------------------------------------------ */

/* Puts how to choose another one behind an error. */
static int hint(struct err *e)
{
    struct buf known;
    if (e == NULL)
        return -1;
    struct err was = *e;
    buf_init(&known, 700);
    format_list(false, &known);
    err_set(e, ERR_CONFIG, "%s; for another, set \"template\" to a file or to "
            "one of %s, and more in arena(1)", was.text, known.data);
    buf_free(&known);
    return -1;
}

static bool is_file(const char *name)
{
    size_t n = strlen(name);
    return strchr(name, '/') != NULL ||
           (n > 6 && strcmp(name + n - 6, ".jinja") == 0);
}

static int open_file(const struct chat *c, const char *path,
                     struct format **out, struct err *e)
{
    struct buf text;
    int rc = 0;
    buf_init(&text, TEMPLATE_MAX_BYTES);
    if (buf_read_file(&text, path) != 0)
        rc = err_set(e, ERR_CONFIG, "\"template\": %s: %s", path,
                     errno == EFBIG ? "more than a template can have"
                                    : strerror(errno));
    else if (format_open(out, path, text.data, text.len, c->tokenizer, e) != 0)
        rc = hint(e);
    buf_free(&text);
    return rc;
}

static int open_named(const struct chat *c, const char *name,
                      struct format **out, struct err *e)
{
    const struct format_source *s = format_find(name);
    if (s != NULL)
        return format_open(out, name, s->text, s->n, c->tokenizer, e);
    struct buf known;
    buf_init(&known, 700);
    format_list(false, &known);
    const char *near = format_nearest(name);
    err_set(e, ERR_CONFIG, "\"template\": \"%s\" is not known%s%s%s; known "
            "are %s, and more in arena(1)", name,
            near ? "; did you mean \"" : "", near ? near : "",
            near ? "\"?" : "", known.data);
    buf_free(&known);
    return -1;
}

/* The one of that name, opened if it is not yet. */
static int find_other(const struct chat *c, const char *name,
                      struct format **out, struct err *e)
{
    int rc = 0;
    pthread_mutex_lock(&c->others->lock);
    struct format *f = c->others->first;
    while (f != NULL && strcmp(f->name, name) != 0)
        f = f->next;
    if (f == NULL) {
        rc = is_file(name) ? open_file(c, name, &f, e)
                           : open_named(c, name, &f, e);
        if (rc == 0) {
            f->next = c->others->first;
            c->others->first = f;
        }
    }
    pthread_mutex_unlock(&c->others->lock);
    *out = f;
    return rc;
}

/* Sets *out to the format to write by, or NULL for plain completion. */
static int choose(const struct chat *c, const char *name, struct format **out,
                  struct err *e)
{
    *out = c->own;
    if (name != NULL && strcmp(name, "none") == 0)
        *out = NULL;
    else if (name != NULL)
        return find_other(c, name, out, e);
    else if (c->own == NULL && c->has_template) {
        if (e != NULL)
            *e = c->fault;
        return hint(e);
    }
    return 0;
}

/* --- rendering ----------------------------------------------------------- */

/* A base model completes: contents with blank lines between them, all of them
 * foreign. */
static int render_plain(const struct message *m, size_t n,
                        struct template_output *o, struct err *e)
{
    *o = (struct template_output){0};
    buf_init(&o->text, MAX_PLAIN_BYTES);
    for (size_t i = 0; i < n; i++) {
        buf_add_str(&o->text, i > 0 ? "\n\n" : "");
        buf_add_str(&o->text, m[i].content);
    }
    if (o->text.overflow)
        return err_set(e, ERR_BACKEND, "the conversation is too long");
    if (o->text.len == 0)
        return 0;
    o->foreign = mem_calloc(1, sizeof(*o->foreign));
    o->foreign[0] = (struct template_span){0, o->text.len};
    o->n_foreign = 1;
    return 0;
}

static int encode(const struct chat *c, const struct format *f,
                  const struct template_output *o, struct token_list *ids,
                  struct err *e)
{
    struct foreign *parts = mem_calloc(o->n_foreign, sizeof(*parts));
    for (size_t i = 0; i < o->n_foreign; i++)
        parts[i] = (struct foreign){o->foreign[i].from, o->foreign[i].to,
                                    f != NULL ? &f->markers : NULL};
    int rc = tokenizer_encode(c->tokenizer, o->text.data, o->text.len, parts,
                              o->n_foreign, TOKENIZE_SPECIAL | TOKENIZE_BOS,
                              ids, e);
    free(parts);
    return rc;
}

int chat_render(const struct chat *c, const struct rendering *how,
                const struct message *messages, size_t n, struct buf *text,
                struct token_list *ids, struct err *e)
{
    struct format *f;
    struct template_output o;
    if (choose(c, how->template_name, &f, e) != 0)
        return -1;
    int rc = f == NULL ? render_plain(messages, n, &o, e)
                       : format_render(f, c->tokenizer, how, messages, n, &o,
                                       e);
    if (rc != 0 && e != NULL && e->code == ERR_CONFIG &&
        how->template_args == NULL)
        hint(e);
    if (rc == 0 && text != NULL)
        buf_add(text, o.text.data, o.text.len);
    if (rc == 0 && ids != NULL)
        rc = encode(c, f, &o, ids, e);
    template_output_free(&o);
    return rc;
}

/* --- what there is to know ----------------------------------------------- */

static bool is_listed(const struct format *f, int32_t id)
{
    for (size_t i = 0; f != NULL && i < f->ends.n; i++)
        if (f->ends.ids[i] == id)
            return true;
    return false;
}

bool chat_is_end(const struct chat *c, int32_t id)
{
    bool found = is_listed(c->own, id);
    if (c->others == NULL || found)
        return found;
    pthread_mutex_lock(&c->others->lock);
    for (const struct format *f = c->others->first; f != NULL && !found;
         f = f->next)
        found = is_listed(f, id);
    pthread_mutex_unlock(&c->others->lock);
    return found;
}

int chat_describe(const struct chat *c, const struct rendering *how,
                  struct buf *out, struct err *e)
{
    struct format *f;
    struct buf more;
    if (choose(c, how->template_name, &f, e) != 0)
        return -1;
    if (f == NULL) {
        buf_add_str(out, "none: the bare text is completed");
        return 0;
    }
    if (format_check(f, how, e) != 0)
        return how->template_args == NULL ? hint(e) : -1;
    buf_add_str(out, f == c->own ? "its own" : how->template_name);
    buf_init(&more, 1000);
    format_describe(f, &more);
    if (more.len > 0)
        buf_addf(out, ": %s", more.data);
    buf_free(&more);
    return 0;
}
