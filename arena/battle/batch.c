#include "arena/battle/batch.h"

#include <math.h>
#include <string.h>

#include "arena/battle/best.h"

size_t batch_n_jobs(const struct model *m, int n_asked)
{
    bool is_local = strcmp(m->backend, "local") == 0;
    return n_asked > 0 ? (size_t)n_asked
           : is_local  ? BATCH_LOCAL_JOBS
                       : BATCH_REMOTE_JOBS;
}

/* Adds n calls of a model. */
static void add_calls(const struct model *m, size_t n, double n_in,
                      double n_out, struct batch_takes *out)
{
    double in = isnan(m->price_in) ? 0 : m->price_in;
    double written = isnan(m->price_out) ? 0 : m->price_out;
    double times = (double)n;
    out->n_calls += n;
    out->n_in += times * n_in;
    out->n_out += times * n_out;
    out->cost += times * (n_in * in + n_out * written) / 1e6;
}

struct batch_takes batch_takes(const struct arena *a, size_t model, double n_in)
{
    const struct model *m = &a->config.models[model];
    struct batch_takes all = {.n_calls = 0};
    size_t judge;
    add_calls(m, m->best_of > 1 ? (size_t)m->best_of : 1, n_in,
              answer_likely_tokens(a, model), &all);
    if (best_judge_of(a, model, &judge, NULL) == 1) /* reads all of them */
        add_calls(&a->config.models[judge], 1, n_in + all.n_out,
                  answer_likely_tokens(a, judge), &all);
    return all;
}

double batch_cost(const struct arena *a, size_t model, double n_in)
{
    return batch_takes(a, model, n_in).cost;
}

/* Whether it is known what a model costs; local ones cost nothing. */
static bool has_price(const struct model *m)
{
    return strcmp(m->backend, "local") == 0 ||
           strcmp(m->backend, "replay") == 0 ||
           (!isnan(m->price_in) && !isnan(m->price_out));
}

int batch_check_price(const struct arena *a, size_t model, double limit,
                      struct err *e)
{
    const struct model *m = &a->config.models[model];
    size_t judge;
    int has_judge = best_judge_of(a, model, &judge, e);
    if (has_judge < 0)
        return -1;
    if (has_judge == 1 && has_price(m))
        m = &a->config.models[judge];
    if (isnan(limit) || has_price(m))
        return 0;
    return err_set(e, ERR_CONFIG, "%s has no price, so a budget cannot be "
                   "kept; set \"price_in\" and \"price_out\" in the config, 0 "
                   "if it is free", m->name);
}

void budget_init(struct budget *b, double limit)
{
    *b = (struct budget){.limit = isnan(limit) ? INFINITY : limit};
}

bool budget_reserve(struct budget *b, double cost, double *reserved)
{
    *reserved = 0;
    if (cost > 0 && b->spent + b->reserved + cost > b->limit) {
        b->is_spent = true;
        return false;
    }
    *reserved = cost;
    b->reserved += cost;
    return true;
}

void budget_settle(struct budget *b, double *reserved, double cost)
{
    b->reserved -= *reserved;
    *reserved = 0;
    if (!isnan(cost))
        b->spent += cost;
}
