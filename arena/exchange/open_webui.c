/* Open WebUI's feedback export (Admin Panel, Evaluations, Feedbacks): a list
 * with an object a rating.  Fields: backend/open_webui/models/feedbacks.py
 * there, and the snapshot of the chat that its pages make.
 *
 * A thumb up or down on one of several answers to the same message is a vote
 * against or for each of the others, as its own leaderboard counts it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/exchange/foreign.h"

#define MAX_TURNS 1000 /* a message may name itself as the one before it */

/* The messages of the snapshot that are on the way to the rated one. */
struct chat {
    const cJSON *messages;
    const cJSON *rated, *asked; /* NULL: not there */
};

static const cJSON *message_of(const cJSON *messages, const cJSON *id)
{
    return cJSON_IsString(id) ? json_get(messages, id->valuestring) : NULL;
}

static bool is_said_by(const cJSON *message, const char *role)
{
    return strcmp(json_get_string(message, "role", ""), role) == 0;
}

/* In the arena mode "model" is the arena's. */
static const char *speaker_of(const cJSON *message)
{
    return json_get_string(message, "selectedModelId",
                           json_get_string(message, "model", ""));
}

static void find_chat(const cJSON *o, struct chat *c)
{
    static const char *const way[] = {"snapshot", "chat", "chat", "history",
                                      "messages"};
    const cJSON *at = o;
    for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++)
        at = json_get(at, way[i]);
    *c = (struct chat){.messages = at};
    c->rated = message_of(at, json_get(json_get(o, "meta"), "message_id"));
    c->asked = message_of(at, json_get(c->rated, "parentId"));
    if (!is_said_by(c->rated, "assistant") || !is_said_by(c->asked, "user"))
        c->rated = c->asked = NULL;
}

/* The answer of a model beside the rated one; NULL: it is not there. */
static const cJSON *find_sibling(const struct chat *c, const char *model)
{
    const cJSON *id;
    cJSON_ArrayForEach (id, json_get(c->asked, "childrenIds")) {
        const cJSON *message = message_of(c->messages, id);
        if (message != NULL && message != c->rated &&
            strcmp(speaker_of(message), model) == 0)
            return message;
    }
    return NULL;
}

/* Whether the other answer stands before the rated one. */
static bool is_second(const struct chat *c, const cJSON *other)
{
    const cJSON *id;
    cJSON_ArrayForEach (id, json_get(c->asked, "childrenIds")) {
        const cJSON *message = message_of(c->messages, id);
        if (message == c->rated || message == other)
            return message == other;
    }
    return false;
}

/* Adds what both sides were told before, and the two answers.  False: a text is
 * missing. */
static bool read_texts(struct foreign_row *r, const struct chat *c,
                       const cJSON *other)
{
    const cJSON *turns[MAX_TURNS][3]; /* asked, said by the first, the second */
    int n = 0;
    const cJSON *asked = c->asked, *said = c->rated;
    while (asked != NULL && said != NULL && n < MAX_TURNS) {
        turns[n][0] = asked;
        turns[n][1] = said;
        turns[n][2] = n == 0 ? other : said;
        n++;
        said = message_of(c->messages, json_get(asked, "parentId"));
        asked = message_of(c->messages, json_get(said, "parentId"));
    }
    for (int i = n; i-- > 0;) {
        const char *text[3];
        for (int k = 0; k < 3; k++) {
            text[k] = spoken_content(&r->spoken,
                                     json_get(turns[i][k], "content"));
            if (text[k] == NULL)
                return false;
        }
        r->prompt = i == n - 1 ? text[0] : r->prompt;
        for (int side = 0; side < 2; side++)
            spoken_add(&r->spoken, side, n - i, text[0], text[1 + side]);
    }
    return n > 0;
}

static int take_pair(struct foreign_row *r, const struct chat *c,
                     enum rating_outcome outcome, const char *other,
                     struct err *e)
{
    const cJSON *sibling = find_sibling(c, other);
    struct foreign_verdict v = {.outcome = outcome,
                                .p_a = NAN,
                                .part = "",
                                .is_swapped = is_second(c, sibling)};
    r->model[1] = other;
    r->prompt = "";
    if (sibling == NULL || !read_texts(r, c, sibling)) {
        spoken_free(&r->spoken);
        r->prompt = "";
    }
    int result = foreign_put(r, "open_webui", &v, e);
    spoken_free(&r->spoken);
    return result;
}

/* 1 or -1, as a number or as a text.  0: neither. */
static int rating_of(const cJSON *node)
{
    int64_t n = 0;
    if (cJSON_IsString(node))
        return strcmp(node->valuestring, "1") == 0    ? 1
               : strcmp(node->valuestring, "-1") == 0 ? -1
                                                      : 0;
    return json_is_whole(node, -1, 1, &n) ? (int)n : 0;
}

static int take_rating(struct foreign_row *r, const cJSON *data, struct err *e)
{
    const cJSON *others = json_get(data, "sibling_model_ids"), *other;
    int rating = rating_of(json_get(data, "rating")), result = 0;
    struct chat chat;
    if (rating == 0 || cJSON_GetArraySize(others) == 0) {
        import_lose(r->x, rating == 0 ? IMPORT_NO_VERDICT : IMPORT_ALONE);
        return 0;
    }
    find_chat(r->o, &chat);
    cJSON_ArrayForEach (other, others) {
        if (!cJSON_IsString(other)) {
            err_set(e, ERR_FORMAT, "a sibling model without a name");
            return 1;
        }
        if (strcmp(other->valuestring, r->model[0]) == 0)
            import_lose(r->x, IMPORT_ALONE); /* the same model once more */
        else if (result == 0)
            result = take_pair(r, &chat,
                               rating > 0 ? RATING_FIRST : RATING_SECOND,
                               other->valuestring, e);
    }
    if (r->compare)
        import_lose(r->x, IMPORT_NAMES);
    return result;
}

static int take_feedback(struct import *x, const cJSON *o, struct err *e)
{
    static const char *const times[] = {"created_at", NULL};
    const cJSON *data = json_get(o, "data");
    const char *model = json_get_string(data, "model_id", NULL);
    struct foreign_row r = {.x = x, .o = o};
    if (!cJSON_IsObject(data) || model == NULL || model[0] == '\0') {
        err_set(e, ERR_FORMAT, "no feedback of Open WebUI (data, model_id)");
        return 1;
    }
    struct buf voter;
    buf_init(&voter, 1 << 16);
    buf_addf(&voter, "human:%s", json_get_string(o, "user_id", "unknown"));
    r.voter = buf_detach(&voter);
    r.model[0] = model;
    r.id = json_get_string(o, "id", NULL);
    r.category = "";
    r.compare = !json_get_bool(json_get(o, "meta"), "arena", false);
    r.comment = json_get_string(data, "comment", NULL);
    r.created_ms = import_time_at(x, o, times);
    int result = take_rating(&r, data, e);
    spoken_free(&r.spoken);
    free(r.voter);
    return result;
}

const struct exchange_form exchange_open_webui = {
    .name = "open_webui",
    .value = take_feedback,
};
