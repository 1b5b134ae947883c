/* Battles out, in order of their numbers. */
#include "arena/store/bulk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/answers.h"
#include "arena/store/battles.h"
#include "arena/store/replay.h"
#include "base/mem.h"

const char *bulk_state_name(enum store_battle_state state)
{
    return battles_state_name(state);
}

bool bulk_state_parse(const char *name, enum store_battle_state *state)
{
    return battles_state_parse(name, state);
}

#define PAGE 100 /* battles of one read: others may write after it */

/* The strings of a page's rows, which are handed on by pointers. */
struct page {
    struct whole {
        struct bulk_battle battle;
        struct store_answer_row *rows;
        char *text[7]; /* run, prompt, category, prompt_id, names, pace */
    } list[PAGE];
    size_t n;
};

static char *copy_or_null(const struct db_query *q, int column)
{
    return db_is_null(q, column) ? NULL : db_copy(q, column);
}

static int read_battle(struct store *s, const struct db_query *q,
                       struct whole *w, struct err *e)
{
    for (int i = 0; i < 7; i++)
        w->text[i] = copy_or_null(q, 5 + i);
    w->battle = (struct bulk_battle){
        .number = db_whole(q, 0),
        .probability = db_is_null(q, 2) ? NAN : db_real(q, 2),
        .compare = db_whole(q, 3) != 0,
        .created_ms = db_whole(q, 4),
        .run = w->text[0],
        .prompt = w->text[1],
        .category = w->text[2],
        .prompt_id = w->text[3],
        .model = {w->text[4], w->text[5]},
        .pace = w->text[6],
    };
    if (battles_state_parse(db_text(q, 1), &w->battle.state))
        return 0;
    return db_fail_damaged(s->db, e, "battle %lld is in no state",
                           (long long)w->battle.number);
}

static int read_page(struct store *s, const struct bulk_filter *f,
                     int64_t after, struct page *p, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT b.id, b.state, b.probability, b.compare, b.created_ms, r.name,"
        " p.text, p.category, p.external_id, m.name, n.name, b.pace"
        " FROM battles b JOIN prompts p ON p.id = b.prompt_id"
        " JOIN models m ON m.id = b.model_a JOIN models n ON n.id = b.model_b"
        " LEFT JOIN runs r ON r.id = b.run_id"
        " WHERE b.id > ?1 AND (?2 = 0 OR b.run_id = ?2)"
        " AND (?3 IS NULL OR p.category = ?3) ORDER BY b.id LIMIT ?4",
        DB(after), DB(f->run_id), DB(f->category), DB(PAGE));
    int row = -1;
    p->n = 0;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        if (read_battle(s, q, &p->list[p->n++], e) != 0) {
            db_reset(q);
            return -1;
        }
    }
    return row;
}

static int read_answers(struct store *s, struct whole *w, struct err *e)
{
    struct bulk_battle *b = &w->battle;
    if (store_list_answers(s, b->number, &w->rows, &b->n_answers, e) != 0)
        return -1;
    b->answers = mem_calloc(b->n_answers, sizeof(*b->answers));
    for (size_t i = 0; i < b->n_answers; i++) {
        const struct store_answer_row *row = &w->rows[i];
        b->answers[i] = (struct store_answer){
            .battle_id = b->number,
            .side = row->side,
            .turn = row->turn,
            .round = row->round,
            .prompt = row->prompt,
            .text = row->text,
            .thinking = row->thinking,
            .settings = row->settings,
            .chances = row->chances,
            .rhythm = row->rhythm,
            .end = row->end,
        };
    }
    return 0;
}

static int read_vote(struct store *s, const struct db_query *q,
                     struct bulk_vote *v, struct err *e)
{
    *v = (struct bulk_vote){
        .number = db_whole(q, 0),
        .voter = db_copy(q, 2),
        .attempt = db_whole(q, 3),
        .external_id = copy_or_null(q, 4),
        .dwell_ms = db_is_null(q, 5) ? -1 : db_whole(q, 5),
        .seen = db_whole(q, 6) != 0,
        .early = db_whole(q, 7) != 0,
        .leak = db_whole(q, 8) != 0,
        .comment = copy_or_null(q, 9),
        .created_ms = db_whole(q, 10),
        .elo = {.k = db_real(q, 11),
                .base = db_real(q, 12),
                .scale = db_real(q, 13),
                .start = db_real(q, 14)},
        .withdrawn_by = copy_or_null(q, 15),
        .withdrawn_ms = db_whole(q, 16),
        .p_a = db_is_null(q, 17) ? NAN : db_real(q, 17),
    };
    return replay_verdict(s, q, 1, v->number, &v->verdict, e);
}

static int read_votes(struct store *s, struct bulk_battle *b, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT v.id, v.verdict, v.voter, v.attempt, v.external_id, v.dwell_ms,"
        " v.seen, v.early, v.leak, v.comment, v.created_ms, p.k, p.base,"
        " p.scale, p.start, w.voter, w.created_ms, h.p_a FROM votes v"
        " JOIN elo_params p ON p.id = v.elo_id"
        " LEFT JOIN shares h ON h.vote_id = v.id"
        " LEFT JOIN withdrawals w ON w.vote_id = v.id"
        " WHERE v.battle_id = ? ORDER BY v.id",
        DB(b->number));
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        b->votes = mem_grow(b->votes, b->n_votes, sizeof(*b->votes));
        if (read_vote(s, q, &b->votes[b->n_votes++], e) != 0) {
            db_reset(q);
            return -1;
        }
    }
    return row;
}

static int read_judgments(struct store *s, struct bulk_battle *b,
                          struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT voter, form, reply, part, attempt, value, tie, cost, n_in,"
        " n_out, created_ms FROM judgments WHERE battle_id = ? ORDER BY id",
        DB(b->number));
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        b->judgments =
            mem_grow(b->judgments, b->n_judgments, sizeof(*b->judgments));
        b->judgments[b->n_judgments++] = (struct bulk_judgment){
            .voter = db_copy(q, 0),
            .form = db_copy(q, 1),
            .reply = db_copy(q, 2),
            .part = db_whole(q, 3) != 0,
            .attempt = db_whole(q, 4),
            .value = db_is_null(q, 5) ? NAN : db_real(q, 5),
            .tie = db_is_null(q, 6) ? NAN : db_real(q, 6),
            .cost = db_is_null(q, 7) ? NAN : db_real(q, 7),
            .n_in = db_is_null(q, 8) ? -1 : db_whole(q, 8),
            .n_out = db_is_null(q, 9) ? -1 : db_whole(q, 9),
            .created_ms = db_whole(q, 10),
        };
    }
    return row;
}

static int read_reasons(struct store *s, struct bulk_battle *b, struct err *e)
{
    struct db_query *q = db_query(
        s->db, e,
        "SELECT voter, tags, comment, created_ms FROM reasons"
        " WHERE battle_id = ? ORDER BY id",
        DB(b->number));
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        b->reasons = mem_grow(b->reasons, b->n_reasons, sizeof(*b->reasons));
        b->reasons[b->n_reasons++] = (struct bulk_reason){
            db_copy(q, 0), db_copy(q, 1), db_copy(q, 2), db_whole(q, 3)};
    }
    return row;
}

static void votes_free(struct bulk_battle *b)
{
    for (size_t k = 0; k < b->n_votes; k++) {
        struct bulk_vote *v = &b->votes[k];
        free((char *)v->voter);
        free((char *)v->external_id);
        free((char *)v->comment);
        free((char *)v->withdrawn_by);
    }
    free(b->votes);
    for (size_t k = 0; k < b->n_judgments; k++) {
        struct bulk_judgment *j = &b->judgments[k];
        free((char *)j->voter);
        free((char *)j->form);
        free((char *)j->reply);
    }
    free(b->judgments);
    for (size_t k = 0; k < b->n_reasons; k++) {
        struct bulk_reason *r = &b->reasons[k];
        free((char *)r->voter);
        free((char *)r->tags);
        free((char *)r->comment);
    }
    free(b->reasons);
}

static void page_free(struct page *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct whole *w = &p->list[i];
        for (int k = 0; k < 7; k++)
            free(w->text[k]);
        store_free_answers(w->rows, w->battle.n_answers);
        free(w->battle.answers);
        votes_free(&w->battle);
        *w = (struct whole){.rows = NULL};
    }
    p->n = 0;
}

/* One moment's battles, with all that belongs to them. */
static int read_whole(struct store *s, const struct bulk_filter *f,
                      int64_t after, struct page *p, struct err *e)
{
    if (db_begin_read(s->db, e) != 0)
        return -1;
    int result = read_page(s, f, after, p, e);
    for (size_t i = 0; i < p->n && result == 0; i++) {
        result = read_answers(s, &p->list[i], e);
        if (result == 0)
            result = read_votes(s, &p->list[i].battle, e);
        if (result == 0)
            result = read_judgments(s, &p->list[i].battle, e);
        if (result == 0)
            result = read_reasons(s, &p->list[i].battle, e);
    }
    return db_end(s->db, result, e);
}

int bulk_read(struct store *s, const struct bulk_filter *f,
              int (*take)(void *arg, const struct bulk_battle *b,
                          struct err *e),
              void *arg, struct err *e)
{
    struct page *p = mem_calloc(1, sizeof(*p));
    int64_t after = 0;
    int result = 0;
    bool more = true;
    while (result == 0 && more) {
        result = read_whole(s, f, after, p, e);
        for (size_t i = 0; i < p->n && result == 0; i++)
            result = take(arg, &p->list[i].battle, e);
        more = p->n == PAGE;
        if (p->n > 0)
            after = p->list[p->n - 1].battle.number;
        page_free(p);
    }
    free(p);
    return result;
}

int bulk_read_runs(struct store *s,
                   int (*take)(void *arg, const char *name,
                               const char *settings, struct err *e),
                   void *arg, struct err *e)
{
    struct db_query *q =
        db_query(s->db, e, "SELECT name, settings FROM runs ORDER BY id");
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        const char *name = db_text(q, 0), *settings = db_text(q, 1);
        if (take(arg, name ? name : "", settings ? settings : "", e) != 0) {
            db_reset(q);
            return -1;
        }
    }
    return row;
}
