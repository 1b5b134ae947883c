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

static double call_cost(const struct model *m, double n_in, double n_out)
{
    double in = isnan(m->price_in) ? 0 : m->price_in;
    double out = isnan(m->price_out) ? 0 : m->price_out;
    return (n_in * in + n_out * out) / 1e6;
}

double batch_cost(const struct arena *a, size_t model, double n_in)
{
    const struct model *m = &a->config.models[model];
    double n = batch_n_calls(m), n_out = answer_likely_tokens(a, model);
    size_t judge;
    double cost = n * call_cost(m, n_in, n_out);
    if (best_judge_of(a, model, &judge, NULL) == 1)
        cost += call_cost(&a->config.models[judge], n_in + n * n_out,
                          answer_likely_tokens(a, judge));
    return cost;
}

int batch_n_calls(const struct model *m)
{
    return m->best_of > 1 ? m->best_of : 1;
}

bool batch_has_price(const struct model *m)
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
    if (has_judge == 1 && batch_has_price(m))
        m = &a->config.models[judge];
    if (isnan(limit) || batch_has_price(m))
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
