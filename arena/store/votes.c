/* Votes: given, recorded from elsewhere, withdrawn.  Each is one transaction
 * with everything that hangs on it. */
#include "arena/store/votes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/battles.h"
#include "arena/store/models.h"
#include "arena/store/ratings.h"
#include "arena/store/replay.h"
#include "arena/store/usage.h"
#include "arena/store/verdict.h"
#include "arena/store/voter.h"
#include "base/clock.h"

static int check_vote(const struct store_vote *v, struct err *e)
{
    if ((!voter_is_human(v->voter) && !voter_is_judge(v->voter)) ||
        strchr(v->voter, ':')[1] == '\0')
        return err_set(e, ERR_USAGE,
                       "voter \"%.60s\": want human:NAME or judge:NAME",
                       v->voter);
    if (v->external_id && v->external_id[0] == '\0')
        return err_set(e, ERR_USAGE, "a vote's id may not be empty");
    return 0;
}

/* --- votes that are there already --------------------------------------- */

static int battle_of(struct store *s, int64_t vote_id, int64_t *battle_id,
                     int64_t model_id[2], struct err *e)
{
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT b.model_a, b.model_b, b.id FROM votes v"
                 " JOIN battles b ON b.id = v.battle_id WHERE v.id = ?",
                 DB(vote_id));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row == 0)
        return db_fail_damaged(s->db, e, "vote %lld is on no battle",
                               (long long)vote_id);
    if (row < 0)
        return -1;
    model_id[0] = db_whole(q, 0);
    model_id[1] = db_whole(q, 1);
    *battle_id = db_whole(q, 2);
    db_reset(q);
    return 0;
}

/* Fills what is said of a vote that came again.  Returns 1, or -1. */
static int tell_duplicate(struct store *s, int64_t vote_id,
                          struct store_vote_result *out, struct err *e)
{
    int64_t model_id[2];
    if (battle_of(s, vote_id, &out->battle_id, model_id, e) != 0)
        return -1;
    out->vote_id = vote_id;
    out->duplicate = true;
    int result =
        ratings_vote_change(s, vote_id, model_id, out->before, out->after, e);
    return result == 0 ? 1 : -1;
}

/* 1 if a vote of this id is stored already; 0, or -1. */
static int find_external(struct store *s, const struct store_vote *v,
                         struct store_vote_result *out, struct err *e)
{
    if (v->external_id == NULL)
        return 0;
    int64_t id;
    int found = db_number(s->db, e, &id,
                          "SELECT id FROM votes"
                          " WHERE external_id = ?",
                          DB(v->external_id));
    return found == 1 ? tell_duplicate(s, id, out, e) : found;
}

/* 1 if this voter has a vote on the battle that was not withdrawn; else 0 and
 * which attempt a new one is; or -1. */
static int find_live(struct store *s, const struct store_vote *v,
                     int64_t *attempt, struct store_vote_result *out,
                     struct err *e)
{
    int64_t id;
    int found =
        db_number(s->db, e, &id,
                  "SELECT v.id FROM votes v WHERE battle_id = ? AND voter = ?"
                  " AND " STORE_STANDS("v"),
                  DB(v->battle_id), DB(v->voter));
    if (found != 0)
        return found == 1 ? tell_duplicate(s, id, out, e) : -1;
    found = db_number(s->db, e, attempt,
                      "SELECT 1 + count(*) FROM votes"
                      " WHERE battle_id = ? AND voter = ?",
                      DB(v->battle_id), DB(v->voter));
    return found == 1 ? 0 : -1;
}

/* --- giving one --------------------------------------------------------- */

int votes_put_share(struct store *s, int64_t vote_id, double share,
                    struct err *e)
{
    return isnan(share) ? 0
                        : db_run(s->db, e,
                                 "INSERT INTO shares (vote_id, p_a)"
                                 " VALUES (?, ?)",
                                 DB(vote_id), DB(share));
}

/* Adds the row and lets it count.  A person's further attempt is never blind:
 * the names were shown after the first. */
static int add_vote(struct store *s, const struct store_vote *v,
                    int64_t battle_id, const int64_t model_id[2],
                    int64_t attempt, struct store_vote_result *out,
                    struct err *e)
{
    int64_t elo_id;
    out->seen = v->seen || (attempt > 1 && voter_is_human(v->voter));
    if (ratings_put_params(s, &s->elo, &elo_id, e) != 0 ||
        db_number(s->db, e, &out->vote_id,
                  "INSERT INTO votes (battle_id, verdict, voter, attempt,"
                  " external_id, dwell_ms, seen, early, leak,"
                  " comment, elo_id, created_ms) VALUES"
                  " (?, ?, ?, ?, ?, nullif(?, -1), ?, ?, ?, ?, ?, ?)"
                  " RETURNING id",
                  DB(battle_id), DB(verdict_name(v->verdict)), DB(v->voter),
                  DB(attempt), DB(v->external_id), DB(v->dwell_ms),
                  DB(out->seen), DB(v->early), DB(v->leak), DB(v->comment),
                  DB(elo_id), DB(clock_wall_ms())) != 1 ||
        votes_put_share(s, out->vote_id, v->share ? *v->share : NAN, e) != 0)
        return -1;
    out->battle_id = battle_id;
    return ratings_apply_vote(s, out->vote_id, model_id, out->before,
                              out->after, e);
}

/* The battle must be there and take votes. */
static int check_battle(struct store *s, int64_t battle_id, int64_t model_id[2],
                        struct err *e)
{
    struct db_query *q = db_query(s->db, e,
                                  "SELECT state, model_a, model_b"
                                  " FROM battles WHERE id = ?",
                                  DB(battle_id));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row == 0)
        return err_set(e, ERR_USAGE, "there is no battle %lld",
                       (long long)battle_id);
    if (row < 0)
        return -1;
    enum store_battle_state state = STORE_VOID;
    bool known = battles_state_parse(db_text(q, 0), &state);
    model_id[0] = db_whole(q, 1);
    model_id[1] = db_whole(q, 2);
    db_reset(q);
    if (!known)
        return db_fail_damaged(s->db, e, "battle %lld is in no state",
                               (long long)battle_id);
    /* An open one's answers are being made anew, maybe by another process. */
    if (state != STORE_READY && state != STORE_VOTED)
        return err_set(e, ERR_USAGE, "battle %lld takes no vote: it is %s",
                       (long long)battle_id, battles_state_name(state));
    return 0;
}

/* After the answers were read here, the session that began the battle may have
 * made them anew, or gone on with a further turn. */
static int check_answers(struct store *s, const struct store_vote *v,
                         struct err *e)
{
    int64_t n;
    if (v->n_answers == 0)
        return 0;
    if (db_number(s->db, e, &n,
                  "SELECT count(*) FROM answers WHERE battle_id = ?",
                  DB(v->battle_id)) != 1)
        return -1;
    if (n == (int64_t)v->n_answers)
        return 0;
    return err_set(e, ERR_USAGE,
                   "battle %lld has other answers by now, by "
                   "another session; nothing was stored, read it again",
                   (long long)v->battle_id);
}

/* A judge's vote leaves the state as it is, so that the names stay hidden and
 * people can still vote on the battle. */
static int vote(struct store *s, const struct store_vote *v,
                struct store_vote_result *out, struct err *e)
{
    int64_t model_id[2], attempt;
    int found = find_external(s, v, out, e);
    if (found != 0)
        return -(found < 0);
    if (check_battle(s, v->battle_id, model_id, e) != 0 ||
        check_answers(s, v, e) != 0)
        return -1;
    found = find_live(s, v, &attempt, out, e);
    if (found != 0)
        return -(found < 0);
    bool was_seen;
    if (usage_is_seen(s, v->battle_id, &was_seen, e) != 0 ||
        (voter_is_human(v->voter) &&
         db_run(s->db, e, "UPDATE battles SET state = 'voted' WHERE id = ?",
                DB(v->battle_id)) != 0) ||
        add_vote(s, v, v->battle_id, model_id, attempt, out, e) != 0)
        return -1;
    return usage_add_battle(s, v->battle_id, was_seen, e);
}

int store_vote(struct store *s, const struct store_vote *v,
               struct store_vote_result *out, struct err *e)
{
    *out = (struct store_vote_result){0};
    if (check_vote(v, e) != 0 || db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, vote(s, v, out, e), e);
}

/* A model's old row is "NAME~N" if the name has a newer one. */
static bool is_name(const char *given, const char *stored)
{
    size_t n = strlen(given);
    return strncmp(given, stored, n) == 0 &&
           (stored[n] == '\0' ||
            (stored[n] == '~' &&
             stored[n + 1 + strspn(stored + n + 1, "0123456789")] == '\0'));
}

/* An id that comes again is the same vote, sent once more.  Another vote under
 * that id would be lost: the caller numbers them wrongly. */
static int check_same(struct store *s, const char *const names[2],
                      const struct store_vote *v,
                      const struct store_vote_result *out, struct err *e)
{
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT m.name, n.name, v.verdict, v.voter FROM votes v"
                 " JOIN battles b ON b.id = v.battle_id"
                 " JOIN models m ON m.id = b.model_a"
                 " JOIN models n ON n.id = b.model_b WHERE v.id = ?",
                 DB(out->vote_id));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row < 0)
        return -1;
    enum rating_outcome verdict;
    if (row == 0 || replay_verdict(s, q, 2, out->vote_id, &verdict, e) != 0) {
        db_reset(q);
        return row == 0 ? db_fail_damaged(s->db, e, "vote %lld is on no battle",
                                          (long long)out->vote_id)
                        : -1;
    }
    char *stored[2] = {db_copy(q, 0), db_copy(q, 1)}, *voter = db_copy(q, 3);
    db_reset(q);
    int result = 0;
    if (!is_name(names[0], stored[0]) || !is_name(names[1], stored[1]) ||
        verdict != v->verdict || strcmp(voter, v->voter) != 0)
        result = err_set(e, ERR_USAGE,
                         "the id \"%.60s\" is of another vote: "
                         "battle %lld, %.60s against %.60s, %s by %.60s; "
                         "nothing was stored",
                         v->external_id, (long long)out->battle_id, stored[0],
                         stored[1], verdict_name(verdict), voter);
    free(stored[0]);
    free(stored[1]);
    free(voter);
    return result;
}

static int record(struct store *s, const char *const names[2],
                  const char *category, const struct store_vote *v,
                  struct store_vote_result *out, struct err *e)
{
    int found = find_external(s, v, out, e);
    if (found != 0)
        return found < 0 ? -1 : check_same(s, names, v, out, e);
    struct store_battle b = {.state = STORE_VOTED, .probability = NAN};
    int64_t battle_id;
    if (models_put_name(s, names[0], &b.model_id[0], e) != 0 ||
        models_put_name(s, names[1], &b.model_id[1], e) != 0 ||
        models_put_prompt(s, "", category, NULL, &b.prompt_id, e) != 0 ||
        battles_add(s, &b, &battle_id, e) != 0)
        return -1;
    return add_vote(s, v, battle_id, b.model_id, 1, out, e);
}

int store_record(struct store *s, const char *name_a, const char *name_b,
                 const char *category, const struct store_vote *v,
                 struct store_vote_result *out, struct err *e)
{
    *out = (struct store_vote_result){0};
    if (strcmp(name_a, name_b) == 0)
        return err_set(e, ERR_USAGE,
                       "\"%.60s\" against itself says nothing; name two models",
                       name_a);
    const char *const names[2] = {name_a, name_b};
    if (check_vote(v, e) != 0 || db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, record(s, names, category, v, out, e), e);
}

/* --- taking one back ---------------------------------------------------- */

int store_find_vote(struct store *s, int64_t battle_id, const char *voter,
                    int64_t *vote_id, struct err *e)
{
    *vote_id = 0;
    int found = db_number(
        s->db, e, vote_id,
        "SELECT v.id FROM votes v WHERE battle_id = ?"
        " AND " STORE_STANDS("v")
        " ORDER BY voter = ? DESC, " STORE_BY_PERSON("v") " DESC,"
        " v.id DESC LIMIT 1",
        DB(battle_id), DB(voter));
    return -(found < 0);
}

/* The vote to withdraw.  0 and *battle_id, *voted_by_human; or -1. */
static int find_undo(struct store *s, int64_t *vote_id, const char *voter,
                     int64_t *battle_id, struct err *e)
{
    if (*vote_id == 0) {
        int found =
            db_number(s->db, e, vote_id,
                      "SELECT v.id FROM votes v WHERE voter = ?"
                      " AND " STORE_STANDS("v") " ORDER BY v.id DESC LIMIT 1",
                      DB(voter));
        if (found == 0)
            return err_set(e, ERR_USAGE, "%.60s has no vote to undo", voter);
        if (found < 0)
            return -1;
    }
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT v.battle_id, w.vote_id IS NOT NULL FROM votes v"
                 " LEFT JOIN withdrawals w ON w.vote_id = v.id WHERE v.id = ?",
                 DB(*vote_id));
    int row = q ? db_step(s->db, q, e) : -1;
    if (row < 0)
        return -1;
    bool withdrawn = row == 1 && db_whole(q, 1) != 0;
    *battle_id = row == 1 ? db_whole(q, 0) : 0;
    db_reset(q);
    if (row == 0 || withdrawn)
        return err_set(e, ERR_USAGE,
                       row == 0 ? "there is no vote %lld"
                                : "vote %lld is undone already",
                       (long long)*vote_id);
    return 0;
}

/* Without a person's vote a battle is ready for one again; one that was only
 * recorded has no answers to vote on. */
static int reopen_battle(struct store *s, int64_t battle_id, struct err *e)
{
    return db_run(s->db, e,
                  "UPDATE battles SET state = CASE"
                  "  WHEN EXISTS (SELECT 1 FROM answers a"
                  "   WHERE a.battle_id = battles.id) THEN 'ready'"
                  "  ELSE 'skipped' END"
                  " WHERE id = ? AND state = 'voted' AND NOT EXISTS"
                  "  (SELECT 1 FROM votes v WHERE v.battle_id = battles.id"
                  "   AND " STORE_BY_PERSON("v") " AND " STORE_STANDS("v") ")",
                  DB(battle_id));
}

static int undo(struct store *s, int64_t vote_id, const char *voter,
                int64_t *battle_id, struct err *e)
{
    int64_t on = 0, moved = 0;
    if (find_undo(s, &vote_id, voter, &on, e) != 0 ||
        db_number(s->db, e, &moved,
                  "SELECT count(*) FROM rated WHERE vote_id = ?",
                  DB(vote_id)) != 1 ||
        ratings_uncount_vote(s, vote_id, e) != 0 ||
        db_run(s->db, e,
               "INSERT INTO withdrawals (vote_id, voter, created_ms)"
               " VALUES (?, ?, ?)",
               DB(vote_id), DB(voter), DB(clock_wall_ms())) != 0 ||
        reopen_battle(s, on, e) != 0)
        return -1;
    if (battle_id)
        *battle_id = on;
    return moved ? ratings_replay_without(s, vote_id, e) : 0;
}

int store_undo(struct store *s, int64_t vote_id, const char *voter,
               int64_t *battle_id, struct err *e)
{
    if (db_begin(s->db, e) != 0)
        return -1;
    return db_end(s->db, undo(s, vote_id, voter, battle_id, e), e);
}
