#include "backends/engine/chat/template/template.h"

#include <stdlib.h>
#include <string.h>

#include "backends/engine/chat/template/run.h"
#include "base/mem.h"

struct template {
    char *name;
    char *text;         /* the tree points into it, */
    struct cage cage;   /* and lies in here */
    struct syntax syntax;
};

/* Copies with "\r\n" and "\r" made "\n" and without the last newline, as
 * jinja2 reads a template.  Returns the length. */
static size_t copy_text(const char *text, size_t n, char *out)
{
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\r' && i + 1 < n && text[i + 1] == '\n')
            continue;
        out[to++] = text[i] == '\r' ? '\n' : text[i];
    }
    return to > 0 && out[to - 1] == '\n' ? to - 1 : to;
}

/* The jump out of a template that fails ends here; nothing that changed after
 * it was set is read again. */
static int parse(struct template *t, size_t n)
{
    if (setjmp(t->cage.way_out) != 0)
        return -1;
    syntax_parse(&t->syntax, &t->cage, t->text, n);
    return 0;
}

int template_open(struct template **out, const char *text, size_t n,
                  const char *name, struct err *e)
{
    if (n > TEMPLATE_MAX_BYTES)
        return err_set(e, ERR_FORMAT, "%s: a template of more than %u MiB",
                       name, TEMPLATE_MAX_BYTES >> 20);
    struct template *t = mem_calloc(1, sizeof(*t));
    t->name = mem_strdup(name);
    t->text = mem_calloc(n + 1, 1);
    cage_init(&t->cage, t->name, e);
    int rc = parse(t, copy_text(text, n, t->text));
    t->cage.err = NULL; /* the caller's */
    if (rc == 0)
        *out = t;
    else
        template_close(t);
    return rc;
}

void template_close(struct template *t)
{
    if (t == NULL)
        return;
    cage_free(&t->cage);
    free(t->text);
    free(t->name);
    free(t);
}

static int find_symbol(const struct template *t, const char *name)
{
    for (int i = 0; i < t->syntax.n_names; i++)
        if (value_is(t->syntax.names[i], name))
            return i;
    return -1;
}

bool template_reads(const struct template *t, const char *variable)
{
    return find_symbol(t, variable) >= N_KNOWN_SYMBOLS;
}

/* --- variables ----------------------------------------------------------- */

static struct value from_json(struct cage *c, const cJSON *j)
{
    struct value v = value_none();
    const cJSON *child;
    int64_t whole;
    cage_enter(c);
    if (cJSON_IsBool(j)) {
        v = value_bool(cJSON_IsTrue(j));
    } else if (cJSON_IsString(j)) {
        v = value_string(j->valuestring);
    } else if (json_is_whole(j, -(1ll << 53), 1ll << 53, &whole)) {
        v = value_int(whole);
    } else if (cJSON_IsNumber(j)) {
        v = value_float(j->valuedouble);
    } else if (cJSON_IsArray(j)) {
        size_t i = 0;
        v = value_new_list(c, (size_t)cJSON_GetArraySize(j), FORM_PLAIN);
        cJSON_ArrayForEach (child, j)
            v.list->items[i++] = from_json(c, child);
    } else if (cJSON_IsObject(j)) {
        v = value_new_dict(c, FORM_PLAIN);
        cJSON_ArrayForEach (child, j)
            value_set(c, v, value_string(child->string), from_json(c, child));
    }
    cage_leave(c);
    return v;
}

static struct value from_messages(struct cage *c,
                                  const struct template_input *in)
{
    struct value list = value_new_list(c, in->n_messages, FORM_PLAIN);
    for (size_t i = 0; i < in->n_messages; i++) {
        const struct template_message *m = &in->messages[i];
        struct value message = value_new_dict(c, FORM_PLAIN);
        struct value content = {.kind = VALUE_STRING, .foreign = true,
                                .s = m->content, .n = (uint32_t)m->n_content};
        if (m->n_content > CAGE_MAX_OUTPUT)
            cage_fail(c, "a message has more than %u MiB",
                      CAGE_MAX_OUTPUT >> 20);
        if (in->in_parts) {
            struct value part = value_new_dict(c, FORM_PLAIN);
            value_set(c, part, value_string("type"), value_string("text"));
            value_set(c, part, value_string("text"), content);
            content = value_new_list(c, 1, FORM_PLAIN);
            content.list->items[0] = part;
        }
        value_set(c, message, value_string("role"), value_string(m->role));
        value_set(c, message, value_string("content"), content);
        list.list->items[i] = message;
    }
    return list;
}

static void set_variable(struct run *r, const struct template *t,
                         const char *name, struct value v)
{
    int symbol = find_symbol(t, name);
    if (symbol >= 0)
        r->root[symbol] = v;
}

static void set_variables(struct run *r, const struct template *t,
                          const struct template_input *in)
{
    const cJSON *more;
    r->root = cage_alloc(r->cage, (size_t)t->syntax.n_names,
                         sizeof(*r->root));
    for (int i = 0; i < t->syntax.n_names; i++)
        if (!global_find(r, t->syntax.names[i], &r->root[i]))
            r->root[i].kind = VALUE_GIVEN_NOT;
    if (in->bos_token != NULL)
        set_variable(r, t, "bos_token", value_string(in->bos_token));
    if (in->eos_token != NULL)
        set_variable(r, t, "eos_token", value_string(in->eos_token));
    set_variable(r, t, "add_generation_prompt",
                 value_bool(in->add_generation_prompt));
    cJSON_ArrayForEach (more, in->variables)
        set_variable(r, t, more->string, from_json(r->cage, more));
    set_variable(r, t, "messages", from_messages(r->cage, in));
}

/* --- rendering ----------------------------------------------------------- */

static void add_span(struct template_output *o, size_t from, size_t to,
                     size_t *cap)
{
    if (o->n_foreign == *cap) {
        *cap = *cap ? 2 * *cap : 16;
        o->foreign = mem_realloc(o->foreign, *cap, sizeof(*o->foreign));
    }
    o->foreign[o->n_foreign++] = (struct template_span){from, to};
}

static void take_output(struct template_output *o, const struct text *t)
{
    const char *marks = t->s + text_room(t->room);
    size_t cap = 0, to;
    buf_add(&o->text, t->s, t->n);
    for (size_t from = 0; from < t->n; from = to) {
        const char *other = memchr(marks + from, !marks[from], t->n - from);
        to = other != NULL ? (size_t)(other - marks) : t->n;
        if (marks[from])
            add_span(o, from, to, &cap);
    }
}

/* Not inlined, so that no variable of it lives across setjmp. */
static __attribute__((noinline)) void
run(struct cage *cage, const struct template *t,
    const struct template_input *in, struct template_output *out)
{
    struct text text;
    struct run r = {.cage = cage, .syntax = &t->syntax, .out = &text,
                    .clock = &in->clock};
    text_init(&text, cage);
    set_variables(&r, t, in);
    run_body(&r, &r.scope, t->syntax.body);
    if (text.n > 0)
        take_output(out, &text);
}

/* As parse(). */
static int render(struct cage *cage, const struct template *t,
                  const struct template_input *in, struct template_output *out)
{
    if (setjmp(cage->way_out) != 0)
        return -1;
    run(cage, t, in, out);
    return 0;
}

int template_render(const struct template *t, const struct template_input *in,
                    struct template_output *out, struct err *e)
{
    struct cage cage;
    *out = (struct template_output){0};
    buf_init(&out->text, CAGE_MAX_OUTPUT);
    cage_init(&cage, t->name, e);
    int rc = render(&cage, t, in, out);
    out->raised = cage.raised;
    cage_free(&cage);
    return rc;
}

void template_output_free(struct template_output *o)
{
    buf_free(&o->text);
    free(o->foreign);
    *o = (struct template_output){0};
}
