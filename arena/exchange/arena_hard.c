/* arena-hard (arena-hard-auto, both editions):
 * model_judgment/JUDGE/MODEL.jsonl, two games against a baseline a line, and
 * model_answer/MODEL.jsonl. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arena/exchange/answered.h"
#include "arena/exchange/foreign.h"
#include "arena/votelog/labels.h"

/* --- judgments ------------------------------------------------------------ */

/* A vote was given in one order.  Its readers drop rows without two games, so
 * both say the same: the first has the baseline as A, the second the model. */
static void add_vote(struct export *x, const struct bulk_battle *b,
                     const struct talk *t, const struct bulk_vote *v)
{
    static const char *const scores[RATING_N_OUTCOMES][2] = {
        [RATING_FIRST] = {"A>B", "B>A"},
        [RATING_SECOND] = {"B>A", "A>B"},
        [RATING_TIE] = {"A=B", "A=B"},
    };
    struct buf *out = &x->row;
    (void)t;
    if (v->verdict == RATING_BAD) {
        export_leave_out(x, EXCHANGE_BAD);
        return;
    }
    buf_add_char(out, '{');
    answered_put_id(out, "uid", b->prompt_id, b->number);
    json_put_text(out, "category", b->category[0] ? b->category : "arena");
    json_put_text(out, "judge", v->voter);
    json_put_text(out, "model", b->model[1]);
    json_put_text(out, "baseline", b->model[0]);
    buf_addf(out, ",\"games\":[{\"score\":\"%s\"},{\"score\":\"%s\"}]}\n",
             scores[v->verdict][0], scores[v->verdict][1]);
    x->counts->n_rows++;
}

/* The row's models are the model and the baseline.  In the first game A is the
 * baseline, in the second the model. */
static int read_game(struct foreign_row *r, const cJSON *game, int index,
                     struct err *e)
{
    const char *score = json_get_string(game, "score", NULL);
    struct foreign_verdict v = {.p_a = NAN, .is_swapped = index % 2 == 0};
    char part[16];
    unsigned times;
    if (score == NULL) {
        import_lose(r->x, IMPORT_NO_VERDICT);
        return 0;
    }
    if (!votelog_score(score, &v.outcome, &times)) {
        err_set(e, ERR_FORMAT, "unknown score '%.40s'", score);
        return 1;
    }
    if (times > 1)
        import_lose(r->x, IMPORT_STRENGTH);
    if (v.is_swapped)
        v.outcome = foreign_turn(v.outcome);
    snprintf(part, sizeof(part), "%d", index + 1);
    v.part = part;
    return foreign_put(r, "arena_hard", &v, e);
}

static int read_games(struct foreign_row *r, struct err *e)
{
    const cJSON *games = json_get(r->o, "games"), *game;
    int index = 0, result = 0;
    if (!cJSON_IsArray(games)) {
        err_set(e, ERR_FORMAT, "a judgment of arena-hard without a list "
                "\"games\"");
        return 1;
    }
    cJSON_ArrayForEach (game, games)
        if (result == 0)
            result = read_game(r, game, index++, e);
    return result;
}

static const struct foreign judgments = {
    .what = "a judgment of arena-hard",
    .models = {"model", "baseline"},
    .takes_baseline = true,
    .ids = {"uid", "question_id", NULL},
    .category = "category",
    .voter = "judge",
    .time = "tstamp",
    .verdicts = read_games,
};

const struct exchange_form exchange_arena_hard = {
    .name = "arena_hard",
    .vote = add_vote,
    .foreign = &judgments,
};

/* --- answers -------------------------------------------------------------- */

static void add_answer(struct export *x, const struct answered *a)
{
    struct buf *out = &x->row;
    buf_add_char(out, '{');
    answered_put_id(out, "uid", a->prompt_id, a->number);
    json_key(out, "ans_id");
    buf_addf(out, "\"arena-%" PRId64 "\"", a->number);
    json_put_text(out, "model", x->o->model);
    buf_add_str(out, ",\"messages\":[");
    for (size_t i = 0; i < a->n; i++) {
        const char *text = a->turns[i]->text;
        talk_add_message(out, "user", a->turns[i]->prompt);
        buf_add_str(out, ",{\"role\":\"assistant\",\"content\":{\"answer\":");
        json_add_string(out, text, strlen(text));
        buf_add_str(out, "}}");
    }
    buf_add_char(out, ']');
    json_put_number(out, "tstamp", (double)a->created_ms / 1000);
    buf_add_str(out, "}\n");
    x->counts->n_rows++;
}

const struct exchange_form exchange_arena_hard_answers = {
    .name = "arena_hard_answers",
    .answer = add_answer,
};
