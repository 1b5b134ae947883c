#include "arena/votelog/style.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { LENGTH, HEADINGS, LISTS, BOLD, CODE, N_STYLE };
_Static_assert(N_STYLE == STYLE_N_FEATURES, "as the header says");

static const char *const STYLE_NAMES[N_STYLE] = {
    "length", "headings", "lists", "bold", "code"};

const char *const votelog_answer_names[] = {
    "conversation", "conv",       "messages", "answer", "response",
    "output",       "completion", "text",     NULL,
};

static bool has_feature(const struct votelog *log, const char *name)
{
    for (size_t k = 0; k < log->n_features; k++)
        if (strcmp(log->features[k], name) == 0)
            return true;
    return false;
}

void votelog_style_features(struct votelog *log)
{
    for (int k = 0; k < N_STYLE; k++) {
        char name[32];
        bool taken = has_feature(log, STYLE_NAMES[k]); /* by a column */
        snprintf(name, sizeof(name), "%s%s", taken ? "text " : "",
                 STYLE_NAMES[k]);
        log->features[log->n_features++] = mem_strdup(name);
    }
}

float votelog_number(double v)
{
    /* Differences of such ones, and their squares, are still numbers. */
    return fabs(v) < 1e30 ? (float)v : NAN;
}

/* "- ", "* ", "+ ", "1. " after blanks. */
static bool is_item(const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\t'))
        s++;
    if (s < end && strchr("-*+", *s) != NULL)
        return s + 1 < end && (s[1] == ' ' || s[1] == '\t');
    const char *digits = s;
    while (s < end && *s >= '0' && *s <= '9')
        s++;
    return s > digits && s + 1 < end && *s == '.' && s[1] == ' ';
}

static bool is_heading(const char *s, const char *end)
{
    const char *hash = s;
    while (s < end && *s == '#')
        s++;
    return s > hash && s - hash <= 6 && s < end && *s == ' ';
}

static bool is_fence(const char *s, const char *end)
{
    while (s < end && *s == ' ')
        s++;
    return end - s >= 3 && (memcmp(s, "```", 3) == 0 ||
                            memcmp(s, "~~~", 3) == 0);
}

/* Spans of **bold** or __bold__ within a line. */
static int count_bold(const char *s, const char *end)
{
    int marks = 0;
    for (; s + 1 < end; s++) {
        if ((s[0] == '*' && s[1] == '*') || (s[0] == '_' && s[1] == '_')) {
            marks++;
            s++;
        }
    }
    return marks / 2;
}

/* Markdown outside of fenced code, line by line; length in characters, as no
 * two tokenizers agree and only the ratio of two answers is used. */
static void count_text(const char *s, size_t n, double style[N_STYLE])
{
    const char *stop = s + n;
    bool fenced = false;
    while (s < stop) {
        const char *end = memchr(s, '\n', (size_t)(stop - s));
        end = end == NULL ? stop : end;
        for (const char *c = s; c < end; c++)
            style[LENGTH] += ((unsigned char)*c & 0xC0) != 0x80;
        if (is_fence(s, end)) {
            style[CODE] += !fenced;
            fenced = !fenced;
        } else if (!fenced) {
            style[HEADINGS] += is_heading(s, end);
            style[LISTS] += is_item(s, end);
            style[BOLD] += count_bold(s, end);
        }
        s = end < stop ? end + 1 : end;
    }
}

/* Sums the numbers of an object, {"h1":1,"h2":0}; NaN if there are none. */
static double sum_members(const cJSON *o)
{
    double sum = cJSON_IsNumber(o) ? o->valuedouble : 0;
    bool any = cJSON_IsNumber(o);
    const cJSON *member;
    cJSON_ArrayForEach(member, o) {
        any = any || cJSON_IsNumber(member);
        sum += cJSON_IsNumber(member) ? member->valuedouble : 0;
    }
    return any ? sum : NAN;
}

static const cJSON *side_key(const cJSON *o, const char *before, char side,
                             const char *after)
{
    char key[64];
    snprintf(key, sizeof(key), "%s_%c%s", before, side, after);
    return json_get(o, key);
}

/* Counts that the 100k set brings along stand in for those of the text. */
static void count_metadata(const cJSON *o, char side, double style[N_STYLE])
{
    static const struct {
        int style;
        const char *before, *after;
    } counts[] = {
        {LENGTH, "sum_assistant", "_tokens"},
        {HEADINGS, "header_count", ""},
        {LISTS, "list_count", ""},
        {BOLD, "bold_count", ""},
    };
    const cJSON *meta = json_get(o, "conv_metadata");
    if (!cJSON_IsNumber(side_key(meta, "sum_assistant", side, "_tokens")))
        return;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        style[counts[i].style] = sum_members(
            side_key(meta, counts[i].before, side, counts[i].after));
}

/* A message's content: a string, or parts of which some are text.  Whether
 * there was a text. */
static bool count_content(const cJSON *content, double style[N_STYLE])
{
    const cJSON *part;
    bool any = false;
    if (cJSON_IsString(content)) {
        count_text(content->valuestring, strlen(content->valuestring), style);
        return true;
    }
    cJSON_ArrayForEach(part, content) {
        const char *text = cJSON_IsString(part)
                               ? part->valuestring
                               : json_get_string(part, "text", NULL);
        if (text != NULL)
            count_text(text, strlen(text), style);
        any = any || text != NULL;
    }
    return any;
}

/* The assistant's side of a list of messages: objects with role and content,
 * or, in the raw log, pairs of a speaker and a text of which every second is
 * an answer. */
static bool count_messages(const cJSON *messages, double style[N_STYLE])
{
    const cJSON *message;
    bool any = false;
    int index = 0;
    cJSON_ArrayForEach(message, messages) {
        if (cJSON_IsArray(message)) {
            if (index++ % 2 == 1)
                any |= count_content(cJSON_GetArrayItem(message, 1), style);
        } else if (strcmp(json_get_string(message, "role", ""),
                          "assistant") == 0) {
            any |= count_content(json_get(message, "content"), style);
        }
    }
    return any;
}

/* A text, a list of texts, or a list of messages. */
static bool count_answer(const cJSON *answer, double style[N_STYLE])
{
    const cJSON *first = cJSON_GetArrayItem(answer, 0);
    bool is_list = json_get(first, "role") != NULL || cJSON_IsArray(first);
    return is_list ? count_messages(answer, style)
                   : count_content(answer, style);
}

/* A list as Python shows it, which is neither JSON nor an answer. */
static bool is_python_list(const char *s, size_t n)
{
    while (n > 0 && strchr(" \r\n", s[n - 1]) != NULL)
        n--;
    return n > 3 && s[n - 1] == ']' && s[0] == '[' &&
           (memcmp(s + 1, "{'", 2) == 0 || s[1] == '\'');
}

/* A text, or a list of either kind as JSON in a text. */
static bool count_cell(const char *s, size_t n, double style[N_STYLE])
{
    cJSON *list = n > 0 && s[0] == '[' ? json_parse_python(s, n, n, "", NULL)
                                       : NULL;
    bool any = n > 0;
    if (list != NULL)
        any = count_answer(list, style);
    else if (is_python_list(s, n))
        any = false;
    else
        count_text(s, n, style);
    cJSON_Delete(list);
    return any;
}

/* Our own battles: {"answers": [{"side": "a", "text": …}]}. */
static bool count_own(const cJSON *answers, char side, double style[N_STYLE])
{
    const cJSON *answer;
    bool any = false;
    cJSON_ArrayForEach(answer, answers)
        if (json_get_string(answer, "side", "")[0] == side)
            any |= count_content(json_get(answer, "text"), style);
    return any;
}

static bool count_object(const cJSON *o, char side, double style[N_STYLE])
{
    for (const char *const *name = votelog_answer_names; *name; name++) {
        const cJSON *answer = side_key(o, *name, side, "");
        if (answer == NULL) /* alpaca_eval's */
            answer = side_key(o, *name, side == 'a' ? '1' : '2', "");
        if (cJSON_IsString(answer))
            return count_cell(answer->valuestring, strlen(answer->valuestring),
                              style);
        if (answer != NULL && !cJSON_IsNull(answer))
            return count_answer(answer, style);
    }
    if (json_get(o, "answers") != NULL)
        return count_own(json_get(o, "answers"), side, style);
    const cJSON *state = cJSON_GetArrayItem(json_get(o, "states"),
                                            side == 'a' ? 0 : 1);
    return count_messages(json_get(state, "messages"), style);
}

static void set_unknown(double style[N_STYLE])
{
    for (int k = 0; k < N_STYLE; k++)
        style[k] = NAN;
}

void votelog_style_text(const char *s, size_t n, float *x)
{
    double style[N_STYLE] = {0};
    if (!count_cell(s, n, style))
        set_unknown(style);
    for (int k = 0; k < N_STYLE; k++)
        x[2 * k] = votelog_number(style[k]);
}

void votelog_object_x(const cJSON *o, float *x)
{
    for (int side = 0; side < 2; side++) {
        double style[N_STYLE] = {0};
        char letter = side == 0 ? 'a' : 'b';
        if (!count_object(o, letter, style))
            set_unknown(style);
        count_metadata(o, letter, style);
        for (int k = 0; k < N_STYLE; k++)
            x[2 * k + side] = votelog_number(style[k]);
    }
}
