/* `arena generate`: one answer of one model. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/local/infer.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/rng.h"
#include "base/wake.h"
#include "tui/command.h"
#include "tui/model_arg.h"
#include "tui/print/direct.h"
#include "tui/session.h"

/* Settings of a model that have an option: what was given, NaN, -1 or NULL if
 * nothing was.  By the type of the setting. */
#define GIVEN_C_NUMBER double
#define GIVEN_C_WHOLE int64_t
#define GIVEN_C_BIAS const char *
#define GIVEN_C_CHOICE int
#define GIVEN_UNSET_NUMBER NAN
#define GIVEN_UNSET_WHOLE -1
#define GIVEN_UNSET_BIAS NULL
#define GIVEN_UNSET_CHOICE -1
#define GIVEN_OPTION_NUMBER NUMBER
#define GIVEN_OPTION_WHOLE WHOLE
#define GIVEN_OPTION_BIAS TEXT
#define GIVEN_OPTION_CHOICE CHOICE

#define NOT_GIVEN(...)
#define GIVEN_FIELD(flag_, value_, part_, type_, field_, ...) \
    GIVEN_C_##type_ field_;
struct given {
    MODEL_SETTINGS(NOT_GIVEN, GIVEN_FIELD)
};

struct generate_settings {
    struct model_arg_settings model;
    struct given given;
    const char *system, *prompt_ids, *schema;
    int64_t max_tokens, n_ctx, n_top;
    bool echo, raw, no_think, show_thinking;
};

#define GIVEN_OPTION(flag_, value_, part_, type_, field_, key_, min_, max_,   \
                     ...)                                                     \
    GIVEN_OPTION_OF(flag_, GIVEN_OPTION_##type_, given.field_, value_,        \
                    SETTING_HELP(__VA_ARGS__), .min = (int64_t)(min_),        \
                    .max = (int64_t)(max_)),
#define GIVEN_OPTION_OF(flag_, kind_, ...) \
    OPTION(0, flag_, kind_, generate_settings, __VA_ARGS__)
static const struct option_spec generate_options[] = {
    OPTION(0, "max-tokens", WHOLE, generate_settings, max_tokens, "N",
           "length of the answer; as configured", .min = 0,
           .max = 1 << 24),
    MODEL_SETTINGS(NOT_GIVEN, GIVEN_OPTION)
    OPTION(0, "system", TEXT, generate_settings, system, "TEXT",
           "system prompt"),
    OPTION(0, "no-think", FLAG, generate_settings, no_think, NULL,
           "no thinking, if the model can be told"),
    OPTION(0, "show-thinking", FLAG, generate_settings, show_thinking, NULL,
           "before the answer; with --json, under \"thinking\""),
    MODEL_ARG_TEMPLATE(generate_settings),
    OPTION(0, "raw", FLAG, generate_settings, raw, NULL,
           "continue the bare prompt; --max-tokens counts it, too"),
    OPTION(0, "prompt-ids", TEXT, generate_settings, prompt_ids, "[1, 2]",
           "the prompt as token ids"),
    OPTION(0, "logprobs", WHOLE, generate_settings, n_top, "K",
           "with --json: of each token and of the K likeliest", .min = 0,
           .max = 1000),
    OPTION(0, "echo", FLAG, generate_settings, echo, NULL,
           "with --logprobs: of the prompt's tokens, but the first, too"),
    OPTION(0, "schema", TEXT, generate_settings, schema, "FILE",
           "hold the answer to a JSON Schema"),
    OPTION(0, "ctx", WHOLE, generate_settings, n_ctx, "N",
           "tokens of context; 0: as many as it takes", .min = 0,
           .max = 1 << 24),
    MODEL_ARG_OPTIONS(generate_settings),
    OPTION_END,
};

static const char generate_help[] =
    "MODEL is a model of the config, or a weights file.  Without PROMPT the\n"
    "first line of stdin is asked, with - all of it.  The answer is printed\n"
    "as it comes (to a pipe, once it is clear what is thinking), or as one\n"
    "JSON object with --json.  With --raw the text printed begins with the\n"
    "prompt, and --max-tokens is the length of that text.\n";

/* Takes the place of what the config has. */
static int apply_bias(struct bias_list *to, const char *json, struct err *e)
{
    if (json == NULL)
        return 0;
    struct bias_list bias;
    cJSON *node = json_parse(json, strlen(json), SESSION_MAX_PROMPT,
                             "--logit-bias", e);
    int rc = node != NULL ? bias_read(node, &bias, e) : -1;
    cJSON_Delete(node);
    if (rc != 0) {
        if (e != NULL)
            e->code = ERR_USAGE;
        return -1;
    }
    bias_free(to);
    *to = bias;
    return 0;
}

/* By the type of the setting: 0, or -1 with ERR_USAGE. */
#define APPLY_NUMBER(to_, given_, e_) \
    (isnan(given_) ? 0 : (*(to_) = (given_), 0))
#define APPLY_WHOLE(to_, given_, e_) \
    ((given_) < 0 ? 0 : (*(to_) = (int)(given_), 0))
#define APPLY_CHOICE(to_, given_, e_) APPLY_WHOLE(to_, given_, e_)
#define APPLY_BIAS(to_, given_, e_) apply_bias(to_, given_, e_)
#define APPLY_GIVEN(flag_, value_, part_, type_, field_, ...)   \
    if (APPLY_##type_(&m->field_, s->given.field_, e) != 0)     \
        return -1;

/* What the options change about the model. */
static int apply(struct model *m, const struct generate_settings *s,
                 struct err *e)
{
    MODEL_SETTINGS(NOT_GIVEN, APPLY_GIVEN)
    if (s->n_ctx > 0)
        m->n_ctx = (int)s->n_ctx;
    if (s->no_think)
        m->think = 0;
    if (s->system != NULL) {
        free(m->system);
        m->system = s->system[0] != '\0' ? mem_strdup(s->system) : NULL;
    }
    return 0;
}

static uint64_t choose_seed(const struct invocation *in, const struct model *m)
{
    struct rng r;
    if (in->options.seeded)
        return in->options.seed;
    if (m->seed >= 0)
        return (uint64_t)m->seed;
    rng_init_system(&r);
    return rng_next(&r);
}

/* What one run works with. */
struct generate_run {
    struct invocation *in;
    const struct generate_settings *set;
    struct model_arg *d;
    struct buf prompt, schema;
    struct buf thinking; /* of a backend's answer */
    uint64_t seed;
    int max_tokens;
    bool by_engine; /* else by its backend */
    struct direct_printer printer;
};

/* The system message, if there is one, and the prompt. */
static size_t list_messages(const struct generate_run *r,
                            struct message out[2])
{
    size_t n = 0;
    if (r->d->model.system != NULL)
        out[n++] = (struct message){"system", r->d->model.system};
    out[n++] = (struct message){"user", r->prompt.data};
    return n;
}

/* --- what is printed ---------------------------------------------------- */

static void add_logprob(const struct infer_logprob *lp, struct buf *out)
{
    buf_addf(out, "{\"id\": %d, \"logprob\": ", (int)lp->token.id);
    json_add_number(out, (double)lp->token.logprob);
    buf_add_str(out, ", \"top\": [");
    for (size_t i = 0; i < lp->n_top; i++) {
        buf_addf(out, "%s[%d, ", i ? ", " : "", (int)lp->top[i].id);
        json_add_number(out, (double)lp->top[i].logprob);
        buf_add_char(out, ']');
    }
    buf_add_str(out, "]}");
}

/* A whole number, or null if it is not known (-1). */
static void add_whole(struct buf *out, const char *key, int64_t n)
{
    if (n < 0)
        buf_addf(out, ", \"%s\": null", key);
    else
        buf_addf(out, ", \"%s\": %" PRId64, key, n);
}

/* The same keys whoever answered; the ids are null if a backend did. */
static void print_json(const struct generate_run *r,
                       const struct infer_result *x)
{
    const struct answer_end *end = &x->end;
    struct buf out;
    buf_init(&out, (size_t)1 << 30);
    buf_add_str(&out, "{\"text\": ");
    json_add_string(&out, x->text.data, x->text.len);
    if (r->set->show_thinking) {
        buf_add_str(&out, ", \"thinking\": ");
        json_add_string(&out, r->thinking.data, r->thinking.len);
    }
    buf_add_str(&out, ", \"ids\": ");
    if (r->by_engine)
        model_arg_add_ids(&out, &x->ids);
    else
        buf_add_str(&out, "null");
    buf_addf(&out, ", \"finish\": \"%s\"", finish_name(end->finish));
    add_whole(&out, "n_in", end->n_in);
    add_whole(&out, "n_out", end->n_out);
    add_whole(&out, "n_think", end->n_think);
    add_whole(&out, "first_ms", end->first_ms);
    add_whole(&out, "total_ms", end->total_ms);
    if (r->set->n_top >= 0) {
        buf_add_str(&out, ", \"logprobs\": [");
        for (size_t i = 0; i < x->n_logprobs; i++) {
            buf_add_str(&out, i ? ", " : "");
            add_logprob(&x->logprobs[i], &out);
        }
        buf_add_char(&out, ']');
    }
    buf_add_char(&out, '}');
    puts(out.data);
    buf_free(&out);
}

/* In what the request differed from the settings, and the like. */
static void print_note(const char *note)
{
    struct buf line;
    buf_init(&line, 1024);
    buf_add_str(&line, "asked ");
    clean_text(note, strlen(note), true, &line);
    fprintf(stderr, "%s\n", line.data);
    buf_free(&line);
}

/* What is left to print once the answer has ended; with -v its speed, too. */
static void print_end(struct generate_run *r, const struct infer_result *x)
{
    const struct answer_end *end = &x->end;
    if (r->in->json)
        print_json(r, x);
    else
        direct_print_end(&r->printer);
    if (end->note[0] != '\0' && r->in->verbose >= 0)
        print_note(end->note);
    if (r->in->verbose == 0 || end->n_in < 0 || end->n_out < 0)
        return;
    int64_t read_ms = end->first_ms < 0 ? end->total_ms : end->first_ms;
    fprintf(stderr, "read %" PRId64 " token%s in %" PRId64 " ms, wrote %" PRId64
            " in %" PRId64 " ms\n", end->n_in, plural_s((uint64_t)end->n_in),
            read_ms, end->n_out, end->total_ms - read_ms);
}

/* --- by the engine itself ---------------------------------------------- */

static bool print_piece(void *arg, const char *bytes, size_t n)
{
    struct generate_run *r = arg;
    direct_print(&r->printer, bytes, n);
    return true;
}

static int prompt_tokens(const struct generate_run *r, const struct infer *f,
                         struct token_list *out, struct err *e)
{
    if (r->set->prompt_ids != NULL)
        return model_arg_read_ids(r->set->prompt_ids,
                                  strlen(r->set->prompt_ids), out, e);
    if (r->set->raw)
        return infer_tokenize(f, r->prompt.data, r->prompt.len, false,
                              INFER_BEGIN, out, e);
    struct message messages[2];
    struct buf text;
    size_t n = list_messages(r, messages);
    buf_init(&text, 8 * (size_t)SESSION_MAX_PROMPT);
    int64_t clock = r->in->options.seeded ? REQUEST_FIXED_CLOCK : 0;
    int rc = infer_render(f, messages, n, true, clock, &text, out, e);
    buf_free(&text);
    return rc;
}

static int run_engine(struct generate_run *r, struct infer_result *out,
                      struct err *e)
{
    struct infer *f;
    struct token_list prompt = {0};
    if (infer_open(&f, &r->d->model, r->d->n_threads, e) != 0)
        return -1;
    int rc = prompt_tokens(r, f, &prompt, e);
    struct infer_request rq = {
        .prompt = &prompt,
        .max_tokens = r->max_tokens,
        .n_ctx = r->d->model.n_ctx,
        .seed = r->seed,
        .n_top = (int)r->set->n_top,
        .echo = r->set->echo,
        .raw = r->set->raw,
        .schema = r->set->schema != NULL ? r->schema.data : NULL,
        .piece = r->in->json ? NULL : print_piece,
        .arg = r,
    };
    direct_print_begin(&r->printer);
    if (rc == 0)
        rc = infer_generate(f, &rq, out, e);
    token_list_free(&prompt);
    infer_close(f);
    return rc;
}

/* --- by its backend ---------------------------------------------------- */

/* What of an answer is on the terminal. */
struct shown {
    size_t n_thinking, n_text;
    unsigned n_recalls;
};

static void print_new(struct generate_run *r, const struct buf *b, size_t *n)
{
    direct_print(&r->printer, b->data + *n, b->len - *n);
    *n = b->len;
}

/* Prints what is not shown yet.  Text that turns out to have been thinking
 * cannot be taken off a terminal again; the answer begins on a new line. */
static void print_news(struct generate_run *r, struct stream *s,
                       const struct buf *text, struct shown *shown)
{
    bool recalled = stream_n_recalls(s) != shown->n_recalls &&
                    shown->n_text > 0;
    shown->n_recalls = stream_n_recalls(s);
    if (recalled) {
        direct_print(&r->printer, "\n\n", 2);
        shown->n_text = 0;
        shown->n_thinking = r->thinking.len;
    }
    bool begins = shown->n_text == 0 && text->len > 0;
    if (r->set->show_thinking && shown->n_thinking < r->thinking.len)
        print_new(r, &r->thinking, &shown->n_thinking);
    if (r->set->show_thinking && begins && r->thinking.len > 0 && !recalled)
        direct_print(&r->printer, "\n\n", 2);
    print_new(r, text, &shown->n_text);
}

/* Takes the answer off the stream until it ends.  A terminal shows it as it
 * comes; a pipe gets it at the end, when no text can be called back as
 * thinking any more. */
static void follow(struct generate_run *r, struct stream *s, int wake_fd,
                   struct infer_result *out)
{
    struct shown shown = {0};
    bool ended = false;
    while (!ended) {
        wake_wait(wake_fd, 1000);
        ended = stream_poll(s, &out->text, &r->thinking, &out->end);
        if (!r->in->json && (ended || r->printer.terminal))
            print_news(r, s, &out->text, &shown);
    }
}

static int ask(struct generate_run *r, const struct backend_ops *ops,
               struct backend *b, struct infer_result *out, struct err *e)
{
    struct message messages[2];
    int wake[2];
    if (wake_open(wake, e) != 0)
        return -1;
    struct request rq = {.messages = messages,
                         .n_messages = list_messages(r, messages),
                         .max_tokens = r->max_tokens,
                         .seed = r->seed};
    struct stream *s = stream_open(wake[1]);
    int rc = ops->start(b, &rq, s, e);
    if (rc != 0) {
        stream_release(s); /* the producer's reference */
    } else {
        direct_print_begin(&r->printer);
        follow(r, s, wake[0], out);
        if (out->end.finish == FINISH_ERROR) {
            *e = out->end.error;
            rc = -1;
        }
    }
    stream_release(s);
    wake_close(wake);
    return rc;
}

static int run_backend(struct generate_run *r, struct infer_result *out,
                       struct err *e)
{
    const struct backend_ops *ops = backend_find(r->d->model.backend);
    struct backend_env env;
    struct backend *b;
    if (ops == NULL)
        return err_set(e, ERR_CONFIG, "\"%s\": there is no backend \"%s\"",
                       r->d->model.name, r->d->model.backend);
    backend_env_init(&env);
    env.n_threads = r->d->n_threads;
    int rc = ops->open(&b, &r->d->model, &env, e);
    if (rc == 0) {
        rc = ask(r, ops, b, out, e);
        ops->close(b);
    }
    backend_env_free(&env);
    return rc;
}

/* --- the command ------------------------------------------------------- */

/* The prompt as given: with --raw an empty one, too, and every blank. */
static int read_prompt(struct generate_run *r, struct err *e)
{
    const char *operand = r->in->argc > 2 ? r->in->argv[2] : NULL;
    if (r->set->prompt_ids != NULL)
        return operand == NULL ? 0
                               : err_set(e, ERR_USAGE, "a prompt and "
                                         "--prompt-ids exclude each other");
    if (r->set->raw && operand != NULL && strcmp(operand, "-") != 0) {
        buf_add_str(&r->prompt, operand);
        return 0;
    }
    return session_read_prompt(operand, &r->prompt, e);
}

/* Refuses what would do nothing. */
static int check_settings(const struct invocation *in,
                          const struct generate_settings *set, struct err *e)
{
    const char *of_chat = set->system != NULL                ? "system"
                          : set->model.template_name != NULL ? "template"
                          : set->no_think                    ? "no-think"
                                                             : NULL;
    if (set->n_top >= 0 && !in->json)
        return err_set(e, ERR_USAGE, "--logprobs are printed with --json only");
    if (set->echo && set->n_top < 0)
        return err_set(e, ERR_USAGE, "--echo goes with --logprobs");
    if ((set->raw || set->prompt_ids != NULL) && of_chat != NULL)
        return err_set(e, ERR_USAGE, "%s takes the prompt as it is: leave out "
                       "--%s", set->raw ? "--raw" : "--prompt-ids", of_chat);
    return 0;
}

static int generate(struct generate_run *r, struct err *e)
{
    const struct generate_settings *set = r->set;
    struct model *m = &r->d->model;
    bool engine_only = set->prompt_ids != NULL || set->n_top >= 0 ||
                       set->raw || set->echo || set->schema != NULL;
    bool needs_weights = engine_only || set->model.template_name != NULL ||
                         set->model.tokenizer != NULL ||
                         set->model.n_threads >= 0;
    if (apply(m, set, e) != 0)
        return -1;
    r->seed = choose_seed(r->in, m);
    r->max_tokens = set->max_tokens >= 0 ? (int)set->max_tokens
                                         : r->d->max_tokens;
    if (needs_weights && model_arg_need_local(r->d, "this option", e) != 0)
        return -1;
    if (set->schema != NULL && buf_read_file(&r->schema, set->schema) != 0)
        return err_set(e, ERR_FAILURE, "%s: %s", set->schema, strerror(errno));
    if (read_prompt(r, e) != 0)
        return -1;
    r->by_engine = engine_only || r->d->is_file;
    struct infer_result answer;
    infer_result_init(&answer);
    model_arg_say_remarks(r->in, r->d,
                          !r->set->raw && r->set->prompt_ids == NULL);
    if (m->best_of > 1 && r->in->verbose >= 0)
        fprintf(stderr, "\"best_of\" is for battles and runs; this is one "
                "answer, not the best of %d\n", m->best_of);
    int rc = r->by_engine ? run_engine(r, &answer, e)
                          : run_backend(r, &answer, e);
    if (rc == 0)
        print_end(r, &answer);
    else
        direct_print_stop(&r->printer);
    infer_result_free(&answer);
    return rc;
}

#define GIVEN_UNSET(flag_, value_, part_, type_, field_, ...) \
    .field_ = GIVEN_UNSET_##type_,
static int run_generate(struct invocation *in, struct err *e)
{
    struct generate_settings set = {
        .model = MODEL_ARG_DEFAULTS,
        .given = {MODEL_SETTINGS(NOT_GIVEN, GIVEN_UNSET)},
        .max_tokens = -1, .n_top = -1,
    };
    struct model_arg d;
    if (command_parse(in, &set, 1, 2, e) != 0 ||
        check_settings(in, &set, e) != 0)
        return -1;
    if (model_arg_find(&d, in, &set.model, in->argv[1], e) != 0)
        return -1;
    struct generate_run r = {.in = in, .set = &set, .d = &d};
    buf_init(&r.prompt, SESSION_MAX_PROMPT);
    buf_init(&r.schema, SESSION_MAX_PROMPT);
    buf_init(&r.thinking, STREAM_MAX_BYTES);
    int rc = generate(&r, e);
    buf_free(&r.prompt);
    buf_free(&r.schema);
    buf_free(&r.thinking);
    model_arg_free(&d);
    return rc;
}

const struct command command_generate = {
    .name = "generate",
    .summary = "one answer of one model",
    .synopsis = "MODEL|WEIGHTS [PROMPT|-]",
    .options = generate_options,
    .help = generate_help,
    .run = run_generate,
};
