#include "tui/print/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/plural.h"
#include "tui/print/table.h"

#define NAME_COLUMNS 32

struct row {
    const char *name, *provider;
    struct run_estimate e;
    double minutes; /* NaN: not known */
};

/* Tokens a second of a model of the config; NaN if none is timed. */
static double speed_of(const struct store_model *models, size_t n,
                       const struct store_usage *usage, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (models[i].id == id)
            return usage[i].tokens_per_second;
    return NAN;
}

/* One answer after the other at a local model (together they are faster), as
 * many as may be at another. */
static double minutes_of(const struct estimate_view *v, size_t model,
                         double speed)
{
    const struct run_estimate *e = &v->of[model];
    bool is_local =
        strcmp(v->arena->config.models[model].backend, "local") == 0;
    if (e->n_calls == 0)
        return 0;
    if (!(speed > 0))
        return NAN;
    return e->n_out / speed / 60 /
           (is_local ? 1 : (double)run_n_jobs(v->run, model));
}

static int fill_rows(const struct estimate_view *v, struct row *rows,
                     struct err *e)
{
    struct store_model *models;
    size_t n;
    if (store_list_models(v->arena->store, &models, &n, e) != 0)
        return -1;
    struct store_usage *usage = mem_calloc(n + 1, sizeof(*usage));
    int result = store_usage(v->arena->store, models, n, usage, e);
    for (size_t i = 0; i < v->n_models && result == 0; i++) {
        size_t model = v->models[i];
        double speed =
            speed_of(models, n, usage, v->arena->model_ids[model]);
        rows[i] = (struct row){
            .name = v->arena->config.models[model].name,
            .provider = v->arena->config.models[model].provider,
            .e = v->of[model],
            .minutes = minutes_of(v, model, speed),
        };
    }
    free(usage);
    store_free_models(models, n);
    return result;
}

/* Backends work at the same time, the models of one in turn. */
static double longest_backend(const struct row *rows, size_t n)
{
    double longest = 0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t k = 0; k < n; k++)
            if (strcmp(rows[k].provider, rows[i].provider) == 0)
                sum += rows[k].minutes;
        if (isnan(sum))
            return NAN;
        longest = fmax(longest, sum);
    }
    return longest;
}

static struct row sum_up(const struct row *rows, size_t n)
{
    struct row all = {.name = "all",
                      .minutes = longest_backend(rows, n)};
    for (size_t i = 0; i < n; i++) {
        all.e.n_answers += rows[i].e.n_answers;
        all.e.n_calls += rows[i].e.n_calls;
        all.e.n_in += rows[i].e.n_in;
        all.e.n_out += rows[i].e.n_out;
        all.e.cost += rows[i].e.n_calls > 0 ? rows[i].e.cost : 0;
    }
    return all;
}

static void add_known(struct table *t, int n_places, double v)
{
    if (isnan(v))
        table_add(t, "?");
    else
        table_addf(t, "%.*f", n_places, v);
}

static void print_rows(const struct row *rows, size_t n, struct buf *out)
{
    static const struct table_column columns[] = {
        {"Model", false, NAME_COLUMNS}, {"Calls", true, 0},
        {"Tokens read", true, 0},       {"Written", true, 0},
        {"Dollars", true, 0},           {"Minutes", true, 0},
    };
    struct table t;
    table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < n; i++) {
        table_add(&t, rows[i].name);
        table_addf(&t, "%zu", rows[i].e.n_calls);
        table_addf(&t, "%.0f", rows[i].e.n_in);
        table_addf(&t, "%.0f", rows[i].e.n_out);
        add_known(&t, 4, rows[i].e.cost);
        add_known(&t, 1, rows[i].minutes);
    }
    table_print(&t, TABLE_TEXT, out);
    table_free(&t);
}

static void add_json(const struct row *row, struct buf *out)
{
    buf_add_char(out, '{');
    json_put_text(out, "name", row->name);
    json_put_whole(out, "answers", (int64_t)row->e.n_answers);
    json_put_whole(out, "calls", (int64_t)row->e.n_calls);
    json_put_number(out, "tokens_read", row->e.n_in);
    json_put_number(out, "tokens_written", row->e.n_out);
    json_put_number(out, "dollars", row->e.cost);
    json_put_number(out, "minutes", row->minutes);
    buf_add_char(out, '}');
}

int estimate_print(const struct estimate_view *v, bool json, struct buf *out,
                   struct err *e)
{
    struct row *rows = mem_calloc(v->n_models + 1, sizeof(*rows));
    struct run_status s = run_status(v->run);
    if (fill_rows(v, rows, e) != 0) {
        free(rows);
        return -1;
    }
    rows[v->n_models] = sum_up(rows, v->n_models);
    if (json) {
        buf_add_char(out, '{');
        json_put_text(out, "event", "estimate");
        json_put_text(out, "run", run_name(v->run));
        json_put_whole(out, "battles", (int64_t)s.n_battles);
        json_put_whole(out, "answers", (int64_t)s.n_answers);
        json_put_whole(out, "found", (int64_t)s.n_found);
        json_key(out, "models");
        buf_add_char(out, '[');
        for (size_t i = 0; i < v->n_models; i++) {
            json_comma(out);
            add_json(&rows[i], out);
        }
        buf_add_char(out, ']');
        json_key(out, "all");
        add_json(&rows[v->n_models], out);
        buf_add_str(out, "}\n");
    } else {
        plural_add(out, s.n_battles, "[battle|battles], ");
        plural_add(out, s.n_answers, "[answer|answers]: ");
        plural_add(out, s.n_found, "[is|are] there, ");
        plural_add(out, rows[v->n_models].e.n_answers,
                   "[is|are] to be made, with at most\n");
        print_rows(rows, v->n_models + 1, out);
    }
    free(rows);
    return 0;
}
