/* `arena answers`: finished answers, made elsewhere, as those of a model. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/run/answerfile.h"
#include "arena/run/sets.h"
#include "arena/store/finished.h"
#include "base/json.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/database.h"

struct answers_settings {
    const char *model, *prompts;
};

static const struct option_spec answers_options[] = {
    OPTION(0, "model", TEXT, answers_settings, model, "NAME",
           "whose they are; by default as the file says"),
    OPTION(0, "prompts", TEXT, answers_settings, prompts, "QUESTIONS",
           "the prompts that the file names by their ids alone"),
    OPTION_END,
};

struct answers_counts {
    size_t n_new, n_known; /* prompts */
};

/* --- storing -------------------------------------------------------------- */

/* A model that the config describes answers by itself. */
static int check_config(const struct invocation *in, const char *name,
                        struct err *e)
{
    struct config c;
    int found = database_config(in, &c, e);
    if (found < 1)
        return found;
    bool is_there = false;
    for (size_t i = 0; i < c.n_models; i++)
        is_there = is_there || strcmp(c.models[i].name, name) == 0;
    config_free(&c);
    return is_there ? err_set(e, ERR_USAGE, "the config has a model \"%s\"; "
                              "give these answers another name with --model",
                              name)
                    : 0;
}

static int find_model(struct store *s, const char *name, int64_t *id,
                      struct err *e)
{
    char *description = arena_describe_finished();
    enum store_model_match match;
    int result = store_put_model(s, name, description, id, &match, e);
    free(description);
    if (result == 0 && match == STORE_MODEL_CHANGED)
        return err_set(e, ERR_USAGE, "there is a model \"%s\" with other "
                       "settings; give these answers another name with "
                       "--model", name);
    return result;
}

/* Stores the turns of one answer.  1: they were there; 0; -1. */
static int put_entry(struct store *s, int64_t model_id,
                     const struct answerfile_entry *x, struct err *e)
{
    struct buf prompt, asked;
    int known = 1;
    buf_init(&prompt, 2 * (size_t)PROMPTS_MAX_BYTES);
    buf_init(&asked, PROMPTS_MAX_BYTES);
    prompt_add_text(x->prompt, &prompt);
    for (size_t i = 0; i < x->prompt->n_turns && known >= 0; i++) {
        buf_clear(&asked);
        prompt_add_turn_text(x->prompt, i, &asked);
        struct finished_turn turn = {.prompt = prompt.data,
                                     .turn = (int)i + 1,
                                     .asked = asked.data,
                                     .text = x->texts[i]};
        int result = finished_put(s, model_id, &turn, e);
        known = result < 0 ? -1 : known && result == 1;
    }
    buf_free(&prompt);
    buf_free(&asked);
    return known;
}

static int put_all(struct store *s, const struct answerfile *a,
                   const char *name, struct answers_counts *counts,
                   struct err *e)
{
    int64_t id;
    if (store_begin_group(s, e) != 0)
        return -1;
    int result = find_model(s, name, &id, e);
    for (size_t i = 0; i < a->n && result >= 0; i++) {
        result = put_entry(s, id, &a->list[i], e);
        counts->n_known += result == 1;
        counts->n_new += result == 0;
        if (result < 0)
            err_wrap(e, "answer %zu", i + 1);
    }
    return store_end_group(s, result < 0 ? -1 : 0, e);
}

/* --- what is said --------------------------------------------------------- */

static void add_note(struct buf *out, size_t n, const char *what)
{
    if (n == 0)
        return;
    buf_add_str(out, "; ");
    plural_add(out, n, what);
}

static void add_result(const struct invocation *in, const struct answerfile *a,
                       const char *name, const struct answers_counts *counts,
                       struct buf *out)
{
    if (in->json) {
        buf_add_char(out, '{');
        json_put_text(out, "model", name);
        json_put_whole(out, "stored", (int64_t)counts->n_new);
        json_put_whole(out, "known", (int64_t)counts->n_known);
        json_put_whole(out, "repeated", (int64_t)a->n_repeated);
        json_put_whole(out, "empty", (int64_t)a->n_empty);
        json_put_whole(out, "choices_left_out", (int64_t)a->n_choices);
        buf_add_str(out, "}\n");
        return;
    }
    clean_text(name, strlen(name), true, out);
    buf_addf(out, ": %zu answer%s stored", counts->n_new,
             plural_s(counts->n_new));
    add_note(out, counts->n_known, "already stored");
    add_note(out, a->n_repeated, "repeated [row|rows] left out");
    add_note(out, a->n_empty, "[prompt|prompts] without an answer left out");
    add_note(out, a->n_choices, "further [choice|choices] left out");
    buf_add_char(out, '\n');
}

static int store_answers(const struct invocation *in,
                         const struct answers_settings *set,
                         const struct answerfile *a, struct err *e)
{
    const char *name = set->model ? set->model : a->model;
    struct answers_counts counts = {0};
    struct store *s;
    struct buf out;
    if (name == NULL)
        return err_set(e, ERR_USAGE, "%s does not say whose answers it holds; "
                       "give --model NAME", in->argv[1]);
    if (check_config(in, name, e) != 0 ||
        database_open(&s, in, DATABASE_WRITE, e) != 0)
        return -1;
    int result = put_all(s, a, name, &counts, e);
    store_close(s);
    if (result != 0)
        return err_wrap(e, "%s", in->argv[1]);
    if (in->verbose >= 0)
        fprintf(stderr, "to let it fight: arena eval PROMPTS --models NAME,"
                "OTHER\n");
    buf_init(&out, 1 << 16);
    add_result(in, a, name, &counts, &out);
    return database_print(&out, e);
}

static int take_file(const struct invocation *in,
                     const struct answers_settings *set, struct err *e)
{
    struct prompts questions = {0};
    struct answerfile a;
    if (set->prompts != NULL &&
        prompt_set_read(set->prompts, &questions, e) != 0)
        return -1;
    int result = answerfile_read(&a, in->argv[1],
                                 set->prompts ? &questions : NULL, e);
    if (result == 0) {
        result = store_answers(in, set, &a, e);
        answerfile_free(&a);
    }
    prompts_free(&questions);
    return result;
}

/* --- which there are ------------------------------------------------------ */

static int list_models(const struct invocation *in, struct err *e)
{
    struct finished_model *list;
    struct store *s;
    struct buf out;
    size_t n;
    if (database_open(&s, in, DATABASE_READ, e) != 0)
        return -1;
    int result = finished_list(s, &list, &n, e);
    store_close(s);
    if (result != 0)
        return -1;
    buf_init(&out, 64u << 20);
    for (size_t i = 0; i < n; i++) {
        const char *name = list[i].name;
        if (in->json) {
            buf_add_char(&out, '{');
            json_put_text(&out, "model", name);
            json_put_whole(&out, "prompts", (int64_t)list[i].n_prompts);
            buf_add_str(&out, "}\n");
        } else {
            clean_text(name, strlen(name), true, &out);
            buf_addf(&out, ": answers to %" PRIu64 " prompt%s\n",
                     list[i].n_prompts, plural_s(list[i].n_prompts));
        }
    }
    if (n == 0 && !in->json)
        buf_add_str(&out, "no finished answers are stored\n");
    finished_free(list, n);
    return database_print(&out, e);
}

static int run_answers(struct invocation *in, struct err *e)
{
    struct answers_settings set = {.model = NULL};
    if (command_parse(in, &set, 0, 1, e) != 0)
        return -1;
    return in->argc > 1 ? take_file(in, &set, e) : list_models(in, e);
}

const struct command command_answers = {
    .name = "answers",
    .summary = "take finished answers as a model to vote on",
    .synopsis = "[FILE]",
    .options = answers_options,
    .help =
        "FILE holds answers that were made elsewhere: a table with columns for\n"
        "prompt and answer, JSON objects with such keys, alpaca_eval's outputs, "
        "or\nmodel_answer files of MT-bench and arena-hard (with --prompts "
        "for those that\nname their prompts by ids alone).  The model has no "
        "backend, but \"arena eval\"\nlets it fight by its name, and \"arena "
        "vote\" is blind as ever.  Without FILE:\nwhich models have such "
        "answers.\n",
    .run = run_answers,
};
