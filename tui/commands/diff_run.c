#include "tui/commands/diff_run.h"

#include <math.h>

#include "base/path.h"
#include "base/rng.h"

#define LINE_BYTES (1u << 20)

/* The row of a model that answers greedily. */
static int put_model(struct store *s, const struct model_arg *arg, int64_t *id,
                     struct err *e)
{
    struct buf name, description;
    enum store_model_match match;
    buf_init(&name, 1000);
    buf_init(&description, LINE_BYTES);
    buf_addf(&name, "%s (greedy)",
             arg->is_file ? path_name(arg->model.file) : arg->model.name);
    model_describe(&arg->model, &description);
    int result =
        store_put_model(s, name.data, description.data, id, &match, e);
    if (result == 0 && match == STORE_MODEL_CHANGED)
        result = store_replace_model(s, name.data, description.data, id, e);
    buf_free(&name);
    buf_free(&description);
    return result;
}

int diff_open_run(struct store *s, const char *name,
                  const struct model_arg arg[2], int64_t *run_id,
                  int64_t model_id[2], struct err *e)
{
    struct buf settings;
    for (int i = 0; i < 2; i++)
        if (put_model(s, &arg[i], &model_id[i], e) != 0)
            return -1;
    if (model_id[0] == model_id[1])
        return err_set(e, ERR_USAGE, "a vote needs two models of different "
                       "names or settings");
    buf_init(&settings, 1000);
    buf_addf(&settings, "{\"diff\":[%lld,%lld]}", (long long)model_id[0],
             (long long)model_id[1]);
    int result = store_put_run(s, name, settings.data, run_id, e);
    buf_free(&settings);
    return result;
}

/* Whether the pair has its battle, in either order. */
static int is_there(struct store *s, int64_t run_id, int64_t prompt_id,
                    const int64_t model_id[2], bool *out, struct err *e)
{
    *out = false;
    for (int i = 0; i < 2; i++) {
        const int64_t pair[2] = {model_id[i], model_id[1 - i]};
        enum store_battle_state state;
        int64_t id;
        if (store_find_run_battle(s, run_id, prompt_id, pair, &id, &state, e) !=
            0)
            return -1;
        *out = *out || id != 0;
    }
    return 0;
}

static int add_battle(struct store *s, int64_t run_id, int64_t prompt_id,
                      const int64_t model_id[2], const struct prompt *p,
                      const struct infer_result *const both[2], struct err *e)
{
    struct rng rng;
    rng_init_system(&rng);
    int swap = (int)rng_below(&rng, 2);
    struct store_battle b = {
        .prompt_id = prompt_id,
        .run_id = run_id,
        .model_id = {model_id[swap], model_id[1 - swap]},
        .state = STORE_OPEN,
        .probability = NAN,
        .pace = "",
    };
    struct store_answer rows[2];
    if (store_add_battle(s, &b, &b.id, e) != 0)
        return -1;
    for (int side = 0; side < 2; side++) {
        const struct infer_result *r = both[side ? 1 - swap : swap];
        rows[side] = (struct store_answer){.battle_id = b.id,
                                           .side = side,
                                           .turn = 1,
                                           .round = 1,
                                           .prompt = p->turns[0],
                                           .text = r->text.data ? r->text.data
                                                                : "",
                                           .thinking = "",
                                           .settings = "",
                                           .end = r->end};
        rows[side].end.first_ms = rows[side].end.total_ms = -1;
    }
    return store_put_answers(s, rows, STORE_READY, e);
}

int diff_store_battle(struct store *s, int64_t run_id,
                      const int64_t model_id[2], const struct prompt *p,
                      const struct infer_result *const both[2], struct err *e)
{
    int64_t prompt_id;
    bool known;
    if (store_begin_group(s, e) != 0)
        return -1;
    int result = store_put_prompt(s, p->turns[0], p->category, p->id,
                                  &prompt_id, e);
    if (result == 0)
        result = is_there(s, run_id, prompt_id, model_id, &known, e);
    if (result == 0 && !known)
        result = add_battle(s, run_id, prompt_id, model_id, p, both, e);
    return store_end_group(s, result, e);
}
