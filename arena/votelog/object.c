/* The objects of the published logs, and the votes in them. */
#include "arena/votelog/object.h"

#include <math.h>
#include <string.h>

#include "arena/votelog/labels.h"
#include "arena/votelog/style.h"
#include "base/buf.h"

static const char *text_at(const cJSON *o, const char *key)
{
    return json_get_string(o, key, NULL);
}

/* The first of several keys that holds a string. */
static const char *first_text(const cJSON *o, const char *const keys[])
{
    for (; *keys != NULL; keys++)
        if (text_at(o, *keys) != NULL)
            return text_at(o, *keys);
    return NULL;
}

/* A string by a path of keys, "conv_metadata.language"; numbers and truths are
 * written out. */
static const char *path_text(const cJSON *o, const char *path, char *scratch,
                             size_t n)
{
    while (o != NULL) {
        char key[128];
        size_t length = strcspn(path, ".");
        if (length >= sizeof(key))
            return NULL;
        memcpy(key, path, length);
        key[length] = '\0';
        o = json_get(o, key);
        if (path[length] == '\0')
            break;
        path += length + 1;
    }
    if (cJSON_IsString(o))
        return o->valuestring;
    if (cJSON_IsBool(o))
        return cJSON_IsTrue(o) ? "true" : "false";
    if (!cJSON_IsNumber(o))
        return NULL;
    struct buf text;
    buf_init(&text, n - 1);
    json_add_number(&text, o->valuedouble);
    memcpy(scratch, text.data, text.len + 1);
    buf_free(&text);
    return scratch;
}

static bool take_name(struct chunk *c, uint64_t line,
                      struct names *names, const char *what, const char *s,
                      uint32_t *out)
{
    return chunk_name(c, line, names, what, s, s == NULL ? 0 : strlen(s),
                        out);
}

/* Of which battle an object is, and the judge's probability. */
static bool take_battle(struct chunk *c, uint64_t line, const cJSON *o)
{
    char id[64], p[64];
    const char *battle = path_text(o, "battle_id", id, sizeof(id));
    const char *p_a = path_text(o, "p_a", p, sizeof(p));
    return chunk_battle(c, line, battle, battle == NULL ? 0 : strlen(battle),
                        p_a, p_a == NULL ? 0 : strlen(p_a));
}

/* One vote out of an object.  0, also where it is rejected; -1: no memory. */
static int give(struct chunk *c, uint64_t line, const cJSON *o,
                const char *a, const char *b, enum rating_outcome outcome,
                uint64_t times, const char *voter)
{
    struct votelog_vote *v = chunk_next(c);
    char scratch[64];
    if (v == NULL)
        return -1;
    if ((v->a = chunk_model(c, line, a, strlen(a))) == VOTELOG_NONE ||
        (v->b = chunk_model(c, line, b, strlen(b))) == VOTELOG_NONE)
        return 0;
    if (v->a == v->b) {
        chunk_reject(c, line, "self-play");
        return 0;
    }
    v->outcome = outcome;
    v->times = times;
    if (c->o->voters &&
        !take_name(c, line, &c->voters, "voter", voter, &v->voter))
        return 0;
    if (c->o->judge != NULL && !take_battle(c, line, o))
        return 0;
    if (c->o->category != NULL &&
        !take_name(c, line, &c->categories, "category",
                   path_text(o, c->o->category, scratch, sizeof(scratch)),
                   &v->category))
        return 0;
    if (c->x != NULL)
        votelog_object_x(c->log, o, chunk_next_x(c));
    chunk_keep(c);
    return 0;
}

static int give_label(struct chunk *c, uint64_t line, const cJSON *o,
                      const char *a, const char *b, const char *label,
                      const char *voter)
{
    enum rating_outcome outcome;
    if (label == NULL || !votelog_outcome(label, strlen(label), &outcome)) {
        chunk_reject(c, line, "unknown winner label '%.40s'",
                       label == NULL ? "" : label);
        return 0;
    }
    return give(c, line, o, a, b, outcome, 1, voter);
}

/* Chatbot Arena's cleaned log, and its newer sets. */
static int take_lmarena(struct chunk *c, uint64_t line, const cJSON *o)
{
    static const char *const voters[] = {"voter",      "judge",
                                         "judge_hash", "annotator",
                                         "evaluation_session_id", NULL};
    return give_label(c, line, o, text_at(o, "model_a"), text_at(o, "model_b"),
                      text_at(o, "winner"), first_text(o, voters));
}

/* Its raw log: names stand in the two states; most lines are no votes. */
static int take_lmarena_raw(struct chunk *c, uint64_t line,
                            const cJSON *o)
{
    const char *type = text_at(o, "type");
    const cJSON *states = json_get(o, "states");
    const char *a = json_get_string(cJSON_GetArrayItem(states, 0),
                                    "model_name", "");
    const char *b = json_get_string(cJSON_GetArrayItem(states, 1),
                                    "model_name", "");
    enum rating_outcome outcome;
    if (!votelog_outcome(type, strlen(type), &outcome)) {
        c->n_skipped++;
        return 0;
    }
    return give(c, line, o, a, b, outcome, 1, text_at(o, "ip"));
}

/* arena-hard: "A>>B" counts three times; in the first game A is the baseline,
 * in the second the model. */
static int take_arena_hard(struct chunk *c, uint64_t line,
                           const cJSON *o)
{
    static const struct {
        const char *score;
        enum rating_outcome outcome;
        uint64_t times;
    } scores[] = {
        {"A>>B", RATING_FIRST, 3}, {"A>B", RATING_FIRST, 1},
        {"A=B", RATING_TIE, 1},    {"B=A", RATING_TIE, 1},
        {"B>A", RATING_SECOND, 1}, {"B>>A", RATING_SECOND, 3},
        {"A<B", RATING_SECOND, 1}, {"A<<B", RATING_SECOND, 3},
    };
    const char *model = text_at(o, "model"), *base = text_at(o, "baseline");
    const cJSON *game;
    int index = 0, status = 0;
    cJSON_ArrayForEach(game, json_get(o, "games")) {
        const char *score = json_get_string(game, "score", NULL);
        bool second = index++ % 2 == 1, known = false;
        for (size_t i = 0; score && i < sizeof(scores) / sizeof(*scores); i++) {
            if (strcmp(score, scores[i].score) != 0)
                continue;
            known = true;
            status |= give(c, line, o, second ? model : base,
                           second ? base : model, scores[i].outcome,
                           scores[i].times, text_at(o, "judge"));
        }
        if (!known && score == NULL)
            c->n_skipped++; /* the judge gave no verdict */
        else if (!known)
            chunk_reject(c, line, "unknown score '%.40s'", score);
    }
    return status;
}

/* alpaca_eval: 1 is the first, 2 the second, 1.5 a draw; what lies between
 * leans to the nearer side. */
static int take_alpaca(struct chunk *c, uint64_t line, const cJSON *o)
{
    double preference = json_get_number(o, "preference", NAN);
    if (cJSON_IsNull(json_get(o, "preference"))) {
        c->n_skipped++;
        return 0;
    }
    if (!(preference >= 1 && preference <= 2)) {
        chunk_reject(c, line, "a preference that is not within 1 to 2");
        return 0;
    }
    enum rating_outcome outcome = preference < 1.5   ? RATING_FIRST
                                  : preference > 1.5 ? RATING_SECOND
                                                     : RATING_TIE;
    return give(c, line, o, text_at(o, "generator_1"),
                text_at(o, "generator_2"), outcome, 1,
                text_at(o, "annotator"));
}

/* MT-bench: both orders, mapped back; what they disagree on is a tie. */
static int take_mt_bench(struct chunk *c, uint64_t line,
                         const cJSON *o)
{
    const char *first = text_at(o, "g1_winner");
    const char *second = json_get_string(o, "g2_winner", first);
    const cJSON *judge = cJSON_GetArrayItem(json_get(o, "judge"), 0);
    if (strcmp(first, "error") == 0 || strcmp(second, "error") == 0) {
        c->n_skipped++;
        return 0;
    }
    return give_label(c, line, o, text_at(o, "model_1"), text_at(o, "model_2"),
                      strcmp(first, second) == 0 ? first : "tie",
                      cJSON_IsString(judge) ? judge->valuestring : NULL);
}

/* Ours: a battle with any number of votes. */
static int take_own(struct chunk *c, uint64_t line, const cJSON *o)
{
    const cJSON *vote;
    int status = 0;
    cJSON_ArrayForEach(vote, json_get(o, "votes")) {
        status |= give_label(c, line, o, text_at(o, "model_a"),
                             text_at(o, "model_b"),
                             json_get_string(vote, "winner", NULL),
                             json_get_string(vote, "voter", NULL));
    }
    return status;
}

/* A form is known by the keys that its objects have. */
static const struct form {
    const char *keys[4];   /* strings */
    const char *array;     /* or NULL */
    int (*take)(struct chunk *c, uint64_t line, const cJSON *o);
} FORMS[] = {
    {{"model_a", "model_b"}, "votes", take_own},
    {{"model_a", "model_b", "winner"}, NULL, take_lmarena},
    {{"model", "baseline"}, "games", take_arena_hard},
    {{"generator_1", "generator_2"}, NULL, take_alpaca},
    {{"model_1", "model_2", "g1_winner"}, NULL, take_mt_bench},
    {{"type"}, "states", take_lmarena_raw},
};

static bool fits(const struct form *f, const cJSON *o)
{
    for (int k = 0; k < 4 && f->keys[k] != NULL; k++)
        if (text_at(o, f->keys[k]) == NULL)
            return false;
    return f->array == NULL || cJSON_IsArray(json_get(o, f->array));
}

int votelog_object(struct chunk *c, uint64_t line, const cJSON *o)
{
    for (size_t k = 0; k < sizeof(FORMS) / sizeof(FORMS[0]); k++)
        if (fits(&FORMS[k], o))
            return FORMS[k].take(c, line, o);
    if (text_at(o, "type") != NULL &&
        (json_get(o, "model") != NULL || json_get(o, "models") != NULL)) {
        c->n_skipped++; /* a chat, a vote on one answer: of the raw log; the
                           head of our own form */
        return 0;
    }
    chunk_reject(c, line, "%s", cJSON_IsObject(o)
                   ? "no battle of a form that we know (Chatbot Arena, "
                     "arena-hard, alpaca_eval, MT-bench)"
                   : "no object");
    return 0;
}
