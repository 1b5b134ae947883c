/* What soft verdicts cost beside reading the text they are about.
 *
 * usage: judge CONFIG DB RUN MODEL
 *
 * The model judges the battles of a run in both orders, as `arena judge` does,
 * its own work in the store included.  Beside that stands reading alone, by the
 * same engine: of the tokens that the two prompts of a battle consist of, what
 * both begin with once; and of each prompt whole.  All are taken in turn,
 * battle by battle, so that a noisy machine disturbs them alike, and in seconds
 * on the wall, since all threads work.  The weights are loaded before. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena/arena.h"
#include "arena/judge/ask.h"
#include "arena/judge/docket.h"
#include "arena/judge/judging.h"
#include "arena/store/judgments.h"
#include "backends/engine/engine.h"
#include "backends/local/infer.h"
#include "base/clock.h"

struct bench {
    struct arena arena;
    struct infer *infer;
    struct engine_session *session;
    struct judge_form form;
    struct judging_spec spec;
};

struct sums {
    double judged_s, once_s, whole_s;
    int64_t once, whole; /* tokens */
    size_t n;
};

static void must(int result, const struct err *e)
{
    if (result == 0)
        return;
    fprintf(stderr, "judge: %s\n", e->text);
    exit(1);
}

/* Reads tokens from a place on; the seconds that this takes. */
static double read_from(struct bench *b, const struct token_list *ids,
                        size_t from)
{
    struct err e;
    struct engine_feed feed = {b->session, ids->ids + from, ids->n - from,
                               NULL};
    engine_session_rewind(b->session, (int)from);
    int64_t began = clock_monotonic_ns();
    must(engine_eval(infer_engine(b->infer), &feed, 1, &e), &e);
    return 1e-9 * (double)(clock_monotonic_ns() - began);
}

static void read_battle(struct bench *b, int64_t battle_id, struct sums *s)
{
    const struct model *m = &b->arena.config.models[b->spec.judge];
    struct references none;
    struct docket_case c;
    struct token_list ids[2] = {{0}, {0}};
    struct err e;
    references_init(&none, NULL);
    must(docket_read(&c, &b->arena, battle_id, &none, &e), &e);
    for (int part = 0; part < 2; part++) {
        struct ask_text text = {.n_messages = 0};
        struct rng rng;
        rng_init(&rng, (uint64_t)battle_id); /* one fence, as there */
        must(ask_fill(&text, &b->form, &c.ask, part, m->system, &rng, &e), &e);
        must(infer_render(b->infer, text.messages, text.n_messages, true,
                          REQUEST_FIXED_CLOCK, NULL, &ids[part], &e), &e);
        ask_free(&text);
    }
    size_t common = token_list_common(&ids[0], &ids[1]);
    double first = read_from(b, &ids[0], 0);
    double rest = read_from(b, &ids[1], common);
    s->once_s += first + rest;
    s->whole_s += first + read_from(b, &ids[1], 0);
    s->once += (int64_t)(ids[0].n + ids[1].n - common);
    s->whole += (int64_t)(ids[0].n + ids[1].n);
    s->n++;
    for (int part = 0; part < 2; part++)
        token_list_free(&ids[part]);
    docket_case_free(&c);
    references_free(&none);
}

static void open_all(struct bench *b, char **argv)
{
    struct arena_options o = {.config_path = argv[1], .db_path = argv[2],
                              .seeded = true, .seed = 1};
    struct err e;
    must(arena_open(&b->arena, &o, &e), &e);
    must(store_find_run(b->arena.store, argv[3], &b->spec.run_id, &e), &e);
    must(arena_find_model(&b->arena, argv[4], &b->spec.judge, &e), &e);
    b->spec.budget = NAN;
    must(judging_choose_form(&b->spec, &b->arena, NULL, false, &b->form, &e),
         &e);
    must(infer_open(&b->infer, &b->arena.config.models[b->spec.judge], 0, &e),
         &e);
    must(infer_open_session(&b->session, b->infer, 8192, &e), &e);
}

int main(int argc, char **argv)
{
    struct bench b = {.infer = NULL};
    struct sums s = {0};
    struct store_to_judge *rows;
    struct judging *j;
    struct err e;
    size_t n;
    int more = 1;
    if (argc != 5)
        return 2;
    open_all(&b, argv);
    must(store_list_to_judge(b.arena.store, b.spec.run_id, "judge:none", &rows,
                             &n, &e), &e);
    must(judging_open(&j, &b.arena, &b.spec, &e), &e);
    for (size_t i = 0; i < n && more == 1; i++) {
        int64_t began = clock_monotonic_ns();
        more = judging_step(j, &e);
        double took = 1e-9 * (double)(clock_monotonic_ns() - began);
        must(more < 0 ? -1 : 0, &e);
        if (i == 0)
            continue; /* it loads the weights */
        s.judged_s += took;
        read_battle(&b, rows[i].battle_id, &s);
    }
    printf("%zu battles judged in both orders: %.1f s, %zu of %zu voted on\n",
           s.n, s.judged_s, judging_status(j).n_voted, n);
    printf("reading what both orders have in common once: %.1f s, %lld "
           "tokens; judging takes %.2f times that\n", s.once_s,
           (long long)s.once, s.judged_s / s.once_s);
    printf("reading each prompt: %.1f s, %lld tokens; judging takes %.2f times "
           "that\n", s.whole_s, (long long)s.whole, s.judged_s / s.whole_s);
    judging_close(j);
    free(rows);
    engine_session_close(b.session);
    infer_close(b.infer);
    form_free(&b.form);
    arena_close(&b.arena);
    return 0;
}
