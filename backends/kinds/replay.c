/* replay: answers out of a script, for the demo and for tests.
 *
 * It takes the way of every remote answer (net thread, stream, pieces over
 * time), and the same script, prompt and seed give the same answer.  A model
 * with "backend": "replay" names a "script", a JSON file with comments:
 *
 *   { "chunk": 12, "delay_ms": 30, "first_ms": 200,       // for all answers
 *     "answers": [
 *       { "contains": "2+3", "thinking": "Add.", "text": "It is 5." },
 *       { "prompt": "Hi", "model": "polite", "text": ["Hello.", "Good day."] },
 *       { "contains": "fail", "text": "So f", "error": "connection lost" },
 *       { "contains": "hang", "stall": true },
 *       { "text": "I do not know." } ] }
 *
 * The first of "answers" that fits is given.  "prompt" must be the last user
 * message, "contains" a part of it, "model" the model's "id"; what is absent
 * fits.  Of several texts the request's seed draws one.
 *   text, thinking   strings; thinking comes first.  None: an empty answer
 *   aloud            thinking is sent as text, and called back before the text
 *   chunk            bytes in a piece; characters may be cut, as in a network
 *   first_ms         before the first piece
 *   delay_ms         between pieces
 *   finish           "stop" (default), "length" or "filter"
 *   error            ends, after the text, as an error with these words
 *   chances          how probable its words were, a number each; the last one
 *                    is of all further words
 *   stall            after the text nothing comes until it is cancelled
 *   n_in, n_out, n_think, cost   usage; n_out is the number of pieces if absent
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/remote/net.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/path.h"
#include "base/rng.h"

#define REPLAY_MAX_BYTES (16u << 20)
#define REPLAY_MAX_MS (3600 * 1000)
#define REPLAY_CHUNK 12

struct backend {
    struct backend_env *env;
    char *path;
    char *id; /* of the model, "" if it has none */
    cJSON *script;
};

/* One answer on its way. */
struct replay {
    struct net_task task; /* first, so that a task is its replay */
    struct stream *stream;
    char *thinking, *text;
    size_t n_thinking, n_text; /* bytes left */
    const char *next_thinking, *next_text;
    size_t chunk;
    int64_t delay_ms, n_pieces;
    int64_t start_ms;
    bool stall;
    bool aloud; /* thinking is still on its way as text */
    struct answer_end end;
};

/* --- reading the script ------------------------------------------------ */

enum replay_type { STRING, TEXTS, NUMBER, NUMBERS, WHOLE, TRUTH, ANSWERS };

static const struct {
    const char *key;
    enum replay_type type;
    bool top; /* may stand outside of "answers" */
} replay_keys[] = {
    {"answers", ANSWERS, true}, {"chunk", WHOLE, true},
    {"first_ms", WHOLE, true},  {"delay_ms", WHOLE, true},
    {"prompt", STRING, false},  {"contains", STRING, false},
    {"model", STRING, false},   {"text", TEXTS, false},
    {"thinking", STRING, false}, {"finish", STRING, false},
    {"error", STRING, false},   {"stall", TRUTH, false},
    {"aloud", TRUTH, false},    {"chances", NUMBERS, false},
    {"n_in", WHOLE, false},     {"n_out", WHOLE, false},
    {"n_think", WHOLE, false},  {"cost", NUMBER, false},
};
#define REPLAY_N_KEYS (sizeof(replay_keys) / sizeof(replay_keys[0]))

static bool is_of_type(const cJSON *node, enum replay_type type)
{
    const cJSON *item;
    int64_t whole;
    switch (type) {
    case STRING: return cJSON_IsString(node);
    case NUMBER: return cJSON_IsNumber(node);
    case TRUTH: return cJSON_IsBool(node);
    case NUMBERS:
        cJSON_ArrayForEach(item, node)
            if (!cJSON_IsNumber(item))
                return false;
        return cJSON_IsArray(node);
    case WHOLE: return json_is_whole(node, 0, REPLAY_MAX_MS, &whole);
    case ANSWERS: return cJSON_IsArray(node);
    case TEXTS:
        if (cJSON_IsString(node))
            return true;
        cJSON_ArrayForEach(item, node)
            if (!cJSON_IsString(item))
                return false;
        return cJSON_IsArray(node) && cJSON_GetArraySize(node) > 0;
    }
    return false;
}

static int check_key(const cJSON *node, bool top, const char *where,
                     struct err *e)
{
    struct nearest near;
    nearest_init(&near, node->string);
    for (size_t i = 0; i < REPLAY_N_KEYS; i++) {
        if ((top && !replay_keys[i].top) ||
            (!top && replay_keys[i].type == ANSWERS))
            continue;
        nearest_offer(&near, replay_keys[i].key);
        if (strcmp(node->string, replay_keys[i].key) != 0)
            continue;
        if (is_of_type(node, replay_keys[i].type))
            return 0;
        return err_set(e, ERR_CONFIG, "%s: the value of \"%s\" will not do",
                       where, node->string);
    }
    return err_set(e, ERR_CONFIG, "%s: unknown key \"%s\"%s%s%s", where,
                   node->string, near.best ? "; did you mean \"" : "",
                   near.best ? near.best : "", near.best ? "\"?" : "");
}

static enum finish finish_of(const cJSON *answer)
{
    const char *name = json_get_string(answer, "finish", "stop");
    const enum finish known[] = {FINISH_STOP, FINISH_LENGTH, FINISH_FILTER};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(name, finish_name(known[i])) == 0)
            return known[i];
    return FINISH_NONE;
}

static int check_script(const cJSON *script, const char *path, struct err *e)
{
    const cJSON *answers = json_get(script, "answers");
    if (!cJSON_IsArray(answers))
        return err_set(e, ERR_CONFIG, "%s: no \"answers\": [...]", path);
    const cJSON *node, *answer;
    cJSON_ArrayForEach(node, script)
        if (check_key(node, true, path, e) != 0)
            return -1;
    int i = 0;
    cJSON_ArrayForEach(answer, answers) {
        struct buf where;
        buf_init(&where, ERR_TEXT_BYTES);
        buf_addf(&where, "%s: answers[%d]", path, i++);
        int result = 0;
        if (!cJSON_IsObject(answer))
            result = err_set(e, ERR_CONFIG, "%s: no {...}", where.data);
        for (node = answer->child; result == 0 && node; node = node->next)
            result = check_key(node, false, where.data, e);
        if (result == 0 && finish_of(answer) == FINISH_NONE)
            result = err_set(e, ERR_CONFIG, "%s: \"finish\" is none of \"stop\""
                             ", \"length\", \"filter\"", where.data);
        buf_free(&where);
        if (result != 0)
            return -1;
    }
    return 0;
}

static int replay_open(struct backend **out, const struct model *m,
                       struct backend_env *env, struct err *e)
{
    if (m->script == NULL)
        return err_set(e, ERR_CONFIG, "no \"script\": name the file with the "
                                      "answers");
    struct buf file;
    cJSON *script = NULL;
    buf_init(&file, REPLAY_MAX_BYTES);
    if (path_read_file(&file, m->script, ERR_CONFIG, e) == 0)
        script = json_parse_commented(file.data, file.len, REPLAY_MAX_BYTES,
                                      m->script, e);
    buf_free(&file);
    if (script == NULL || check_script(script, m->script, e) != 0) {
        cJSON_Delete(script);
        if (e != NULL)
            e->code = ERR_CONFIG; /* the file is a part of the config */
        return -1;
    }
    struct backend *b = mem_calloc(1, sizeof(*b));
    b->env = env;
    b->path = mem_strdup(m->script);
    b->id = mem_strdup(m->id ? m->id : "");
    b->script = script;
    *out = b;
    return 0;
}

static void replay_close(struct backend *b)
{
    cJSON_Delete(b->script);
    free(b->path);
    free(b->id);
    free(b);
}

/* --- an answer --------------------------------------------------------- */

static void replay_free(struct replay *r)
{
    stream_release(r->stream);
    free(r->thinking);
    free(r->text);
    free(r);
}

static bool replay_stop(struct net_task *t)
{
    struct replay *r = (struct replay *)t;
    return stream_cancelled(r->stream);
}

/* Pushes the next piece; false if there is none. */
static bool push_piece(struct replay *r)
{
    size_t n = r->n_thinking < r->chunk ? r->n_thinking : r->chunk;
    if (n > 0) {
        if (r->aloud)
            stream_push_text(r->stream, r->next_thinking, n);
        else
            stream_push_thinking(r->stream, r->next_thinking, n);
        r->next_thinking += n;
        r->n_thinking -= n;
        return true;
    }
    if (r->aloud)
        stream_recall_text(r->stream);
    r->aloud = false;
    n = r->n_text < r->chunk ? r->n_text : r->chunk;
    stream_push_text(r->stream, r->next_text, n);
    r->next_text += n;
    r->n_text -= n;
    return n > 0;
}

static void replay_finish(struct replay *r)
{
    r->end.total_ms = clock_monotonic_ms() - r->start_ms;
    if (r->end.n_out < 0)
        r->end.n_out = r->n_pieces;
    stream_end(r->stream, &r->end);
    replay_free(r);
}

static void replay_run(struct net *n, struct net_task *t)
{
    struct replay *r = (struct replay *)t;
    int64_t now_ms = clock_monotonic_ms();
    if (net_closing(n))
        stream_cancel(r->stream);
    while (!stream_cancelled(r->stream) && push_piece(r)) {
        if (r->n_pieces++ == 0)
            r->end.first_ms = now_ms - r->start_ms;
        if (r->delay_ms > 0)
            break;
    }
    bool at_end = r->n_thinking + r->n_text == 0;
    if (stream_cancelled(r->stream) || (at_end && !r->stall)) {
        replay_finish(r);
        return;
    }
    t->due_ms = at_end ? NET_NEVER : now_ms + r->delay_ms;
    net_add(n, t);
}

static bool fits(const cJSON *answer, const char *prompt, const char *id)
{
    const char *want = json_get_string(answer, "prompt", NULL);
    const char *part = json_get_string(answer, "contains", NULL);
    const char *model = json_get_string(answer, "model", NULL);
    return (want == NULL || strcmp(want, prompt) == 0) &&
           (part == NULL || strstr(prompt, part) != NULL) &&
           (model == NULL || strcmp(model, id) == 0);
}

static const cJSON *find_answer(const struct backend *b, const char *prompt)
{
    const cJSON *answer;
    cJSON_ArrayForEach(answer, json_get(b->script, "answers"))
        if (fits(answer, prompt, b->id))
            return answer;
    return NULL;
}

static const char *draw_text(const cJSON *answer, uint64_t seed)
{
    const cJSON *text = json_get(answer, "text");
    if (cJSON_IsArray(text)) {
        struct rng rng;
        rng_init(&rng, seed);
        uint64_t n = (uint64_t)cJSON_GetArraySize(text);
        text = cJSON_GetArrayItem(text, (int)rng_below(&rng, n));
    }
    return cJSON_IsString(text) ? text->valuestring : "";
}

/* A number of the answer, else of the whole script, else the fallback. */
static int64_t setting(const struct backend *b, const cJSON *answer,
                       const char *key, double fallback)
{
    return (int64_t)json_get_number(
        answer, key, json_get_number(b->script, key, fallback));
}

static void fill_end(struct answer_end *end, const cJSON *answer)
{
    answer_end_init(end);
    end->finish = finish_of(answer);
    const char *error = json_get_string(answer, "error", NULL);
    if (error != NULL) {
        end->finish = FINISH_ERROR;
        err_set(&end->error, ERR_BACKEND, "%s", error);
    }
    end->n_in = (int64_t)json_get_number(answer, "n_in", -1);
    end->n_out = (int64_t)json_get_number(answer, "n_out", -1);
    end->n_think = (int64_t)json_get_number(answer, "n_think", -1);
    end->cost = json_get_number(answer, "cost", NAN);
}

/* A token is a word with the blanks before it. */
static void note_chances(struct stream *s, const char *text,
                         const cJSON *chances)
{
    const cJSON *chance = chances ? chances->child : NULL;
    while (chance != NULL && text[0] != '\0') {
        size_t n = strspn(text, " \t\n");
        n += strcspn(text + n, " \t\n");
        stream_add_chance(s, text, n, chance->valuedouble);
        text += n;
        chance = chance->next != NULL ? chance->next : chance;
    }
}

static int replay_start(struct backend *b, const struct request *rq,
                        struct stream *s, struct err *e)
{
    const cJSON *answer = find_answer(b, request_prompt(rq));
    if (answer == NULL)
        return err_set(e, ERR_BACKEND, "%s: no answer to this prompt; add one "
                       "without \"prompt\" and \"contains\"", b->path);
    struct net *net = net_of(b->env, e);
    if (net == NULL)
        return -1;

    struct replay *r = mem_calloc(1, sizeof(*r));
    net_task_init(&r->task, replay_run);
    r->task.stop = replay_stop;
    r->stream = s;
    r->thinking = mem_strdup(json_get_string(answer, "thinking", ""));
    r->text = mem_strdup(draw_text(answer, rq->seed));
    r->next_thinking = r->thinking;
    r->next_text = r->text;
    r->n_thinking = strlen(r->thinking);
    r->n_text = strlen(r->text);
    r->chunk = (size_t)setting(b, answer, "chunk", REPLAY_CHUNK);
    if (r->chunk == 0)
        r->chunk = REPLAY_CHUNK;
    r->delay_ms = setting(b, answer, "delay_ms", 0);
    r->stall = json_get_bool(answer, "stall", false);
    r->aloud = json_get_bool(answer, "aloud", false);
    if (rq->chances)
        note_chances(s, r->text, json_get(answer, "chances"));
    fill_end(&r->end, answer);
    r->start_ms = clock_monotonic_ms();
    r->task.due_ms = r->start_ms + setting(b, answer, "first_ms", 0);
    stream_on_cancel(s, net_wake, net);
    net_post(net, &r->task);
    return 0;
}

const struct backend_ops backend_replay = {
    .name = "replay",
    .summary = "answers out of a script (demo and tests)",
    .needs = "script",
    .open = replay_open,
    .start = replay_start,
    .close = replay_close,
};
