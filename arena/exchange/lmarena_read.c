#include "arena/exchange/lmarena.h"

#include <stdlib.h>
#include <string.h>

#include "arena/exchange/spoken.h"
#include "arena/store/voter.h"
#include "arena/votelog/labels.h"
#include "arena/votelog/node.h"
#include "base/utf8.h"

#define LIST_BYTES ((size_t)1 << 26)

/* What is read of an object, in whichever shape. */
struct battle {
    struct spoken spoken;
    const char *model[2], *id, *category;
    enum rating_outcome verdict;
    bool compare; /* the voter knew the names */
    cJSON *lists[4]; /* that stood in texts */
    size_t n_lists;
};

static int refuse(struct err *e, const char *why)
{
    err_set(e, ERR_FORMAT, "%s", why);
    return 1;
}

/* --- conversations -------------------------------------------------------- */

/* A list; a text that is one in JSON is read as such.  NULL: none. */
static const cJSON *list_of(struct battle *b, const cJSON *node)
{
    struct err e;
    if (!cJSON_IsString(node) || node->valuestring[0] != '[')
        return cJSON_IsArray(node) ? node : NULL;
    cJSON *list = json_parse_python(node->valuestring,
                                    strlen(node->valuestring), LIST_BYTES, "",
                                    &e);
    if (list != NULL)
        b->lists[b->n_lists++] = list;
    return list;
}

/* Takes one side: user and assistant in turn.  0, or 1 with the error. */
static int read_messages(struct battle *b, const cJSON *node, int side,
                         struct err *e)
{
    const cJSON *message, *list = list_of(b, node);
    const char *prompt = NULL;
    int turn = 0;
    bool wrong = list == NULL && !votelog_is_missing(node);
    cJSON_ArrayForEach(message, list)
    {
        const char *role = json_get_string(message, "role", "");
        const char *text =
            spoken_content(&b->spoken, json_get(message, "content"));
        bool is_user = strcmp(role, "user") == 0;
        wrong = wrong || text == NULL || is_user == (prompt != NULL) ||
                (!is_user && strcmp(role, "assistant") != 0);
        if (wrong)
            break;
        if (!is_user)
            spoken_add(&b->spoken, side, ++turn, prompt, text);
        prompt = is_user ? text : NULL;
    }
    if (!wrong && prompt == NULL)
        return 0;
    err_set(e, ERR_FORMAT, "conversation_%c is not texts of user and "
            "assistant in turn", side ? 'b' : 'a');
    return 1;
}

/* A text; null says nothing.  NULL: it is none. */
static const char *text_of(const cJSON *node)
{
    return cJSON_IsNull(node) ? "" : cJSON_GetStringValue(node);
}

/* The table's columns "prompt", "response_a" and "response_b": a list of texts
 * each, with a text a turn, or one text. */
static int read_responses(struct battle *b, const cJSON *o, struct err *e)
{
    static const char *const keys[] = {"response_a", "response_b"};
    const cJSON *asked = json_get(o, "prompt");
    const cJSON *prompts = list_of(b, asked);
    int n = prompts ? cJSON_GetArraySize(prompts) : 1;
    for (int side = 0; side < 2; side++) {
        const cJSON *said = json_get(o, keys[side]);
        const cJSON *texts = list_of(b, said);
        if (asked == NULL && said == NULL)
            continue;
        if ((texts ? cJSON_GetArraySize(texts) : 1) != n)
            return refuse(e, "not as many answers as prompts");
        const cJSON *question = prompts ? prompts->child : asked;
        const cJSON *answer = texts ? texts->child : said;
        for (int i = 0; i < n; i++) {
            const char *prompt = text_of(question), *text = text_of(answer);
            if (prompt == NULL || text == NULL)
                return refuse(e, "prompt, response_a and response_b are not "
                                 "texts");
            spoken_add(&b->spoken, side, i + 1, prompt, text);
            if (i + 1 == n)
                break; /* what is no list may have other keys behind it */
            question = question->next;
            answer = answer->next;
        }
    }
    return 0;
}

/* The messages of a state of the raw log, [role, text] each, from the offset
 * on: those before it are examples. */
static int read_state(struct battle *b, const cJSON *state, int side,
                      struct err *e)
{
    const cJSON *messages = json_get(state, "messages");
    int from = (int)json_get_number(state, "offset", 0);
    int n = cJSON_GetArraySize(messages);
    bool wrong = from < 0 || from > n || (n - from) % 2 != 0;
    const cJSON *at = wrong ? NULL : cJSON_GetArrayItem(messages, from);
    for (int i = from; i < n && !wrong; i += 2) {
        const char *text[2];
        for (int k = 0; k < 2; k++, at = at->next)
            text[k] = cJSON_GetStringValue(cJSON_GetArrayItem(at, 1));
        wrong = text[0] == NULL || text[1] == NULL;
        if (!wrong)
            spoken_add(&b->spoken, side, (i - from) / 2 + 1, text[0], text[1]);
    }
    return wrong ? refuse(e, "its messages are not texts of user and "
                             "assistant in turn")
                 : 0;
}

/* Both sides must have been asked the same, for one of the two is stored.  All
 * of the first side stands before the second, turn by turn. */
static int check_prompts(const struct spoken *s, struct err *e)
{
    size_t second = 0;
    while (second < s->n_answers && s->answers[second].side == 0)
        second++;
    for (size_t i = 0; i < second && second + i < s->n_answers; i++)
        if (strcmp(s->answers[i].prompt, s->answers[second + i].prompt) != 0)
            return refuse(e, "the two sides were asked different things");
    return 0;
}

/* --- verdicts ------------------------------------------------------------- */

static int read_label(struct battle *b, const char *label, struct err *e)
{
    size_t n = strlen(label);
    label = utf8_trim(label, &n);
    bool is_label = votelog_outcome(label, n, &b->verdict);
    for (int i = 0; i < 2; i++) {
        enum rating_outcome by_name = i ? RATING_SECOND : RATING_FIRST;
        if (strlen(b->model[i]) != n || memcmp(b->model[i], label, n) != 0)
            continue;
        if (is_label && b->verdict != by_name)
            return refuse(e, "the winner is a label and the name of the other "
                             "model");
        b->verdict = by_name;
        return 0;
    }
    if (is_label)
        return 0;
    err_set(e, ERR_FORMAT, "unknown winner label '%.*s'",
            n > 40 ? 40 : (int)n, label);
    return 1;
}

/* 0; 1 with the error; 2: nobody gave a verdict. */
static int read_winner(struct battle *b, const cJSON *o, struct err *e)
{
    char scratch[64];
    const cJSON *winner = json_get(o, "winner");
    const char *bad;
    if (!votelog_is_missing(winner)) {
        const char *label = votelog_text(winner, scratch, sizeof(scratch));
        return read_label(b, label ? label : "?", e);
    }
    if (json_get(o, "winner_model_a") == NULL)
        return 2;
    int n_hot = votelog_read_one_hot(o, &b->verdict, &bad);
    if (n_hot < 0)
        return refuse(e, "winner_model_a, winner_model_b or winner_tie is "
                         "neither 0 nor 1");
    return n_hot == 1 ? 0
                      : refuse(e, "not one of winner_model_a, winner_model_b "
                                  "and winner_tie is 1");
}

/* Whether the names were known.  0, or 1 with the error. */
static int read_marks(struct battle *b, const cJSON *o, struct err *e)
{
    static const struct {
        const char *key;
        int known; /* what it says if they were */
    } marks[] = {{"anony", 0}, {"anonymous", 0}, {"named", 1}};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const cJSON *node = json_get(o, marks[i].key);
        int truth = votelog_is_missing(node) ? !marks[i].known
                                             : votelog_node_truth(node);
        if (truth < 0) {
            err_set(e, ERR_FORMAT, "\"%s\" says neither yes nor no",
                    marks[i].key);
            return 1;
        }
        b->compare = b->compare || truth == marks[i].known;
    }
    return 0;
}

/* --- the shapes ----------------------------------------------------------- */

/* 0; 1 with the error; 2: nobody gave a verdict. */
static int read_cleaned(struct battle *b, const cJSON *o, struct err *e)
{
    static const char *const ids[] = {"question_id", "id", NULL};
    static const char *const talks[2][2] = {{"conversation_a", "conv_a"},
                                            {"conversation_b", "conv_b"}};
    b->model[0] = json_get_string(o, "model_a", NULL);
    b->model[1] = json_get_string(o, "model_b", NULL);
    if (b->model[0] == NULL || b->model[1] == NULL)
        return refuse(e, "no battle of Chatbot Arena's form (model_a, model_b, "
                         "winner)");
    b->id = spoken_first(&b->spoken, o, ids);
    b->category = json_get_string(o, "category", "");
    int result = read_winner(b, o, e);
    if (result == 0)
        result = read_marks(b, o, e);
    bool has_talk = false;
    for (int i = 0; i < 2 && result == 0; i++) {
        const cJSON *talk = json_get(o, talks[i][0]);
        talk = talk ? talk : json_get(o, talks[i][1]);
        has_talk = has_talk || talk != NULL;
        result = read_messages(b, talk, i, e);
    }
    if (result == 0 && !has_talk)
        result = read_responses(b, o, e);
    return result != 0 ? result : check_prompts(&b->spoken, e);
}

/* As read_cleaned; 3: a line that is no vote. */
static int read_raw(struct battle *b, const cJSON *o, struct err *e)
{
    static const char *const ids[] = {"conv_id", NULL};
    const char *type = json_get_string(o, "type", "");
    const cJSON *states = json_get(o, "states"), *shown = json_get(o, "models");
    size_t n = strlen(type);
    if (n < 4 || strcmp(type + n - 4, "vote") != 0 ||
        !votelog_outcome(type, n, &b->verdict))
        return 3;
    b->category = "";
    b->compare = true;
    int result = 0;
    for (int i = 0; i < 2 && result == 0; i++) {
        const cJSON *state = cJSON_GetArrayItem(states, i);
        const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(shown, i));
        b->model[i] = json_get_string(state, "model_name", "");
        b->compare = b->compare && name != NULL && name[0] != '\0';
        if (b->model[i][0] == '\0')
            return refuse(e, "a vote without the names of both models");
        result = read_state(b, state, i, e);
    }
    b->id = spoken_first(&b->spoken, cJSON_GetArrayItem(states, 0), ids);
    return result != 0 ? result : check_prompts(&b->spoken, e);
}

/* --- storing -------------------------------------------------------------- */

/* One conversation of the raw log may be voted on again after more turns. */
static void add_key(const struct battle *b, bool is_raw, struct buf *key)
{
    buf_addf(key, is_raw ? "lmarena-raw:%s" : "lmarena:%s", b->id);
    if (is_raw)
        buf_addf(key, ":%zu", b->spoken.n_answers);
}

static int store_object(struct import *x, const cJSON *o, struct battle *b,
                        bool is_raw, struct err *e)
{
    static const char *const times[] = {"tstamp", "timestamp", NULL};
    char scratch[64];
    const char *voter = votelog_find_voter(o, scratch, sizeof(scratch));
    struct buf key;
    char *name = voter_of(voter ? voter : "unknown");
    struct bulk_vote v = import_vote(x, name, import_time_at(x, o, times));
    struct bulk_battle row = import_voted(&v);
    buf_init(&key, 4096);
    if (b->id != NULL) {
        add_key(b, is_raw, &key);
        v.external_id = key.data;
    }
    v.verdict = b->verdict;
    row.model[0] = b->model[0];
    row.model[1] = b->model[1];
    row.prompt = b->spoken.n_answers > 0 ? b->spoken.answers[0].prompt : "";
    row.category = b->category;
    row.compare = b->compare;
    row.answers = b->spoken.answers;
    row.n_answers = b->spoken.n_answers;
    int result = import_battle(x, &row, e);
    import_count_weight(x, o);
    if (b->compare && result == 0)
        import_lose(x, IMPORT_NAMES);
    buf_free(&key);
    free(name);
    return result;
}

int lmarena_value(struct import *x, const cJSON *o, struct err *e)
{
    struct battle b = {.category = ""};
    bool is_raw = json_get(o, "states") != NULL && json_get(o, "type") != NULL;
    int result = is_raw ? read_raw(&b, o, e) : read_cleaned(&b, o, e);
    if (result == 0)
        result = store_object(x, o, &b, is_raw, e);
    if (result == 2)
        import_lose(x, IMPORT_NO_VERDICT);
    if (result == 3)
        x->report->n_skipped++;
    for (size_t i = 0; i < b.n_lists; i++)
        cJSON_Delete(b.lists[i]);
    spoken_free(&b.spoken);
    return result > 1 ? 0 : result;
}

bool lmarena_is_column(const struct csv_field *f)
{
    static const char *const names[] = {
        "model_a",        "model_b",        "winner",
        "winner_model_a", "winner_model_b", "winner_tie",
        "prompt",         "response_a",     "response_b",
        "conversation_a", "conversation_b", "judge"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (csv_is_named(f, names[i]))
            return true;
    return false;
}
