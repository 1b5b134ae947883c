#include "backends/engine/chat/format.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/nearest.h"

/* --- named formats ------------------------------------------------------- */

/* Those that an error names, which is one line. */
static const char *const common[] = {
    "alpaca", "chatml", "deepseek-r1", "deepseek3", "gemma", "granite",
    "llama2", "llama3", "llama3.1", "mistral-v3", "mistral-v7", "phi3",
    "phi4", "qwen3", "smollm3", "vicuna", "zephyr",
};

const struct format_source *format_find(const char *name)
{
    for (size_t i = 0; i < n_format_sources; i++)
        if (strcmp(format_sources[i].name, name) == 0)
            return &format_sources[i];
    return NULL;
}

const char *format_nearest(const char *name)
{
    struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < n_format_sources; i++)
        nearest_offer(&near, format_sources[i].name);
    return near.best;
}

void format_list(bool all, struct buf *out)
{
    for (size_t i = 0; all && i < n_format_sources; i++)
        buf_addf(out, "%s ", format_sources[i].name);
    for (size_t i = 0; !all && i < sizeof(common) / sizeof(*common); i++)
        buf_addf(out, "%s ", common[i]);
    buf_add_str(out, "none");
}

/* --- rendering ----------------------------------------------------------- */

/* The variables beside the messages; those of the config go before ours. */
static int make_variables(const struct format *f, const struct rendering *how,
                          cJSON **out, struct err *e)
{
    const char *text = how->template_args;
    cJSON *all = text == NULL ? cJSON_CreateObject()
                              : json_parse(text, strlen(text), 1 << 20,
                                           "\"template_args\"", e);
    if (all == NULL || !cJSON_IsObject(all)) {
        cJSON_Delete(all);
        return err_set(e, ERR_CONFIG, "\"template_args\" must be an object of "
                       "variables, as {\"reasoning_effort\": \"low\"}");
    }
    if (json_get(all, "messages") != NULL) {
        cJSON_Delete(all);
        return err_set(e, ERR_CONFIG, "\"template_args\" cannot set "
                       "\"messages\": they are the conversation");
    }
    /* As llama.cpp has it, thinking is on by the name that most templates
     * read.  The other name is set only if that was asked for: Granite writes
     * another prompt with it. */
    if (json_get(all, "enable_thinking") == NULL)
        cJSON_AddBoolToObject(all, "enable_thinking", !how->no_think);
    if ((how->think || how->no_think) && json_get(all, "thinking") == NULL)
        cJSON_AddBoolToObject(all, "thinking", how->think);
    if (f->tools_none && json_get(all, "tools") == NULL)
        cJSON_AddNullToObject(all, "tools");
    *out = all;
    return 0;
}

/* A system message of a template that has no place for it: in front of the
 * first user's, with a blank line between. */
struct folded {
    struct template_message *messages;
    size_t n;
    char *text;
};

static void fold_system(const struct template_message *m, size_t n,
                        struct folded *out)
{
    size_t first = 1, n_text;
    *out = (struct folded){.messages = mem_calloc(n, sizeof(*out->messages))};
    while (first < n && strcmp(m[first].role, "user") != 0)
        first++;
    const struct template_message *user = first < n ? &m[first] : NULL;
    n_text = m[0].n_content + (user != NULL ? 2 + user->n_content : 0);
    out->text = mem_calloc(n_text + 1, 1);
    memcpy(out->text, m[0].content, m[0].n_content);
    if (user != NULL) {
        memcpy(out->text + m[0].n_content, "\n\n", 2);
        memcpy(out->text + m[0].n_content + 2, user->content,
               user->n_content);
    }
    for (size_t i = 1; i < n; i++)
        if (i != first)
            out->messages[out->n++] = m[i];
        else
            out->messages[out->n++] = (struct template_message){
                "user", out->text, n_text};
    if (user == NULL)
        out->messages[out->n++] = (struct template_message){
            "user", out->text, n_text};
}

/* Encoding adds the begin token if the file asks for it: then the template's
 * own goes. */
static void drop_begin(const struct tokenizer *t, struct template_output *o)
{
    struct buf name;
    if (t == NULL || !tokenizer_ends(t).add_bos)
        return;
    buf_init(&name, 1000);
    tokenizer_name(t, tokenizer_ends(t).bos, &name);
    size_t n = name.len;
    bool begins = n > 0 && o->text.len >= n &&
                  memcmp(o->text.data, name.data, n) == 0 &&
                  (o->n_foreign == 0 || o->foreign[0].from >= n);
    if (begins) {
        buf_shift(&o->text, n);
        for (size_t i = 0; i < o->n_foreign; i++) {
            o->foreign[i].from -= n;
            o->foreign[i].to -= n;
        }
    }
    buf_free(&name);
}

static struct template_message *take_messages(const struct message *m,
                                              size_t n, struct err *e)
{
    struct template_message *out = mem_calloc(n, sizeof(*out));
    for (size_t i = 0; i < n; i++) {
        const char *role = m[i].role;
        if (strcmp(role, "system") != 0 && strcmp(role, "user") != 0 &&
            strcmp(role, "assistant") != 0) {
            err_set(e, ERR_FORMAT, "a message has the role \"%s\"; known are "
                    "system, user and assistant", role);
            free(out);
            return NULL;
        }
        out[i] = (struct template_message){role, m[i].content,
                                           strlen(m[i].content)};
    }
    return out;
}

/* Fills in what does not depend on the messages. */
static void set_input(const struct format *f, const struct rendering *how,
                      struct template_input *in)
{
    int64_t clock = how->clock != 0 ? how->clock : clock_wall_ms() / 1000;
    time_t now = (time_t)clock;
    in->in_parts = f->in_parts;
    in->add_generation_prompt = !how->no_generation_prompt;
    gmtime_r(&now, &in->clock);
}

static int render_folded(const struct format *f,
                         const struct template_input *in,
                         struct template_output *out, struct err *e)
{
    struct template_input other = *in;
    struct folded folded;
    fold_system(in->messages, in->n_messages, &folded);
    other.messages = folded.messages;
    other.n_messages = folded.n;
    int rc = template_render(f->template, &other, out, e);
    free(folded.messages);
    free(folded.text);
    return rc;
}

int format_render(const struct format *f, const struct tokenizer *t,
                  const struct rendering *how, const struct message *messages,
                  size_t n, struct template_output *out, struct err *e)
{
    struct template_input in = {.n_messages = n};
    struct buf bos, eos;
    cJSON *variables = NULL;
    *out = (struct template_output){0};
    struct template_message *m = take_messages(messages, n, e);
    if (m == NULL)
        return -1;
    buf_init(&bos, 1000);
    buf_init(&eos, 1000);
    if (t != NULL) {
        tokenizer_name(t, tokenizer_ends(t).bos, &bos);
        tokenizer_name(t, tokenizer_ends(t).eos, &eos);
    }
    int rc = make_variables(f, how, &variables, e);
    set_input(f, how, &in);
    in.messages = m;
    in.variables = variables;
    in.bos_token = bos.data;
    in.eos_token = eos.data;
    bool folds = f->folds_system && n > 0 && strcmp(m[0].role, "system") == 0;
    if (rc == 0)
        rc = folds ? render_folded(f, &in, out, e)
                   : template_render(f->template, &in, out, e);
    if (rc == 0)
        drop_begin(t, out);
    else if (e != NULL && variables != NULL && !out->raised)
        e->code = ERR_CONFIG;
    cJSON_Delete(variables);
    buf_free(&bos);
    buf_free(&eos);
    free(m);
    return rc;
}

/* --- trying -------------------------------------------------------------- */

/* Contents that no template has a reason to change. */
static const struct message PROBE[] = {
    {"system", "Probe1"}, {"user", "Probe2"}, {"assistant", "Probe3"},
    {"user", "Probe4"},
};

/* Where a content stands among the foreign parts; -1: nowhere. */
static int find_span(const struct template_output *o, const char *content)
{
    for (size_t i = 0; i < o->n_foreign; i++) {
        const struct template_span *s = &o->foreign[i];
        char *part = mem_strndup(o->text.data + s->from, s->to - s->from);
        bool found = strstr(part, content) != NULL;
        free(part);
        if (found)
            return (int)i;
    }
    return -1;
}

/* Renders PROBE[from, to), which must come out with its first message. */
static int write_probe(const struct format *f, const struct tokenizer *t,
                       const struct rendering *how, int from, int to,
                       struct template_output *o, struct err *e)
{
    if (format_render(f, t, how, PROBE + from, (size_t)(to - from), o, e) != 0)
        return -1;
    if (find_span(o, PROBE[from].content) >= 0)
        return 0;
    return err_set(e, ERR_CONFIG, "%s: it does not write what the messages "
                   "say", f->name);
}

int format_check(const struct format *f, const struct rendering *how,
                 struct err *e)
{
    struct template_output o;
    if (f->fault.code == ERR_NONE)
        return 0;
    if (how->template_args == NULL) {
        if (e != NULL)
            *e = f->fault;
        return -1;
    }
    int rc = write_probe(f, NULL, how, 1, 2, &o, e);
    template_output_free(&o);
    return rc;
}

static bool try_probe(const struct format *f, const struct tokenizer *t,
                      int from, int to, bool generate,
                      struct template_output *o, struct err *e)
{
    struct rendering how = {.no_generation_prompt = !generate, .clock = 1};
    return write_probe(f, t, &how, from, to, o, e) == 0;
}

/* How contents and tools must be handed over: the first way that works. */
static void find_way(struct format *f, const struct tokenizer *t)
{
    for (int way = 0; way < 8; way++) {
        struct template_output o;
        f->tools_none = way & 1;
        f->in_parts = way & 2;
        struct err e = {0};
        /* A few want a system message. */
        bool works = try_probe(f, t, way & 4 ? 0 : 1, 2, true, &o, &e);
        template_output_free(&o);
        if (way == 0 || works)
            f->fault = e;
        if (works)
            return;
    }
    f->tools_none = f->in_parts = false;
}

/* Whether a conversation without a system message gets a system text: then
 * what stands before the user's is no part of what stands there with one. */
static bool adds_system(const struct template_output *with,
                        const struct template_output *without)
{
    int system = find_span(with, PROBE[0].content);
    int user = find_span(with, PROBE[1].content);
    int alone = find_span(without, PROBE[1].content);
    if (system < 0 || user < 0 || alone < 0 || system >= user)
        return false;
    struct buf head;
    buf_init(&head, 2u << 20);
    buf_add(&head, with->text.data, with->foreign[system].from);
    buf_add(&head, with->text.data + with->foreign[system].to,
            with->foreign[user].from - with->foreign[system].to);
    size_t n = without->foreign[alone].from;
    const char *own = without->text.data;
    bool ends_alike = n <= head.len &&
                      (memcmp(head.data, own, n) == 0 ||
                       memcmp(head.data + head.len - n, own, n) == 0);
    /* The begin token stands in front of both. */
    size_t same = 0;
    while (same < n && same < head.len && head.data[same] == own[same])
        same++;
    bool rest = n - same <= head.len - same &&
                memcmp(head.data + head.len - (n - same), own + same,
                       n - same) == 0;
    buf_free(&head);
    return !ends_alike && !rest;
}

static void try_system(struct format *f, const struct tokenizer *t)
{
    struct template_output with, without;
    bool takes = try_probe(f, t, 0, 2, true, &with, NULL);
    bool works = try_probe(f, t, 1, 2, true, &without, NULL);
    /* A template that cannot do without one would say so again. */
    f->folds_system = !takes && works;
    f->has_system = takes && works && adds_system(&with, &without);
    template_output_free(&with);
    template_output_free(&without);
}

/* The token that a template writes after an answer, blanks aside. */
static void find_end(struct format *f, const struct tokenizer *t)
{
    struct template_output o;
    if (try_probe(f, t, 1, 3, false, &o, NULL)) {
        int span = find_span(&o, PROBE[2].content);
        size_t at = span >= 0 ? o.foreign[span].to : o.text.len;
        size_t end = span >= 0 && (size_t)span + 1 < o.n_foreign
                         ? o.foreign[span + 1].from : o.text.len;
        while (at < end && strchr(" \n", o.text.data[at]) != NULL)
            at++;
        int32_t id = tokenizer_marker(t, o.text.data + at, end - at);
        if (id >= 0 && id != tokenizer_ends(t).bos)
            token_list_add(&f->ends, id);
    }
    template_output_free(&o);
}

/* The tokens of its own with which it marks turns. */
static void find_markers(struct format *f, const struct tokenizer *t)
{
    struct template_output o;
    if (!try_probe(f, t, 0, 4, true, &o, NULL)) {
        template_output_free(&o);
        (void)try_probe(f, t, 1, 4, true, &o, NULL);
    }
    for (size_t i = 0, at = 0; i <= o.n_foreign && o.text.len > 0; i++) {
        size_t to = i < o.n_foreign ? o.foreign[i].from : o.text.len;
        tokenizer_find_markers(t, o.text.data + at, to - at, &f->markers);
        at = i < o.n_foreign ? o.foreign[i].to : to;
    }
    template_output_free(&o);
}

int format_open(struct format **out, const char *name, const char *text,
                size_t n, const struct tokenizer *t, struct err *e)
{
    struct format *f = mem_calloc(1, sizeof(*f));
    f->name = mem_strdup(name);
    if (template_open(&f->template, text, n, name, e) != 0) {
        format_close(f);
        return -1;
    }
    f->thinks = template_reads(f->template, "enable_thinking") ||
                template_reads(f->template, "thinking");
    f->dated = template_reads(f->template, "strftime_now");
    find_way(f, t);
    try_system(f, t);
    if (t != NULL) {
        find_end(f, t);
        find_markers(f, t);
    }
    *out = f;
    return 0;
}

void format_close(struct format *f)
{
    if (f == NULL)
        return;
    template_close(f->template);
    token_list_free(&f->markers);
    token_list_free(&f->ends);
    free(f->name);
    free(f);
}

void format_describe(const struct format *f, struct buf *out)
{
    const struct {
        bool is;
        const char *text;
    } facts[] = {
        {f->has_system, "a system text of its own if there is none"},
        {f->folds_system, "no system turn: the text goes into the first "
                          "user's"},
        {f->thinks, "thinking can be switched"},
        {f->dated, "today's date"},
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
        if (facts[i].is)
            buf_addf(out, "%s%s", n++ > 0 ? "; " : "", facts[i].text);
}
