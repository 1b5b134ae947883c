#include "backends/remote/gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct gate {
    struct gate *next;
    char *server;
    int n_inside;
    double limit;       /* at once, as learned; at most `most` */
    double most;        /* of the config, or INFINITY */
    double interval_ms; /* between two requests */
    double next_ms;     /* not before: by the interval */
    int64_t closed_ms;  /* not before: by the server's word */
    int64_t cut_ms;     /* when `limit` was halved last */
    struct gate_waiter *first, **end;
};

struct gate *gate_of(struct gate **list, const char *server, int max_parallel,
                     double per_minute)
{
    struct gate *g = *list;
    while (g != NULL && strcmp(g->server, server) != 0)
        g = g->next;
    if (g == NULL) {
        g = mem_calloc(1, sizeof(*g));
        g->server = mem_strdup(server);
        g->limit = INFINITY;
        g->end = &g->first;
        g->cut_ms = INT64_MIN;
        g->next = *list;
        *list = g;
    }
    g->most = max_parallel > 0 ? max_parallel : INFINITY;
    g->interval_ms = per_minute > 0 ? 60000 / per_minute : 0;
    if (g->limit > g->most)
        g->limit = g->most;
    return g;
}

void gate_free_all(struct gate **list)
{
    while (*list != NULL) {
        struct gate *g = *list;
        *list = g->next;
        free(g->server);
        free(g);
    }
}

/* The first of the row looks again. */
static void wake_first(struct gate *g)
{
    if (g->first != NULL)
        *g->first->due_ms = 0;
}

static void take_out(struct gate *g, struct gate_waiter *w)
{
    struct gate_waiter **p = &g->first;
    while (*p != w)
        p = &(*p)->next;
    *p = w->next;
    if (g->end == &w->next)
        g->end = p;
    w->waits = false;
}

static void put_in(struct gate *g, struct gate_waiter *w)
{
    w->next = NULL;
    w->waits = true;
    *g->end = w;
    g->end = &w->next;
}

bool gate_enter(struct gate *g, struct gate_waiter *w, int64_t now_ms)
{
    if (!w->waits)
        put_in(g, w);
    double open_ms = fmax(g->next_ms, (double)g->closed_ms);
    bool full = g->n_inside + 1 > g->limit;
    if (g->first != w || full || (double)now_ms < open_ms) {
        *w->due_ms = g->first != w || full ? INT64_MAX
                                           : (int64_t)ceil(open_ms);
        return false;
    }
    take_out(g, w);
    g->n_inside++;
    g->next_ms = fmax(g->next_ms, (double)now_ms) + g->interval_ms;
    wake_first(g);
    return true;
}

void gate_leave(struct gate *g)
{
    g->n_inside--;
    wake_first(g);
}

void gate_give_up(struct gate *g, struct gate_waiter *w)
{
    if (!w->waits)
        return;
    take_out(g, w);
    wake_first(g);
}

void gate_refused(struct gate *g, int64_t begun_ms, int64_t now_ms,
                  int64_t wait_ms)
{
    if (wait_ms > 0 && now_ms + wait_ms > g->closed_ms)
        g->closed_ms = now_ms + wait_ms;
    if (begun_ms < g->cut_ms)
        return;
    double half = floor(g->n_inside / 2.0);
    g->limit = half > 1 ? half : 1;
    g->cut_ms = now_ms;
}

void gate_passed(struct gate *g)
{
    if (!isinf(g->limit))
        g->limit = fmin(g->limit + 1 / g->limit, g->most);
}
