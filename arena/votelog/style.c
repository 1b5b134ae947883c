#include "arena/votelog/style.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Chatbot Arena's four, and code blocks. */
enum { LENGTH, HEADINGS, LISTS, BOLD, CODE, N_STYLE };

static const char *const STYLE_NAMES[N_STYLE] = {
    "length", "headings", "lists", "bold", "code"};

void votelog_object_features(struct votelog *log)
{
    for (log->n_features = 0; log->n_features < N_STYLE; log->n_features++)
        log->features[log->n_features] =
            mem_strdup(STYLE_NAMES[log->n_features]);
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
static void count_text(const char *s, double style[N_STYLE])
{
    bool fenced = false;
    while (*s != '\0') {
        const char *end = s + strcspn(s, "\n");
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
        s = *end == '\n' ? end + 1 : end;
    }
}

/* Sums the numbers of an object: {"h1":1,"h2":0}. */
static double sum_members(const cJSON *o)
{
    double sum = cJSON_IsNumber(o) ? o->valuedouble : 0;
    const cJSON *member;
    cJSON_ArrayForEach(member, o)
        sum += cJSON_IsNumber(member) ? member->valuedouble : 0;
    return sum;
}

static const cJSON *side_key(const cJSON *o, const char *before, char side,
                             const char *after)
{
    char key[64];
    snprintf(key, sizeof(key), "%s%c%s", before, side, after);
    return json_get(o, key);
}

/* Counts that the 100k set brings along. */
static bool count_metadata(const cJSON *o, char side, double style[N_STYLE])
{
    const cJSON *meta = json_get(o, "conv_metadata");
    const cJSON *tokens = side_key(meta, "sum_assistant_", side, "_tokens");
    if (!cJSON_IsNumber(tokens))
        return false;
    style[LENGTH] = tokens->valuedouble;
    style[HEADINGS] = sum_members(side_key(meta, "header_count_", side, ""));
    style[LISTS] = sum_members(side_key(meta, "list_count_", side, ""));
    style[BOLD] = sum_members(side_key(meta, "bold_count_", side, ""));
    return true;
}

/* A message's content: a string, or parts of which some are text. */
static void count_content(const cJSON *content, double style[N_STYLE])
{
    if (cJSON_IsString(content))
        count_text(content->valuestring, style);
    const cJSON *part;
    if (cJSON_IsArray(content))
        cJSON_ArrayForEach(part, content)
            count_text(json_get_string(part, "text", ""), style);
}

static bool count_conversation(const cJSON *o, char side,
                               double style[N_STYLE])
{
    const cJSON *turns = side_key(o, "conversation_", side, "");
    if (turns == NULL)
        turns = side_key(o, "conv_", side, "");
    if (turns == NULL) { /* alpaca_eval, or a single answer */
        const cJSON *answer = json_get(o, side == 'a' ? "output_1"
                                                      : "output_2");
        if (answer == NULL)
            answer = side_key(o, "answer_", side, "");
        if (answer == NULL)
            answer = side_key(o, "response_", side, "");
        count_content(answer, style);
        return cJSON_IsString(answer);
    }
    const cJSON *turn;
    bool any = false;
    cJSON_ArrayForEach(turn, turns) {
        if (strcmp(json_get_string(turn, "role", ""), "assistant") != 0)
            continue;
        count_content(json_get(turn, "content"), style);
        any = true;
    }
    return any;
}

void votelog_object_x(const struct votelog *log, const cJSON *o, float *x)
{
    for (int side = 0; side < 2; side++) {
        double style[N_STYLE] = {0};
        char letter = side == 0 ? 'a' : 'b';
        bool known = count_conversation(o, letter, style);
        double code = style[CODE];
        known |= count_metadata(o, letter, style);
        style[CODE] = code;
        for (size_t k = 0; k < log->n_features && k < N_STYLE; k++)
            x[2 * k + (size_t)side] = known ? votelog_number(style[k])
                                              : NAN;
    }
}
