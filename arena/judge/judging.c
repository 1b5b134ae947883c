#include "arena/judge/judging.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/judge/private.h"
#include "arena/store/voter.h"
#include "base/hash.h"
#include "base/mem.h"

#define NAME_MAX_BYTES 4096

/* Of ours, the one that fits. */
static const char *usual_form(bool soft, bool has_references)
{
    if (has_references)
        return soft ? "brief-reference" : "pair-reference";
    return soft ? "brief" : "pair";
}

static bool is_local(const struct model *m)
{
    return strcmp(m->backend, "local") == 0;
}

int judging_choose_form(struct judging_spec *spec, const struct arena *a,
                        const char *which, bool write, struct judge_form *out,
                        struct err *e)
{
    const struct model *m = &a->config.models[spec->judge];
    bool soft = !write && (is_local(m) || m->logprobs > 0);
    if (which == NULL)
        which = usual_form(soft, spec->references != NULL);
    if (form_read(out, which, e) != 0)
        return -1;
    spec->soft = soft && out->kind == FORM_PAIR;
    spec->by_schema = !spec->soft && m->json_schema == 1;
    spec->form = out;
    return 0;
}

/* "pair 3fa09c1b, read": the name, what makes it differ from another of this
 * name, and how the verdict is found. */
static char *describe_form(const struct judging_spec *spec)
{
    struct buf text;
    const struct judge_form *f = spec->form;
    uint64_t h = hash_text(hash_text(HASH_START, f->system), f->template);
    buf_init(&text, NAME_MAX_BYTES);
    buf_addf(&text, "%.200s %08" PRIx32 ", %s", f->name,
             (uint32_t)(h ^ (h >> 32)), spec->soft        ? "read"
                                        : spec->by_schema ? "by schema"
                                                          : "written");
    return buf_detach(&text);
}

static int check_judge(struct arena *a, const struct judging_spec *spec,
                       struct err *e)
{
    const struct model *m = &a->config.models[spec->judge];
    if (arena_backend(a, spec->judge, e) == NULL)
        return -1;
    if (spec->soft && ((!is_local(m) && m->logprobs <= 0) ||
                       spec->form->kind != FORM_PAIR))
        return err_set(e, ERR_USAGE, "%s: probabilities are read only of a "
                       "judge that compares two answers, and is local or has "
                       "\"logprobs\"", m->name);
    return batch_check_price(a, spec->judge, spec->budget, e);
}

static int load_items(struct judging *j, struct err *e)
{
    struct store_to_judge *rows;
    size_t n;
    if (store_list_to_judge(j->arena->store, j->spec.run_id, j->voter, &rows,
                            &n, e) != 0)
        return -1;
    j->items = mem_calloc(n + 1, sizeof(*j->items));
    j->n_items = j->status.n_battles = n;
    for (size_t i = 0; i < n; i++) {
        j->items[i].battle_id = rows[i].battle_id;
        j->items[i].done = rows[i].voted && !j->spec.again;
        j->status.n_voted += rows[i].voted;
    }
    free(rows);
    return 0;
}

static int check_form(struct judging *j, struct err *e)
{
    char *other;
    if (store_find_other_form(j->arena->store, j->spec.run_id, j->voter,
                              j->form, &other, e) != 0)
        return -1;
    if (other == NULL)
        return 0;
    err_set(e, ERR_USAGE, "%s has judged this run by the form %.100s, and now "
            "it would be %.100s; --again withdraws those votes and begins anew",
            j->voter, other, j->form);
    free(other);
    return -1;
}

static int open_stored(struct judging *j, struct err *e)
{
    if (!j->spec.again && check_form(j, e) != 0)
        return -1;
    return load_items(j, e);
}

int judging_open(struct judging **out, struct arena *a,
                 const struct judging_spec *spec, struct err *e)
{
    if (check_judge(a, spec, e) != 0)
        return -1;
    const struct model *m = &a->config.models[spec->judge];
    struct judging *j = mem_calloc(1, sizeof(*j));
    j->arena = a;
    j->spec = *spec;
    j->form = describe_form(spec);
    model_copy(&j->reader, m);
    if (j->reader.think < 0)
        j->reader.think = 0;
    j->voter = voter_of_judge(m->name);
    j->n_jobs = batch_n_jobs(m, spec->n_jobs);
    budget_init(&j->budget, spec->budget);
    j->calls = mem_calloc(j->n_jobs, sizeof(*j->calls));
    references_init(&j->references, spec->references);
    if (open_stored(j, e) != 0) {
        judging_close(j);
        return -1;
    }
    *out = j;
    return 0;
}

void judging_close(struct judging *j)
{
    if (j == NULL)
        return;
    calls_close(j);
    choose_close(j->choose);
    references_free(&j->references);
    model_free(&j->reader);
    free(j->calls);
    free(j->items);
    free(j->voter);
    free(j->form);
    free(j);
}

/* Whether the judge's weights are here, so that nothing is written at all. */
static bool reads_itself(const struct judging *j)
{
    return j->spec.soft && is_local(&j->reader);
}

int judging_step(struct judging *j, struct err *e)
{
    return reads_itself(j) ? soft_step(j, e) : calls_step(j, e);
}

/* Adds what a part of a battle would take. */
static void add_part(struct judging *j, const struct docket_case *c, int part,
                     struct judging_estimate *out)
{
    struct ask_text text;
    struct err why;
    bool soft = reads_itself(j);
    if (ask_fill(&text, j->spec.form, &c->ask, part, calls_own(j),
                 &j->arena->rng, &why) == 0) {
        double n_in = calls_tokens(j, &text);
        const struct batch_takes once = {.n_calls = 1, .n_in = n_in};
        struct batch_takes takes =
            soft ? once : batch_takes(j->arena, j->spec.judge, n_in);
        out->n_calls += takes.n_calls;
        out->n_in += takes.n_in;
        out->n_out += takes.n_out;
        out->cost += takes.cost;
    }
    ask_free(&text);
}

int judging_survey(struct judging *j, struct judging_estimate *out,
                   struct err *e)
{
    *out = (struct judging_estimate){.n_calls = 0};
    for (size_t i = 0; i < j->n_items; i++) {
        struct judging_item *x = &j->items[i];
        struct docket_case c;
        if (x->done)
            continue;
        if (item_take(j, x, e) != 0)
            return -1;
        int result = docket_read(&c, j->arena, x->battle_id, &j->references, e);
        for (int part = 0; part < 2 && result == 0; part++)
            if (!x->said.known[part])
                add_part(j, &c, part, out);
        docket_case_free(&c);
        if (result != 0 && e->code == ERR_DB)
            return -1;
    }
    if (batch_check_price(j->arena, j->spec.judge, 0, NULL) != 0)
        out->cost = NAN; /* of the judge, or of who chooses for it */
    return 0;
}

struct judging_status judging_status(const struct judging *j)
{
    struct judging_status s = j->status;
    s.n_running = j->n_running;
    s.spent = j->budget.spent;
    s.is_spent = j->budget.is_spent && s.n_running == 0;
    s.first = s.n_swapped > 0 ? j->first_sum / (double)s.n_swapped : NAN;
    return s;
}
