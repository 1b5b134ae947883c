#include "backends/engine/tune.h"

#define SELDOM 32   /* passes between probes while all is well, */
#define OFTEN 8     /* and while passes take longer than they did */
#define WORSE 1.5   /* than the lowest cost lately: something has changed */
#define BETTER 0.95 /* another choice must be, to be taken */
#define CROWDED 0.8 /* of a core for each thread: others want it too */
#define NEWEST 0.3  /* weight of the newest cost in the mean of the best, */
#define PROBED 0.6  /* and in that of others, which are seldom measured */

void tune_init(struct tune *t, int n_threads, double share)
{
    *t = (struct tune){.next_probe = OFTEN};
    for (int n = n_threads; n >= 1 && t->n_choices < TUNE_MAX_CHOICES; n /= 2)
        t->threads[t->n_choices++] = n;
    if (share < CROWDED && t->n_choices > 1)
        t->best = 1;
}

void tune_follow(struct tune *t, const struct tune *other)
{
    if (t->best == other->best)
        return;
    t->best = other->best;
    t->lowest = t->cost[t->best];
}

static bool is_worse(const struct tune *t)
{
    return t->cost[t->best] > WORSE * t->lowest;
}

/* The neighbours of the best in turn. */
static int next_choice(struct tune *t)
{
    int other = t->best + (++t->n_probes % 2 ? 1 : -1);
    if (other < 0)
        return 1;
    return other == t->n_choices ? t->best - 1 : other;
}

int tune_pick(struct tune *t)
{
    if (++t->n_passes < t->next_probe || t->n_choices == 1)
        return t->best;
    int other = next_choice(t);
    /* What is much slower is measured less often, so that all probes together
     * take a few hundredths of the time. */
    double ratio = 1;
    if (t->cost[t->best] > 0 && t->cost[other] > t->cost[t->best])
        ratio = t->cost[other] / t->cost[t->best];
    double wait = ratio * (is_worse(t) ? OFTEN : SELDOM);
    t->next_probe = t->n_passes + (unsigned)(wait < 1e6 ? wait : 1e6);
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
    t->lowest *= 1.002; /* forgets slowly, as contexts grow */
    if (t->lowest == 0 || *mean < t->lowest)
        t->lowest = *mean;
    if (is_worse(t) && !t->was_worse && t->next_probe > t->n_passes + OFTEN)
        t->next_probe = t->n_passes + OFTEN;
    t->was_worse = is_worse(t);
}
