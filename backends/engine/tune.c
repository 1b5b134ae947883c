#include "backends/engine/tune.h"

#include <stdbool.h>

#define SELDOM 32   /* passes between probes while all is well, */
#define OFTEN 4     /* and while passes take longer than they did */
#define WORSE 1.3   /* than the lowest cost lately: something has changed */
#define BETTER 0.95 /* another choice must be, to be taken */
#define NEWEST 0.3  /* weight of the newest cost in the mean of the best, */
#define PROBED 0.6  /* and in that of others, which are seldom measured */

void tune_init(struct tune *t, int n_threads)
{
    *t = (struct tune){.next_probe = OFTEN};
    for (int n = n_threads; n >= 1 && t->n_choices < TUNE_MAX_CHOICES; n /= 2)
        t->threads[t->n_choices++] = n;
}

static bool is_worse(const struct tune *t)
{
    return t->cost[t->best] > WORSE * t->lowest;
}

int tune_pick(struct tune *t)
{
    if (++t->n_passes < t->next_probe || t->n_choices == 1)
        return t->best;
    t->next_probe = t->n_passes + (is_worse(t) ? OFTEN : SELDOM);
    /* The neighbours in turn. */
    int other = t->best + (++t->n_probes % 2 ? 1 : -1);
    if (other < 0)
        other = 1;
    if (other == t->n_choices)
        other = t->best - 1;
    return other;
}

void tune_note(struct tune *t, int choice, double cost)
{
    double *mean = &t->cost[choice];
    double weight = choice == t->best ? NEWEST : PROBED;
    *mean = *mean > 0 ? *mean + weight * (cost - *mean) : cost;
    if (choice != t->best) {
        if (t->cost[t->best] > 0 && *mean < BETTER * t->cost[t->best]) {
            t->best = choice;
            t->lowest = *mean;
        }
        return;
    }
    t->lowest *= 1.001; /* forgets slowly, as contexts grow */
    if (t->lowest == 0 || *mean < t->lowest)
        t->lowest = *mean;
    if (is_worse(t) && t->next_probe > t->n_passes + OFTEN)
        t->next_probe = t->n_passes + OFTEN;
}
