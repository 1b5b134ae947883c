#include "arena/votelog/object.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena/votelog/labels.h"
#include "arena/votelog/node.h"
#include "arena/votelog/style.h"
#include "base/buf.h"
#include "base/utf8.h"

static const char *text_at(const cJSON *o, const char *key)
{
    return json_get_string(o, key, NULL);
}

/* The node at a path of keys, "conv_metadata.language".  Keys may have dots:
 * the longest that is there is tried first. */
static const cJSON *find_path(const cJSON *o, const char *path)
{
    char key[128];
    size_t n = strlen(path);
    const cJSON *node = json_get(o, path);
    while (node == NULL && n > 0) {
        do
            n--;
        while (n > 0 && path[n] != '.');
        if (n == 0 || n >= sizeof(key))
            continue;
        memcpy(key, path, n);
        key[n] = '\0';
        const cJSON *inner = json_get(o, key);
        if (inner != NULL)
            node = find_path(inner, path + n + 1);
    }
    return node;
}

/* --- a vote and what it needs -------------------------------------------- */

/* An object under way: what all its votes have in common. */
struct source {
    struct chunk *c;
    uint64_t line;
    const cJSON *o;
    const char *voter; /* or NULL */
};

/* The mark by which the log says that a vote is not to be rated; -1: none, -2:
 * it cannot be read, and the object is rejected. */
static int find_mark(const struct source *s)
{
    static const struct {
        const char *key;
        int truth; /* that marks it */
        enum votelog_mark mark;
    } marks[] = {
        {"anony", 0, VOTELOG_OPEN},
        {"anonymous", 0, VOTELOG_OPEN},
        {"named", 1, VOTELOG_OPEN},
        {"corrected", 1, VOTELOG_SEEN},
        {"leaked", 1, VOTELOG_LEAK},
    };
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const cJSON *node = json_get(s->o, marks[i].key);
        int truth = votelog_is_missing(node) ? !marks[i].truth
                                             : votelog_node_truth(node);
        if (truth == marks[i].truth)
            return marks[i].mark;
        if (truth >= 0)
            continue;
        chunk_reject(s->c, s->line, "\"%s\" says neither yes nor no",
                     marks[i].key);
        return -2;
    }
    return -1;
}

/* The slot of a vote between two models.  NULL: rejected, marked, or (then
 * c->status is not 0) no memory. */
static struct votelog_vote *begin(const struct source *s, const char *a,
                                  const char *b)
{
    struct chunk *c = s->c;
    struct votelog_vote *v = chunk_next(c);
    if (v == NULL)
        return NULL;
    a = a == NULL ? "" : a;
    b = b == NULL ? "" : b;
    if ((v->a = chunk_model(c, s->line, a, strlen(a))) == VOTELOG_NONE ||
        (v->b = chunk_model(c, s->line, b, strlen(b))) == VOTELOG_NONE)
        return NULL;
    if (v->a == v->b) {
        chunk_reject(c, s->line, "self-play");
        return NULL;
    }
    int mark = find_mark(s);
    if (mark == -1 && s->voter != NULL &&
        chunk_leaves_out(c, s->voter, strlen(s->voter)))
        return NULL;
    if (mark == -1)
        return v;
    if (mark >= 0)
        c->n_marked[mark]++;
    return NULL;
}

static bool take_name(const struct source *s, struct names *names,
                      const char *what, const char *text, uint32_t *out)
{
    return chunk_name(s->c, s->line, names, what, text,
                      text == NULL ? 0 : strlen(text), out);
}

/* Of which battle an object is, and the judge's probability. */
static bool take_battle_id(const struct source *s)
{
    char id[64], p[64];
    const char *battle =
        votelog_text(json_get(s->o, "battle_id"), id, sizeof(id));
    const char *p_a = votelog_text(json_get(s->o, "p_a"), p, sizeof(p));
    return chunk_battle(s->c, s->line, battle,
                        battle == NULL ? 0 : strlen(battle), p_a,
                        p_a == NULL ? 0 : strlen(p_a));
}

/* Keeps a vote whose verdict is set. */
static void keep(const struct source *s, struct votelog_vote *v)
{
    struct chunk *c = s->c;
    const char *by = c->o->category;
    char scratch[64];
    if (c->o->voters && !take_name(s, &c->voters, "voter", s->voter, &v->voter))
        return;
    if (by != NULL && !take_name(s, &c->categories, "category",
                                 votelog_text(find_path(s->o, by), scratch,
                                           sizeof(scratch)),
                                 &v->category))
        return;
    if (c->o->judge != NULL && !take_battle_id(s))
        return;
    if (c->x != NULL)
        votelog_object_x(s->o, chunk_next_x(c));
    chunk_keep(c);
}

static void give_label(const struct source *s, const char *a, const char *b,
                       const char *label)
{
    struct votelog_vote *v = begin(s, a, b);
    label = label == NULL ? "" : label;
    if (v != NULL && chunk_outcome(s->c, s->line, label, strlen(label), v,
                                   &v->outcome))
        keep(s, v);
}

/* n votes of one outcome, which no label says. */
static void give_outcome(const struct source *s, const char *a, const char *b,
                         enum rating_outcome outcome, uint64_t n)
{
    struct votelog_vote *v = n == 0 ? NULL : begin(s, a, b);
    if (v == NULL || !chunk_count(s->c, s->line, n))
        return;
    v->outcome = outcome;
    v->times = n;
    keep(s, v);
}

/* n votes by the share of A; `what` is for the message. */
static void give_share(const struct source *s, const char *a, const char *b,
                       double share, uint64_t n, const char *what)
{
    if (!(share >= 0 && share <= 1)) {
        chunk_reject(s->c, s->line, "%s", what);
        return;
    }
    struct votelog_vote *v = n == 0 ? NULL : begin(s, a, b);
    if (v == NULL || !chunk_count(s->c, s->line, n))
        return;
    chunk_set_share(v, share);
    v->times = n;
    keep(s, v);
}

/* Remembers that an object asks to count more than once, or less. */
static void note_weight(const struct source *s)
{
    if (s->c->unread_count == NULL)
        s->c->unread_count = votelog_find_count(s->o);
}

/* --- the forms ----------------------------------------------------------- */

/* Chatbot Arena's cleaned log and its newer sets; logs of judges, whose p_a is
 * the probability that A is better. */
static void take_lmarena(const struct source *s)
{
    const char *a = text_at(s->o, "model_a"), *b = text_at(s->o, "model_b");
    const cJSON *p_a = json_get(s->o, "p_a");
    const cJSON *winner = json_get(s->o, "winner");
    char scratch[64];
    bool beside = s->c->o->judge != NULL && text_at(s->o, "winner") != NULL;
    note_weight(s);
    if (!beside && votelog_is_missing(p_a) &&
        (winner == NULL || cJSON_IsNull(winner)))
        s->c->n_skipped++; /* nobody gave a verdict */
    else if (beside || votelog_is_missing(p_a))
        give_label(s, a, b, votelog_text(winner, scratch, sizeof(scratch)));
    else
        give_share(s, a, b, votelog_node_number(p_a), 1,
                   "p_a is not a probability from 0 to 1");
}

/* The same with a column for each verdict, as the 55k set has. */
static void take_one_hot(const struct source *s)
{
    const char *bad;
    enum rating_outcome outcome = RATING_TIE;
    int n_hot = votelog_read_one_hot(s->o, &outcome, &bad);
    note_weight(s);
    if (n_hot < 0) {
        chunk_reject(s->c, s->line, "%s is neither 0 nor 1", bad);
        return;
    }
    if (n_hot == 1)
        give_outcome(s, text_at(s->o, "model_a"), text_at(s->o, "model_b"),
                     outcome, 1);
    else
        chunk_reject(s->c, s->line, "%s of winner_model_a, winner_model_b and "
                     "winner_tie is 1", n_hot > 0 ? "more than one" : "none");
}

/* Chatbot Arena's raw log: names stand in the two states; most lines are no
 * votes.  Before a battle with open names the log has both in "models". */
static void take_lmarena_raw(const struct source *s)
{
    static const struct {
        const char *type;
        enum rating_outcome outcome;
    } votes[] = {
        {"leftvote", RATING_FIRST},
        {"rightvote", RATING_SECOND},
        {"tievote", RATING_TIE},
        {"bothbad_vote", RATING_BAD},
    };
    const char *type = text_at(s->o, "type"), *name[2];
    const cJSON *states = json_get(s->o, "states");
    const cJSON *models = json_get(s->o, "models");
    bool named = true;
    for (int i = 0; i < 2; i++) {
        const cJSON *shown = cJSON_GetArrayItem(models, i);
        name[i] = json_get_string(cJSON_GetArrayItem(states, i), "model_name",
                                  "");
        named = named && cJSON_IsString(shown) && shown->valuestring[0] != '\0';
    }
    for (size_t i = 0; i < sizeof(votes) / sizeof(votes[0]); i++) {
        if (strcmp(type, votes[i].type) != 0)
            continue;
        if (named)
            s->c->n_marked[VOTELOG_OPEN]++;
        else
            give_outcome(s, name[0], name[1], votes[i].outcome, 1);
        return;
    }
    s->c->n_skipped++;
}

/* One game of arena-hard. */
static void take_game(const struct source *s, const char *a, const char *b,
                      const char *score)
{
    enum rating_outcome outcome;
    unsigned times;
    if (votelog_score(score, &outcome, &times))
        give_outcome(s, a, b, outcome, times);
    else
        chunk_reject(s->c, s->line, "unknown score '%.40s'", score);
}

/* arena-hard: in the first game A is the baseline, in the second the model.
 * Its first edition does not name the baseline in the row. */
static void take_arena_hard(const struct source *s)
{
    const char *model = text_at(s->o, "model");
    const char *base = json_get_string(s->o, "baseline", NULL);
    const cJSON *game;
    int index = 0;
    if (base == NULL) {
        base = s->c->o->baseline;
        s->c->uses_baseline = base != NULL;
    }
    if (base == NULL) {
        chunk_reject(s->c, s->line, "games against a baseline that the row does "
                     "not name; say --baseline MODEL");
        return;
    }
    cJSON_ArrayForEach(game, json_get(s->o, "games")) {
        const cJSON *node = json_get(game, "score");
        char scratch[64];
        const char *score = votelog_text(node, scratch, sizeof(scratch));
        bool second = index++ % 2 == 1;
        if (node == NULL || cJSON_IsNull(node))
            s->c->n_skipped++; /* the judge gave no verdict */
        else if (score == NULL)
            chunk_reject(s->c, s->line, "a score that is not text");
        else
            take_game(s, second ? model : base, second ? base : model, score);
    }
}

/* alpaca_eval: 1 is the first, 2 the second, 1.5 a draw; between them it is the
 * strength of the preference. */
static void take_alpaca(const struct source *s)
{
    const cJSON *preference = json_get(s->o, "preference");
    if (preference != NULL && votelog_is_missing(preference)) {
        s->c->n_skipped++;
        return;
    }
    give_share(s, text_at(s->o, "generator_1"), text_at(s->o, "generator_2"),
               2 - votelog_node_number(preference), 1,
               "a preference that is not within 1 to 2");
}

/* MT-bench: both orders, mapped back; what they disagree on is a tie. */
static void take_mt_bench(const struct source *s)
{
    const char *first = text_at(s->o, "g1_winner");
    const char *second = json_get_string(s->o, "g2_winner", first);
    enum rating_outcome ignored;
    if (strcasecmp(first, "error") == 0 || strcasecmp(second, "error") == 0) {
        s->c->n_skipped++;
        return;
    }
    bool agree = strcmp(first, second) == 0;
    const char *unknown =
        agree                                                 ? NULL
        : !votelog_outcome(first, strlen(first), &ignored)   ? first
        : !votelog_outcome(second, strlen(second), &ignored) ? second
                                                             : NULL;
    if (unknown != NULL) {
        chunk_reject(s->c, s->line, "unknown winner label '%.40s'", unknown);
        return;
    }
    give_label(s, text_at(s->o, "model_1"), text_at(s->o, "model_2"),
               agree ? first : "tie");
}

/* Open WebUI: a thumb up or down on an answer beside which there were others
 * (its Leaderboard.svelte).  Names were hidden in its arena only. */
static void take_feedback(const struct source *s)
{
    const cJSON *data = json_get(s->o, "data"), *other;
    const char *model = json_get_string(data, "model_id", "");
    const cJSON *others = json_get(data, "sibling_model_ids");
    double rating = votelog_node_number(json_get(data, "rating"));
    bool hidden =
        votelog_node_truth(json_get(json_get(s->o, "meta"), "arena")) == 1;
    if (votelog_is_missing(json_get(data, "rating")) ||
        cJSON_GetArraySize(others) == 0)
        s->c->n_skipped++; /* a remark, or there was nothing to compare with */
    else if (rating != 1 && rating != -1)
        chunk_reject(s->c, s->line, "a rating that is neither 1 nor -1");
    else
        cJSON_ArrayForEach(other, others) {
            if (hidden)
                give_outcome(s, model, cJSON_GetStringValue(other),
                             rating > 0 ? RATING_FIRST : RATING_SECOND, 1);
            else
                s->c->n_marked[VOTELOG_OPEN]++;
        }
}

/* Ours: a battle of the history or of show, which has a verdict once it is
 * voted on. */
static void take_battle(const struct source *s)
{
    const char *verdict = text_at(s->o, "verdict");
    if (verdict == NULL)
        s->c->n_skipped++;
    else
        give_label(s, text_at(s->o, "model_a"), text_at(s->o, "model_b"),
                   verdict);
}

/* Ours: a battle with any number of votes. */
static void take_votes(const struct source *s)
{
    const cJSON *vote;
    char scratch[64];
    struct source one = *s;
    cJSON_ArrayForEach(vote, json_get(s->o, "votes")) {
        one.voter = votelog_find_voter(vote, scratch, sizeof(scratch));
        give_label(&one, text_at(s->o, "model_a"), text_at(s->o, "model_b"),
                   text_at(vote, "winner"));
    }
}

static uint64_t read_count(const struct source *s, const cJSON *o,
                           const char *key)
{
    int64_t n = 0;
    if (!json_is_whole(json_get(o, key), 0, INT64_MAX, &n))
        chunk_reject(s->c, s->line, "%s of a pair is not a count", key);
    return (uint64_t)n;
}

/* Ours: the record of each pair, beside a leaderboard. */
static void take_matrix(const struct source *s)
{
    static const struct {
        const char *key;
        enum rating_outcome outcome;
    } counts[] = {
        {"wins", RATING_FIRST},
        {"losses", RATING_SECOND},
        {"ties", RATING_TIE},
        {"both_bad", RATING_BAD},
    };
    const cJSON *pair;
    cJSON_ArrayForEach(pair, json_get(s->o, "matrix")) {
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
            uint64_t n = read_count(s, pair, counts[i].key);
            give_outcome(s, text_at(pair, "model"), text_at(pair, "opponent"),
                         counts[i].outcome, n);
        }
    }
    cJSON_ArrayForEach(pair, json_get(s->o, "weighted"))
        give_share(s, text_at(pair, "model"), text_at(pair, "opponent"),
                   json_get_number(pair, "share", NAN),
                   read_count(s, pair, "votes"),
                   "the share of a pair is not a number from 0 to 1");
}

static void take_leaderboard(const struct source *s)
{
    chunk_reject(s->c, s->line, "a leaderboard holds no votes; with --matrix, "
                 "or from arena history --json, there are some");
}

static void take_run(const struct source *s)
{
    chunk_reject(s->c, s->line, "the end of a run holds no votes; arena history "
                 "--json --run NAME has those on it");
}

/* A form is known by the keys that its objects have; the first that fits. */
static const struct form {
    const char *keys[3];     /* strings, or objects of any kind with `any` */
    const char *any, *array; /* or NULL */
    void (*take)(const struct source *s);
} FORMS[] = {
    {{"model_a", "model_b"}, NULL, "votes", take_votes},
    {{"model_a", "model_b", "state"}, "battle", NULL, take_battle},
    {{"model_a", "model_b", "winner"}, NULL, NULL, take_lmarena},
    {{"model_a", "model_b"}, "p_a", NULL, take_lmarena},
    {{"model_a", "model_b"}, "winner_model_a", NULL, take_one_hot},
    {{"model_a", "model_b"}, "winner", NULL, take_lmarena},
    {{"model"}, NULL, "games", take_arena_hard},
    {{"generator_1", "generator_2"}, NULL, NULL, take_alpaca},
    {{"model_1", "model_2", "g1_winner"}, NULL, NULL, take_mt_bench},
    {{"type"}, NULL, "states", take_lmarena_raw},
    {{"type", "user_id"}, "data", NULL, take_feedback},
    {{"method"}, "models", "matrix", take_matrix},
    {{"method"}, "n_votes", "models", take_leaderboard},
    {{"run"}, "battles", NULL, take_run},
};

static bool fits(const struct form *f, const cJSON *o)
{
    for (int k = 0; k < 3 && f->keys[k] != NULL; k++)
        if (text_at(o, f->keys[k]) == NULL)
            return false;
    return (f->any == NULL || json_get(o, f->any) != NULL) &&
           (f->array == NULL || cJSON_IsArray(json_get(o, f->array)));
}

/* Battles that nobody voted on, or whose names are hidden until then. */
static bool is_unvoted(const cJSON *o)
{
    return json_get(o, "battle") != NULL && json_get(o, "verdict") != NULL &&
           text_at(o, "verdict") == NULL;
}

int votelog_object(struct chunk *c, uint64_t line, const cJSON *o)
{
    char scratch[64];
    struct source s = {.c = c, .line = line, .o = o};
    s.voter = votelog_find_voter(o, scratch, sizeof(scratch));
    for (size_t k = 0; k < sizeof(FORMS) / sizeof(FORMS[0]); k++) {
        if (!fits(&FORMS[k], o))
            continue;
        FORMS[k].take(&s);
        return c->status;
    }
    /* A chat or a vote on one answer, of the raw log; the head of our own. */
    bool is_chat = text_at(o, "type") != NULL &&
                   (json_get(o, "model") != NULL ||
                    json_get(o, "models") != NULL);
    if (is_chat || is_unvoted(o))
        c->n_skipped++;
    else
        chunk_reject(c, line, "%s", cJSON_IsObject(o)
                     ? "no battle of a form that we know (Chatbot Arena, "
                       "arena-hard, alpaca_eval, MT-bench, Open WebUI)"
                     : "no object");
    return 0;
}
