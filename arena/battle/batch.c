#include "arena/battle/batch.h"

#include <math.h>
#include <string.h>

#include "arena/battle/answer.h"

size_t batch_n_jobs(const struct model *m, int n_asked)
{
    bool is_local = strcmp(m->backend, "local") == 0;
    return n_asked > 0 ? (size_t)n_asked
           : is_local  ? BATCH_LOCAL_JOBS
                       : BATCH_REMOTE_JOBS;
}

double batch_cost(const struct arena *a, size_t model, double n_in)
{
    const struct model *m = &a->config.models[model];
    double in = isnan(m->price_in) ? 0 : m->price_in;
    double out = isnan(m->price_out) ? 0 : m->price_out;
    return (n_in * in + answer_likely_tokens(a, model) * out) / 1e6;
}

bool batch_has_price(const struct model *m)
{
    return strcmp(m->backend, "local") == 0 ||
           strcmp(m->backend, "replay") == 0 ||
           (!isnan(m->price_in) && !isnan(m->price_out));
}

int batch_check_price(const struct model *m, double limit, struct err *e)
{
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
