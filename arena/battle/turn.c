#include "arena/battle/turn.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Asks one side, with its own view of the conversation. */
static int start_side(struct battle *b, enum battle_side side, uint64_t seed,
                      struct err *e)
{
    size_t n = 0;
    struct message *turns =
        mem_calloc(2 * (size_t)b->n_past + 1, sizeof(*turns));
    for (int i = 0; i < b->n_past; i++) {
        turns[n++] = (struct message){"user", b->past[i].prompt};
        turns[n++] = (struct message){"assistant", b->past[i].text[side]};
    }
    turns[n++] = (struct message){"user", b->prompt};
    struct side *s = &b->side[side];
    const struct request rq = {
        .messages = turns, .n_messages = n, .seed = seed, .clock = b->clock,
        .chances = true};
    int result = answer_start(&s->answer, b->arena, s->model, &rq, e);
    free(turns);
    return result;
}

void turn_clear(struct battle *b, struct side *s)
{
    buf_clear(&s->display);
    leak_scan_init(&s->scan, &b->words);
    s->shown = 0;
    s->n_recalls = 0;
    s->version++;
}

int turn_start(struct battle *b, struct err *e)
{
    uint64_t seed = rng_next(&b->arena->rng) >> 11; /* exact as a double */
    for (int i = 0; i < SIDE_N; i++)
        turn_clear(b, &b->side[i]);
    if (b->clock == 0)
        b->clock = arena_clock(b->arena);
    if (start_side(b, SIDE_A, seed, e) != 0)
        return -1;
    if (start_side(b, SIDE_B, seed, e) != 0) {
        answer_free(&b->side[SIDE_A].answer);
        return -1;
    }
    bool live = b->names == NAMES_COMPARE;
    pace_init(&b->pace, live ? PACE_LIVE : b->arena->config.pace);
    b->state = BATTLE_STREAMING;
    b->stored = false;
    b->unstored.code = ERR_NONE;
    b->store_again_ms = 0;
    return 0;
}

void turn_end(struct battle *b)
{
    b->past = mem_realloc(b->past, (size_t)b->n_past + 1, sizeof(*b->past));
    struct turn *turn = &b->past[b->n_past++];
    turn->prompt = b->prompt;
    b->prompt = NULL;
    for (int i = 0; i < SIDE_N; i++) {
        struct side *s = &b->side[i];
        turn->text[i] = mem_strdup(s->answer.text.data);
        turn->display[i] = mem_strdup(s->display.data);
        turn->finish[i] = s->answer.end.finish;
        b->had_leak = b->had_leak || s->scan.found;
        answer_free(&s->answer);
        turn_clear(b, s);
    }
}

void turn_scan(struct battle *b, struct side *s)
{
    const struct answer *x = &s->answer;
    if (x->n_recalls != s->n_recalls) { /* what was shown is no answer */
        turn_clear(b, s);
        s->n_recalls = x->n_recalls;
    }
    leak_scan_step(&s->scan, x->text.data, x->text.len, answer_done(x),
                   &s->display);
}

int turn_store(struct battle *b, enum store_battle_state state, struct err *e)
{
    struct store_answer rows[SIDE_N];
    if (b->stored)
        return store_set_battle_state(b->arena->store, b->id, state, e);
    for (int i = 0; i < SIDE_N; i++)
        answer_store_row(&b->side[i].answer, b->id, i, b->n_past + 1, b->round,
                         b->prompt, &rows[i]);
    if (store_put_answers(b->arena->store, rows, state, e) != 0)
        return -1;
    b->stored = true;
    return 0;
}

void turn_end_void(struct battle *b)
{
    if (b->state != BATTLE_VOID || b->names == NAMES_COMPARE)
        return;
    /* If the store fails now, the battle stays open in it, which is as unrated
     * as void. */
    turn_store(b, STORE_VOID, NULL);
}
