#include "arena/exchange/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "arena/exchange/answered.h"
#include "arena/exchange/form.h"
#include "arena/store/voter.h"
#include "base/nearest.h"

/* The list: a form is a word here, and a file. */
#define FORM_LIST(X)                                                           \
    X(jsonl)                                                                   \
    X(csv)                                                                     \
    X(lmarena)                                                                 \
    X(alpaca_eval)                                                             \
    X(mt_bench)                                                                \
    X(arena_hard)                                                              \
    X(open_webui)                                                              \
    X(alpaca_outputs)                                                          \
    X(mt_bench_answers)                                                        \
    X(arena_hard_answers)                                                      \
    X(dpo)                                                                     \
    X(kto)                                                                     \
    X(sft)

#define DECLARE(name) extern const struct exchange_form exchange_##name;
FORM_LIST(DECLARE)
#undef DECLARE

#define ROW(name) &exchange_##name,
static const struct exchange_form *const forms[] = {FORM_LIST(ROW)};
#undef ROW

#define N_FORMS (sizeof(forms) / sizeof(forms[0]))

const struct exchange_form *exchange_at(size_t i)
{
    return i < N_FORMS ? forms[i] : NULL;
}

const struct exchange_form *exchange_find(const char *name, struct err *e)
{
    struct nearest near;
    struct buf known;
    nearest_init(&near, name);
    buf_init(&known, 1000);
    for (size_t i = 0; i < N_FORMS; i++) {
        if (strcmp(forms[i]->name, name) == 0) {
            buf_free(&known);
            return forms[i];
        }
        nearest_offer(&near, forms[i]->name);
        buf_addf(&known, "%s%s", i > 0 ? " " : "", forms[i]->name);
    }
    if (near.best != NULL)
        err_set(e, ERR_USAGE,
                "there is no form \"%.40s\"; did you mean "
                "\"%s\"?",
                name, near.best);
    else
        err_set(e, ERR_USAGE, "there is no form \"%.40s\"; there are: %s", name,
                known.data);
    buf_free(&known);
    return NULL;
}

const char *exchange_name(const struct exchange_form *f)
{
    return f->name;
}

char *exchange_dataset_info(const struct exchange_form *f,
                            const struct exchange_options *o, const char *file)
{
    return f->dataset_info ? f->dataset_info(o, file) : NULL;
}

const char *exchange_reason(enum exchange_reason r)
{
    static const char *const texts[] = {
#define EXCHANGE_TEXT(name, text) text,
        EXCHANGE_REASONS(EXCHANGE_TEXT)
#undef EXCHANGE_TEXT
    };
    return texts[r];
}

const char *exchange_loss(enum import_reason r)
{
    static const char *const texts[] = {
#define IMPORT_TEXT(name, text) text,
        IMPORT_REASONS(IMPORT_TEXT)
#undef IMPORT_TEXT
    };
    return texts[r];
}

/* --- out ---------------------------------------------------------------- */

int export_flush(struct export *x, struct err *e)
{
    int result = 0;
    if (x->row.overflow)
        result = err_set(e, ERR_FAILURE, "a battle is too large to be written");
    else if (x->row.len > 0)
        result = x->write(x->arg, x->row.data, x->row.len, e);
    buf_clear(&x->row);
    return result;
}

int export_begin_list(struct export *x, struct err *e)
{
    (void)e;
    buf_add_char(&x->row, '[');
    return 0;
}

int export_end_list(struct export *x, struct err *e)
{
    (void)e;
    buf_add_str(&x->row, "\n]\n");
    return 0;
}

void export_begin_object(struct export *x)
{
    buf_addf(&x->row, "%s\n{", x->counts->n_rows > 0 ? "," : "");
}

int export_leave_out(struct export *x, enum exchange_reason why)
{
    x->counts->left_out[why]++;
    return 0;
}

/* "all"; "human" and "judge" are all of their kind; else one voter. */
static bool is_voter(const char *wanted, const char *voter)
{
    size_t n = strlen(wanted);
    if (strcmp(wanted, "all") == 0)
        return true;
    if (strchr(wanted, ':') != NULL)
        return strcmp(wanted, voter) == 0;
    return strncmp(wanted, voter, n) == 0 && voter[n] == ':';
}

/* Whether a vote gives a row; counts why not. */
static bool is_wanted(struct export *x, const struct exchange_form *f,
                      const struct bulk_battle *b, const struct bulk_vote *v)
{
    const char *voters = x->o->voter ? x->o->voter
                         : f->voters ? f->voters
                                     : "all";
    enum exchange_reason why = EXCHANGE_N_REASONS;
    x->counts->n_votes++;
    if (v->withdrawn_by != NULL)
        why = EXCHANGE_WITHDRAWN;
    else if (!is_voter(voters, v->voter))
        why = EXCHANGE_VOTER;
    else if (v->created_ms < x->o->since_ms)
        why = EXCHANGE_TIME;
    else if (b->compare)
        why = EXCHANGE_COMPARE;
    else if (v->seen)
        why = EXCHANGE_SEEN;
    else if (v->leak)
        why = EXCHANGE_LEAK;
    else
        return true;
    export_leave_out(x, why);
    return false;
}

static void export_votes(struct export *x, const struct exchange_form *f,
                         const struct bulk_battle *b)
{
    struct talk t;
    if (b->n_votes == 0)
        export_leave_out(x, EXCHANGE_NO_VOTE);
    talk_init(&t, b);
    for (size_t i = 0; i < b->n_votes; i++)
        if (is_wanted(x, f, b, &b->votes[i]))
            f->vote(x, b, &t, &b->votes[i]);
    talk_free(&t);
}

struct visit {
    const struct exchange_form *form;
    struct export *x;
};

static int take_battle(void *arg, const struct bulk_battle *b, struct err *e)
{
    const struct visit *v = arg;
    const struct exchange_form *f = v->form;
    v->x->counts->n_battles++;
    if (f->vote != NULL)
        export_votes(v->x, f, b);
    else if (f->answer != NULL)
        answered_export(v->x, b, f->answer);
    else if (f->battle(v->x, b, e) != 0)
        return -1;
    return export_flush(v->x, e);
}

static int run_export(struct export *x, const struct exchange_form *f,
                      struct err *e)
{
    struct bulk_filter filter = {x->o->run_id, x->o->category};
    struct visit visit = {f, x};
    if (f->begin && (f->begin(x, e) != 0 || export_flush(x, e) != 0))
        return -1;
    if (bulk_read(x->store, &filter, take_battle, &visit, e) != 0)
        return -1;
    return f->end && f->end(x, e) != 0 ? -1 : export_flush(x, e);
}

/* "human" and "judge", and one of them by name. */
static bool is_voters(const char *wanted)
{
    const char *name = strchr(wanted, ':');
    bool is_empty = name != NULL && name[1] == '\0';
    return strcmp(wanted, "judge") == 0 ||
           (voter_can_filter(wanted) && !is_empty);
}

static int check_votes(const struct exchange_form *f,
                       const struct exchange_options *o, struct err *e)
{
    bool some = o->voter != NULL && strcmp(o->voter, "all") != 0;
    if (f->vote == NULL && (some || o->since_ms != 0))
        return err_set(e, ERR_USAGE, "--voter and --since choose votes, and %s "
                       "%s: leave them out", f->name,
                       f->answer ? "has answers" : "has them all");
    if (some && !is_voters(o->voter))
        return err_set(e, ERR_USAGE, "--voter \"%.60s\": want all, human, "
                       "judge, human:NAME or judge:NAME", o->voter);
    return 0;
}

/* A name that no model has would give an empty file without a word. */
static int check_model(struct store *s, const char *name, struct err *e)
{
    struct store_model *models;
    struct nearest near;
    size_t n, i = 0;
    if (name == NULL)
        return 0;
    if (store_list_models(s, &models, &n, e) != 0)
        return -1;
    nearest_init(&near, name);
    while (i < n && strcmp(models[i].name, name) != 0)
        nearest_offer(&near, models[i++].name);
    int result = i < n ? 0
                       : err_set(e, ERR_USAGE, "no model \"%.60s\" in the "
                                 "database%s%.60s%s", name,
                                 near.best ? "; did you mean \"" : "",
                                 near.best ? near.best : "",
                                 near.best ? "\"?" : "");
    store_free_models(models, n);
    return result;
}

/* What a form has no use for would be lost without a word. */
static int check_options(const struct exchange_form *f,
                         const struct exchange_options *o, struct err *e)
{
    if (f->battle == NULL && f->vote == NULL && f->answer == NULL)
        return err_set(e, ERR_USAGE, "%s cannot be exported", f->name);
    if ((f->answer != NULL) != (o->model != NULL))
        return err_set(e, ERR_USAGE, f->answer
                       ? "%s has the answers of one model: give --model NAME"
                       : "%s has the votes on all models: leave --model out",
                       f->name);
    if (o->ties && !f->takes_ties)
        return err_set(e, ERR_USAGE, "--ties is for dpo; leave it out of %s",
                       f->name);
    if (o->conversational && !f->takes_talks)
        return err_set(e, ERR_USAGE, "--conversational is for dpo and kto; "
                       "leave it out of %s", f->name);
    return check_votes(f, o, e);
}

int exchange_export(struct store *s, const struct exchange_form *f,
                    const struct exchange_options *o,
                    int (*write)(void *arg, const char *bytes, size_t n,
                                 struct err *e),
                    void *arg, struct exchange_counts *out, struct err *e)
{
    struct export x = {
        .store = s, .o = o, .counts = out, .write = write, .arg = arg};
    *out = (struct exchange_counts){0};
    if (check_options(f, o, e) != 0 || check_model(s, o->model, e) != 0)
        return -1;
    buf_init(&x.row, EXPORT_ROW_BYTES);
    names_init(&x.prompts, NAMES_NONE - 1);
    int result = run_export(&x, f, e);
    names_free(&x.prompts);
    free(x.hashes);
    buf_free(&x.row);
    return result;
}
