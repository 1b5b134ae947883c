#include "arena/exchange/foreign.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/voter.h"
#include "base/mem.h"

static int refuse(struct err *e, const char *what, const char *why,
                  const char *key)
{
    err_set(e, ERR_FORMAT, "%s %s \"%.40s\"", what, why, key);
    return 1;
}

/* --- what an object says -------------------------------------------------- */

/* "judge:NAME" of a name, unless it says itself what it is, as our exports do;
 * "human:NUMBER" of a number, as of the people whom AlpacaFarm asked.  Of a
 * list the first entry. */
static char *find_voter(const cJSON *node)
{
    int64_t number;
    char text[32];
    const cJSON *one = cJSON_IsArray(node) ? cJSON_GetArrayItem(node, 0) : node;
    if (json_is_whole(one, INT64_MIN, INT64_MAX, &number)) {
        snprintf(text, sizeof(text), "%" PRId64, number);
        return voter_of(text);
    }
    const char *name = cJSON_IsString(one) ? one->valuestring : "unknown";
    return voter_is_human(name) || voter_is_judge(name) ? mem_strdup(name)
                                                        : voter_of_judge(name);
}

/* An instruction, and what it is to be applied to below it. */
static const char *own_prompt(struct foreign_row *r, const char *text)
{
    const char *input = json_get_string(r->o, "input", "");
    struct buf all;
    if (input[0] == '\0')
        return text;
    buf_init(&all, 2 * (size_t)PROMPTS_MAX_BYTES);
    buf_addf(&all, "%s\n\n%s", text, input);
    return spoken_keep(&r->spoken, buf_detach(&all));
}

/* Texts that the object has.  0, or 1 with the error. */
static int read_texts(struct foreign_row *r, const struct foreign *f,
                      struct err *e)
{
    const char *prompt = json_get_string(r->o, f->prompt, NULL);
    if (prompt == NULL)
        return refuse(e, f->what, "without a text", f->prompt);
    r->prompt = own_prompt(r, prompt);
    for (int i = 0; i < 2; i++) {
        const cJSON *text = json_get(r->o, f->answers[i]);
        if (text != NULL && !cJSON_IsString(text) && !cJSON_IsNull(text))
            return refuse(e, f->what, "with no text under", f->answers[i]);
        if (cJSON_IsString(text))
            spoken_add(&r->spoken, i, 1, r->prompt, text->valuestring);
    }
    return 0;
}

/* Texts of the question and of finished answers.  0; 1 with the error; -1. */
static int find_texts(struct foreign_row *r, const struct foreign *f,
                      struct err *e)
{
    const struct question_ids *questions = r->x->questions;
    const struct prompt *q = question_ids_find(questions, r->id);
    struct buf text;
    r->prompt = "";
    if (q == NULL && questions->questions != NULL)
        return refuse(e, f->what, "to no question of these:",
                      r->id ? r->id : "");
    if (q == NULL)
        return 0;
    buf_init(&text, 2 * (size_t)PROMPTS_MAX_BYTES);
    prompt_add_text(q, &text);
    r->prompt = spoken_keep(&r->spoken, buf_detach(&text));
    r->category = r->category[0] != '\0' ? r->category : q->category;
    for (int i = 0; i < 2; i++) {
        struct store_answer_row *rows;
        size_t n;
        if (bulk_find_finished(r->x->bulk, r->model[i], r->prompt, &rows, &n,
                               e) != 0)
            return import_status(e);
        for (size_t k = 0; k < n; k++) {
            char *asked = spoken_keep(&r->spoken, mem_strdup(rows[k].prompt));
            char *said = spoken_keep(&r->spoken, mem_strdup(rows[k].text));
            spoken_add(&r->spoken, i, rows[k].turn, asked, said);
        }
        store_free_answers(rows, n);
    }
    return 0;
}

static int read_row(struct foreign_row *r, const struct foreign *f,
                    struct err *e)
{
    for (int i = 0; i < 2; i++) {
        r->model[i] = json_get_string(r->o, f->models[i], NULL);
        if (r->model[i] == NULL && i == 1 && r->x->baseline != NULL)
            r->model[i] = r->x->baseline;
        if (r->model[i] == NULL || r->model[i][0] == '\0')
            return refuse(e, f->what, "without a name under", f->models[i]);
    }
    r->id = spoken_first(&r->spoken, r->o, f->ids);
    r->category = f->category ? json_get_string(r->o, f->category, "") : "";
    r->voter = find_voter(json_get(r->o, f->voter));
    const char *const times[] = {f->time, NULL};
    r->created_ms = import_time_at(r->x, r->o, times);
    return f->prompt ? read_texts(r, f, e) : find_texts(r, f, e);
}

/* --- storing -------------------------------------------------------------- */

enum rating_outcome foreign_turn(enum rating_outcome outcome)
{
    return outcome == RATING_FIRST    ? RATING_SECOND
           : outcome == RATING_SECOND ? RATING_FIRST
                                      : outcome;
}

/* Turns the sides of a verdict round, so that A is what the judge saw first. */
static void swap_sides(struct bulk_battle *b, struct bulk_vote *v)
{
    const char *first = b->model[0];
    b->model[0] = b->model[1];
    b->model[1] = first;
    for (size_t i = 0; i < b->n_answers; i++)
        b->answers[i].side = !b->answers[i].side;
    v->verdict = foreign_turn(v->verdict);
    v->p_a = 1 - v->p_a; /* NaN stays */
}

/* Whether there is an answer of each side. */
static bool has_texts(const struct spoken *s)
{
    bool has[2] = {false, false};
    for (size_t i = 0; i < s->n_answers; i++)
        has[s->answers[i].side] = true;
    return has[0] && has[1];
}

/* What tells a vote from all others of its form; NULL: nothing does. */
static char *make_key(const struct foreign_row *r, const char *form,
                      const char *part)
{
    struct buf key;
    if (form == NULL || r->id == NULL)
        return NULL;
    /* Whole, whatever its length: a part would stand for another vote, too. */
    buf_init(&key, strlen(form) + strlen(r->id) + strlen(r->model[0]) +
                       strlen(r->model[1]) + strlen(r->voter) + strlen(part) +
                       6);
    buf_addf(&key, "%s:%s:%s:%s:%s:%s", form, r->id, r->model[0],
             r->model[1], r->voter, part);
    return buf_detach(&key);
}

int foreign_put(struct foreign_row *r, const char *form,
                const struct foreign_verdict *verdict, struct err *e)
{
    bool has = has_texts(&r->spoken);
    char *key = make_key(r, form, verdict->part);
    struct bulk_vote v = import_vote(r->x, r->voter, r->created_ms);
    struct bulk_battle b = import_voted(&v);
    v.verdict = verdict->outcome;
    v.external_id = key;
    v.p_a = verdict->p_a;
    v.comment = r->comment;
    b.model[0] = r->model[0];
    b.model[1] = r->model[1];
    b.prompt = r->prompt;
    b.category = r->category;
    b.prompt_id = r->prompt[0] != '\0' ? r->id : NULL;
    b.compare = r->compare;
    b.answers = r->spoken.answers;
    b.n_answers = has ? r->spoken.n_answers : 0;
    if (verdict->is_swapped)
        swap_sides(&b, &v);
    int result = import_battle(r->x, &b, e);
    if (verdict->is_swapped)
        swap_sides(&b, &v); /* the answers are the row's */
    if (result == 0 && !has)
        import_lose(r->x, IMPORT_NO_TEXT);
    free(key);
    return result;
}

int foreign_take(struct import *x, const struct foreign *f, const cJSON *o,
                 struct err *e)
{
    struct foreign_row r = {.x = x, .o = o};
    int result = 1;
    if (!cJSON_IsObject(o))
        err_set(e, ERR_FORMAT, "not an object");
    else if ((result = read_row(&r, f, e)) == 0)
        result = f->verdicts(&r, e);
    spoken_free(&r.spoken);
    free(r.voter);
    return result;
}
