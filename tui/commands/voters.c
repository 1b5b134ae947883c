/* `arena voters`: voters whose votes do not fit those of the others. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/suspects.h"
#include "arena/votelog/tally.h"
#include "base/json.h"
#include "base/plural.h"
#include "tui/database.h"
#include "tui/options.h"
#include "tui/print/rejected.h"
#include "tui/print/table.h"
#include "tui/terminal/tty.h"


struct voters_settings {
    bool csv, md, suspects;
};

static const struct option_spec voters_options[] = {
    OPTION(0, "suspects", FLAG, voters_settings, suspects, NULL,
           "only those whose votes do not fit"),
    OPTION(0, "csv", FLAG, voters_settings, csv, NULL, "print CSV"),
    OPTION(0, "md", FLAG, voters_settings, md, NULL, "print Markdown"),
    OPTION_END,
};

/* The votes, whether they come from a file or from the store. */
struct source {
    struct tally tally;
    struct suspects judged; /* of a file the reports only */
    struct store_model *models;
    size_t n_models;
};

static int judge_file(struct source *s, const char *path, struct err *e)
{
    struct tally_options o = {.ballots = true};
    int status = tally_read(&s->tally, path, &o, e);
    rejected_print(&s->tally.log, votelog_told_name(path));
    if (status != 0)
        return -1;
    const struct tally_bucket *all = &s->tally.all;
    if (all->n_ballots == 0)
        return err_set(e, ERR_FAILURE, "%s: no votes", votelog_told_name(path));
    if (voters_check(s->tally.log.models.n, all->ballots, all->n_ballots, NULL,
                     &s->judged.reports, &s->judged.n, e) != 0)
        return err_wrap(e, "voters");
    return 0;
}

static int judge_store(struct source *s, const struct invocation *in,
                       struct err *e)
{
    struct store *store;
    if (database_open(&store, in, DATABASE_READ, e) != 0)
        return -1;
    int status = store_list_models(store, &s->models, &s->n_models, e);
    if (status == 0)
        status = suspects_find(&s->judged, store, s->models, s->n_models, e);
    store_close(store);
    if (status == 0 && s->judged.n == 0)
        status = err_set(e, ERR_FAILURE, "voters: no votes yet");
    return status;
}

static void source_free(struct source *s)
{
    tally_free(&s->tally);
    suspects_free(&s->judged);
    store_free_models(s->models, s->n_models);
}

static const char *model_name(const struct source *s, uint32_t model)
{
    return s->models != NULL ? s->models[model].name : s->tally.names[model];
}

static const char *voter_name(const struct source *s, uint32_t voter)
{
    return s->models != NULL ? s->judged.ballots.voters[voter]
                             : names_get(&s->tally.log.voters, voter, NULL);
}

/* "side A, favours qwen": what a voter is suspected of. */
static void add_reasons(const struct source *s, const struct voter_report *r,
                        struct buf *out)
{
    if (r->by_slot)
        buf_addf(out, "side %s, ", r->slot_z > 0 ? "A" : "B");
    if (r->by_model)
        buf_addf(out, "%s %s, ", r->model_z > 0 ? "favours" : "against",
                 model_name(s, r->model));
    if (r->by_agreement)
        buf_add_str(out, "disagrees, ");
    if (r->by_fast)
        buf_add_str(out, "too fast, ");
    if (r->by_evidence && out->len == 0)
        buf_add_str(out, "evidence, ");
    if (out->len > 0)
        buf_cut(out, out->len - strlen(", "));
}

static void print_rows(const struct source *s, const struct voter_report *r,
                       size_t n, enum table_format format, struct buf *out)
{
    static const struct table_column columns[] = {
        {"Voter", false, TABLE_NAME}, {"Votes", true, 0},
        {"Side z", true, 0},            {"Model z", true, 0},
        {"Agrees z", true, 0},          {"Fast", true, 0},
        {"Evidence", true, 0},          {"Suspect of", false, 0},
    };
    struct table t;
    table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
    t.width = tty_columns(STDOUT_FILENO);
    for (size_t i = 0; i < n; i++) {
        struct buf why;
        buf_init(&why, 4096);
        add_reasons(s, &r[i], &why);
        table_add(&t, voter_name(s, r[i].voter));
        table_addf(&t, "%" PRIu64, r[i].votes);
        table_addf(&t, "%+.1f", r[i].slot_z);
        table_addf(&t, "%+.1f", r[i].model_z);
        table_addf(&t, "%+.1f", r[i].agreement_z);
        table_addf(&t, "%" PRIu64, r[i].n_fast);
        table_addf(&t, "%.3g", r[i].evidence);
        table_add(&t, why.data);
        buf_free(&why);
    }
    table_print(&t, format, out);
    table_free(&t);
}

static void json_test(struct buf *out, const char *key, double z, double p,
                      bool suspect)
{
    json_key(out, key);
    buf_add_char(out, '{');
    json_put_number(out, "z", z);
    json_put_number(out, "p", p);
    json_put_bool(out, "suspect", suspect);
    buf_add_char(out, '}');
}

static void print_json(const struct source *s, const struct voter_report *r,
                       size_t n, struct buf *out)
{
    buf_add_str(out, "{\"voters\":[");
    for (size_t i = 0; i < n; i++) {
        const char *name = voter_name(s, r[i].voter);
        const char *model = model_name(s, r[i].model);
        json_comma(out);
        buf_add_char(out, '{');
        json_put_text(out, "voter", name);
        json_put_whole(out, "votes", (int64_t)r[i].votes);
        json_test(out, "slot", r[i].slot_z, r[i].slot_p, r[i].by_slot);
        json_test(out, "model", r[i].model_z, r[i].model_p, r[i].by_model);
        json_put_text(out, "model_name", model);
        json_test(out, "agreement", r[i].agreement_z, r[i].agreement_p,
                  r[i].by_agreement);
        json_put_whole(out, "n_timed", (int64_t)r[i].n_timed);
        json_put_whole(out, "n_fast", (int64_t)r[i].n_fast);
        json_put_number(out, "fast_p", r[i].fast_p);
        json_put_number(out, "evidence", r[i].evidence);
        json_put_bool(out, "suspect", r[i].suspect);
        buf_add_char(out, '}');
    }
    buf_add_str(out, "]}\n");
}

/* Suspects first, the most certain ones on top; then those with most votes. */
static int compare_reports(const void *a, const void *b)
{
    const struct voter_report *x = a, *y = b;
    if (x->suspect != y->suspect)
        return x->suspect ? -1 : 1;
    if (x->suspect && x->evidence != y->evidence)
        return x->evidence > y->evidence ? -1 : 1;
    if (x->votes != y->votes)
        return x->votes > y->votes ? -1 : 1;
    return (x->voter > y->voter) - (x->voter < y->voter);
}

static void print_reports(const struct source *s, const struct invocation *in,
                          const struct voters_settings *set, struct buf *out)
{
    struct voter_report *r = s->judged.reports;
    size_t n = s->judged.n, n_suspects = 0;
    uint64_t votes = 0;
    qsort(r, n, sizeof(*r), compare_reports);
    for (size_t i = 0; i < n; i++) {
        n_suspects += r[i].suspect;
        votes += r[i].votes;
    }
    size_t shown = set->suspects ? n_suspects : n;
    if (in->json) {
        print_json(s, r, shown, out);
        return;
    }
    print_rows(s, r, shown,
               set->csv ? TABLE_CSV : set->md ? TABLE_MARKDOWN : TABLE_TEXT,
               out);
    if (!set->csv)
        buf_addf(out, "%s%zu voter%s, %" PRIu64 " vote%s, %zu suspect. A test "
                 "is no verdict: of honest voters up to 2.4%% are suspects by "
                 "chance,\nby evidence of %g or more 0.1%%.\n",
                 set->md ? "\n" : "", n, plural_s(n), votes, plural_s(votes),
                 n_suspects, VOTERS_EVIDENCE);
}

static int run_voters(struct invocation *in, struct err *e)
{
    struct voters_settings set = {0};
    struct source s = {0};
    if (command_parse(in, &set, 0, 1, e) != 0)
        return -1;
    int status = in->argc > 1 ? judge_file(&s, in->argv[1], e)
                              : judge_store(&s, in, e);
    if (status == 0) {
        struct buf out;
        buf_init(&out, 1 << 30);
        print_reports(&s, in, &set, &out);
        status = database_print(&out, e);
    }
    if (status == 0 && in->argc > 1)
        status = rejected_tell(&s.tally.log, votelog_told_name(in->argv[1]), e);
    source_free(&s);
    return status;
}

const struct command command_voters = {
    .name = "voters",
    .summary = "find voters whose votes do not fit the others'",
    .synopsis = "[FILE]",
    .options = voters_options,
    .help = "Checks the votes of this arena, or of a battle log with a voter "
            "column.  z is in\nstandard deviations: side (above 0: A), the "
            "model most out of line (above 0:\nfavoured), agreement with all "
            "(below 0: disagrees).  Evidence is what a bet\nagainst honesty "
            "has won; it may be looked at any time.  Nothing is deleted.\n",
    .run = run_voters,
};
