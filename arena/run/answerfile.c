#include "arena/run/answerfile.h"

#include <stdlib.h>
#include <string.h>

#include "arena/run/jsonl.h"
#include "arena/run/prompts.h"
#include "arena/run/question_ids.h"
#include "base/mem.h"
#include "base/plural.h"

#define TEXT_BYTES PROMPTS_MAX_BYTES

/* FastChat's gen_api_answer.py writes this in the place of an answer if the
 * server failed (common.py, API_ERROR_OUTPUT). */
#define FAILED "$ERROR$"

/* A file under way. */
struct taking {
    struct answerfile *out;
    size_t cap;
    struct question_ids questions;
    struct names texts; /* of the prompts answered, in order of the list */
};

/* A row under way. */
struct row {
    struct prompt prompt; /* as the row has it; n_turns 0: it does not */
    char **texts;
    size_t n;
};

static void row_free(struct row *row)
{
    for (size_t i = 0; i < row->n; i++)
        free(row->texts[i]);
    free(row->texts);
    prompt_free(&row->prompt);
    *row = (struct row){.n = 0};
}

static void add_text(struct row *row, const char *text)
{
    row->texts = mem_realloc(row->texts, row->n + 1, sizeof(*row->texts));
    row->texts[row->n++] = mem_strdup(text);
}

/* --- the forms ------------------------------------------------------------ */

/* An assistant's words: arena-hard has them in {"answer": …}. */
static int read_answer(struct prompts_reader *r, const cJSON *content,
                       struct row *row, struct err *e)
{
    struct buf text;
    const cJSON *answer = json_get(content, "answer");
    buf_init(&text, TEXT_BYTES);
    int result = cJSON_IsNull(answer) || cJSON_IsNull(content)
                     ? 0
                     : prompts_read_content(r, answer ? answer : content, &text,
                                            e);
    if (result == 0)
        add_text(row, text.data ? text.data : "");
    buf_free(&text);
    return result;
}

static int take_message(struct prompts_reader *r, const cJSON *message,
                        struct row *row, struct err *e)
{
    const char *role = json_get_string(message, "role", "");
    const cJSON *content = json_get(message, "content");
    bool waits = row->prompt.n_turns > row->n;
    struct buf text;
    if (strcmp(role, "assistant") == 0 && waits)
        return read_answer(r, content, row, e);
    buf_init(&text, TEXT_BYTES);
    int result = prompts_read_content(r, content, &text, e);
    if (result == 0 && strcmp(role, "user") == 0 && !waits)
        prompt_add_turn(&row->prompt, text.data, text.len);
    else if (result == 0 && strcmp(role, "system") == 0 &&
             row->prompt.n_turns == 0 && row->prompt.system == NULL)
        row->prompt.system = buf_detach(&text);
    else if (result == 0)
        result = reader_fail(r, e, "a message of role \"%.40s\" here; an "
                             "answered conversation is \"user\" and "
                             "\"assistant\" in turn", role);
    buf_free(&text);
    return result;
}

static int take_messages(struct taking *t, struct prompts_reader *r,
                         const cJSON *object, const cJSON *messages,
                         struct row *row, struct err *e)
{
    const cJSON *message;
    (void)t;
    (void)object;
    cJSON_ArrayForEach (message, messages)
        if (take_message(r, message, row, e) != 0)
            return -1;
    if (row->n == 0 || row->prompt.n_turns != row->n)
        return reader_fail(r, e, "the last of the \"messages\" is no answer, "
                           "of role \"assistant\"");
    return 0;
}

/* The prompt is known by the id alone. */
static int take_choices(struct taking *t, struct prompts_reader *r,
                        const cJSON *object, const cJSON *choices,
                        struct row *row, struct err *e)
{
    const cJSON *turns = json_get(cJSON_GetArrayItem(choices, 0), "turns");
    const cJSON *turn;
    (void)object;
    if (!cJSON_IsArray(turns))
        return reader_fail(r, e, "the first of the \"choices\" has no list "
                           "\"turns\"");
    cJSON_ArrayForEach (turn, turns) {
        const char *text = cJSON_IsString(turn)
                               ? turn->valuestring
                               : json_get_string(turn, "content", NULL);
        if (text == NULL && !cJSON_IsNull(turn))
            return reader_fail(r, e, "\"turns\" has something other than text "
                               "in it");
        add_text(row, text ? text : "");
    }
    t->out->n_choices += (size_t)cJSON_GetArraySize(choices) - 1;
    return 0;
}

static int take_text(struct taking *t, struct prompts_reader *r,
                     const cJSON *object, const cJSON *answer, struct row *row,
                     struct err *e)
{
    (void)t;
    if (!cJSON_IsString(answer) && !cJSON_IsNull(answer))
        return reader_fail(r, e, "the \"%s\" is not text", answer->string);
    add_text(row, cJSON_IsString(answer) ? answer->valuestring : "");
    return prompts_has_words(object)
               ? prompts_read_question(r, object, &row->prompt, e)
               : 0;
}

/* A form is known by the key of its answers; the first that is there counts. */
static const struct form {
    const char *key;
    int (*take)(struct taking *t, struct prompts_reader *r, const cJSON *object,
                const cJSON *answer, struct row *row, struct err *e);
    bool is_list;
} FORMS[] = {
    {"messages", take_messages, true}, {"choices", take_choices, true},
    {"output", take_text, false},      {"answer", take_text, false},
    {"response", take_text, false},    {"completion", take_text, false},
};

#define ANSWER_KEYS                                                            \
    "messages, choices, output, answer, response or completion"

/* Keys under which the forms name the model. */
static const char *const MODEL_KEYS[] = {
    "model",
    "model_id",
    "generator",
};

/* --- whose, and to what --------------------------------------------------- */

static int note_model(struct taking *t, const struct prompts_reader *r,
                      const char *name, struct err *e)
{
    if (name == NULL || name[0] == '\0')
        return 0;
    if (t->out->model == NULL)
        t->out->model = mem_strdup(name);
    if (strcmp(t->out->model, name) == 0)
        return 0;
    return reader_fail(r, e, "an answer of \"%.60s\", those before it are of "
                       "\"%.60s\"; make a file of each model", name,
                       t->out->model);
}

static void add_all(const struct prompt *p, struct buf *out)
{
    buf_init(out, 2 * (size_t)PROMPTS_MAX_BYTES);
    prompt_add_text(p, out);
}

static bool same_words(const struct prompt *a, const struct prompt *b)
{
    struct buf x, y;
    add_all(a, &x);
    add_all(b, &y);
    bool same = strcmp(x.data, y.data) == 0;
    buf_free(&x);
    buf_free(&y);
    return same;
}

/* What a row answers: the question of its id, or its own words.  NULL: refused.
 */
static const struct prompt *find_prompt(const struct taking *t,
                                        const struct prompts_reader *r,
                                        const struct row *row, struct err *e)
{
    const char *id = row->prompt.id ? row->prompt.id : "";
    const struct prompt *question =
        question_ids_find(&t->questions, row->prompt.id);
    bool has_words = row->prompt.n_turns > 0;
    if (question == NULL && has_words && row->n == row->prompt.n_turns)
        return &row->prompt;
    if (question == NULL && has_words)
        reader_fail(r, e, "a prompt of several turns with one answer");
    else if (question == NULL)
        reader_fail(r, e, t->questions.questions == NULL
                              ? "it names its prompt by an id alone (%.60s); "
                                "--prompts names the file of the questions"
                              : "no question has the id %.60s", id);
    else if (has_words && !same_words(question, &row->prompt))
        reader_fail(r, e, "its words are not those of the question %.60s", id);
    else if (row->n != question->n_turns)
        reader_fail(r, e, "%zu turn%s answered, the question %.60s has %zu",
                    row->n, plural_s(row->n), id, question->n_turns);
    else
        return question;
    return NULL;
}

/* --- keeping -------------------------------------------------------------- */

static bool is_empty(const struct row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (row->texts[i][strspn(row->texts[i], " \t\r\n")] == '\0' ||
            strcmp(row->texts[i], FAILED) == 0)
            return true;
    return row->n == 0;
}

/* 1: the prompt is answered already, in these words; 0: not; -1. */
static int is_known(struct taking *t, const struct prompts_reader *r,
                    const struct prompt *p, const struct row *row,
                    struct err *e)
{
    struct buf text;
    size_t n_known = t->texts.n;
    add_all(p, &text);
    uint32_t at = names_add(&t->texts, text.data, text.len);
    buf_free(&text);
    if (at == NAMES_NONE)
        return reader_fail(r, e, "more than %d answers, or not enough memory",
                           PROMPTS_MAX);
    if (t->texts.n > n_known)
        return 0;
    for (size_t i = 0; i < row->n; i++)
        if (strcmp(t->out->list[at].texts[i], row->texts[i]) != 0)
            return reader_fail(r, e, "another answer to the same prompt as "
                               "answer %u of the file", (unsigned)at + 1);
    return 1;
}

/* Takes the row over. */
static void keep(struct taking *t, const struct prompt *p, struct row *row)
{
    struct answerfile *out = t->out;
    if (out->n == t->cap) {
        t->cap = 2 * t->cap + 64;
        out->list = mem_realloc(out->list, t->cap, sizeof(*out->list));
    }
    struct answerfile_entry *x = &out->list[out->n++];
    *x = (struct answerfile_entry){.prompt = p, .texts = row->texts};
    if (p == &row->prompt) {
        x->own = mem_calloc(1, sizeof(*x->own));
        *x->own = row->prompt;
        x->prompt = x->own;
        row->prompt = (struct prompt){0};
    }
    row->texts = NULL;
    row->n = 0;
}

static int take_row(struct taking *t, const struct prompts_reader *r,
                    struct row *row, struct err *e)
{
    const struct prompt *p = find_prompt(t, r, row, e);
    if (p == NULL)
        return -1;
    if (is_empty(row)) {
        t->out->n_empty++;
        return 0;
    }
    int known = is_known(t, r, p, row, e);
    if (known == 0)
        keep(t, p, row);
    t->out->n_repeated += known == 1;
    return known < 0 ? -1 : 0;
}

/* --- objects and rows ----------------------------------------------------- */

static int take_form(struct taking *t, struct prompts_reader *r,
                     const cJSON *object, struct row *row, struct err *e)
{
    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
        const cJSON *answer = json_get(object, FORMS[i].key);
        if (answer == NULL)
            continue;
        if (FORMS[i].is_list && cJSON_GetArraySize(answer) == 0)
            return reader_fail(r, e, "\"%s\" is not a list with something in it",
                               FORMS[i].key);
        return FORMS[i].take(t, r, object, answer, row, e);
    }
    return reader_fail(r, e, "no answer in it; looked for the keys "
                       ANSWER_KEYS);
}

static int take_object(void *arg, struct prompts_reader *r,
                       const cJSON *object, struct err *e)
{
    struct taking *t = arg;
    struct row row = {.prompt = {.id = prompts_read_id(object)}};
    int result = 0;
    for (size_t i = 0; i < sizeof(MODEL_KEYS) / sizeof(MODEL_KEYS[0]); i++)
        if (result == 0)
            result = note_model(
                t, r, json_get_string(object, MODEL_KEYS[i], NULL), e);
    if (result == 0)
        result = take_form(t, r, object, &row, e);
    if (result == 0)
        result = take_row(t, r, &row, e);
    row_free(&row);
    return result;
}

static int take_cells(void *arg, struct prompts_reader *r, struct prompt *p,
                      const char *answer, const char *model, struct err *e)
{
    struct taking *t = arg;
    struct row row = {.prompt = *p};
    add_text(&row, answer ? answer : "");
    int result = note_model(t, r, model, e);
    if (result == 0)
        result = take_row(t, r, &row, e);
    row_free(&row);
    return result;
}

/* --- beginning and end ---------------------------------------------------- */

int answerfile_read(struct answerfile *a, const char *path,
                    const struct prompts *questions, struct err *e)
{
    struct taking t = {.out = a};
    const struct reader_taker taker = {&t, take_object, take_cells};
    *a = (struct answerfile){.n = 0};
    names_init(&t.texts, PROMPTS_MAX);
    int result = question_ids_init(&t.questions, questions, e);
    if (result == 0)
        result = prompts_take(path, &taker, e);
    if (result == 0 && a->n == 0)
        result = err_set(e, ERR_FORMAT, "%s: no answers in it", path);
    question_ids_free(&t.questions);
    names_free(&t.texts);
    if (result != 0)
        answerfile_free(a);
    return result;
}

void answerfile_free(struct answerfile *a)
{
    for (size_t i = 0; i < a->n; i++) {
        struct answerfile_entry *x = &a->list[i];
        for (size_t k = 0; k < x->prompt->n_turns; k++)
            free(x->texts[k]);
        free(x->texts);
        if (x->own != NULL)
            prompt_free(x->own);
        free(x->own);
    }
    free(a->list);
    free(a->model);
    *a = (struct answerfile){.n = 0};
}
