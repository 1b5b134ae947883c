#include "arena/votelog/node.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/votelog/labels.h"
#include "base/buf.h"
#include "base/utf8.h"

const char *const votelog_count_names[] = {"weight", "weights", "count",
                                           "n_votes", NULL};

const char *votelog_text(const cJSON *node, char *scratch, size_t n)
{
    if (cJSON_IsString(node))
        return node->valuestring;
    if (cJSON_IsBool(node))
        return cJSON_IsTrue(node) ? "true" : "false";
    if (!cJSON_IsNumber(node))
        return NULL;
    struct buf text;
    buf_init(&text, n - 1);
    json_add_number(&text, node->valuedouble);
    memcpy(scratch, text.data, text.len + 1);
    buf_free(&text);
    return scratch;
}

const char *votelog_find_voter(const cJSON *o, char *scratch, size_t n)
{
    static const char *const keys[] = {
        "voter", "judge", "judge_hash", "annotator", "user", "user_id",
        "evaluation_session_id", "ip"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const cJSON *node = json_get(o, keys[i]);
        const char *text = votelog_text(
            cJSON_IsArray(node) ? cJSON_GetArrayItem(node, 0) : node, scratch,
            n);
        if (text != NULL && text[0] != '\0')
            return text;
    }
    return NULL;
}

bool votelog_is_missing(const cJSON *node)
{
    return node == NULL || cJSON_IsNull(node) ||
           (cJSON_IsString(node) && node->valuestring[0] == '\0');
}

int votelog_node_truth(const cJSON *node)
{
    char scratch[64];
    const char *text = votelog_text(node, scratch, sizeof(scratch));
    size_t n = text != NULL ? strlen(text) : 0;
    if (text != NULL)
        text = utf8_trim(text, &n);
    return text != NULL ? votelog_truth(text, n) : -1;
}

double votelog_node_number(const cJSON *node)
{
    char *end;
    if (!cJSON_IsString(node))
        return cJSON_IsNumber(node) ? node->valuedouble : NAN;
    double x = strtod(node->valuestring, &end);
    while (end > node->valuestring && *end == ' ')
        end++;
    return end > node->valuestring && *end == '\0' ? x : NAN;
}

const char *votelog_find_count(const cJSON *o)
{
    for (const char *const *key = votelog_count_names; *key != NULL; key++) {
        const cJSON *node = json_get(o, *key);
        if (!votelog_is_missing(node) && votelog_node_number(node) != 1)
            return *key;
    }
    return NULL;
}

int votelog_read_one_hot(const cJSON *o, enum rating_outcome *out,
                         const char **bad)
{
    static const struct {
        const char *key;
        enum rating_outcome outcome;
    } columns[] = {{"winner_model_a", RATING_FIRST},
                   {"winner_model_b", RATING_SECOND},
                   {"winner_tie", RATING_TIE}};
    int n_hot = 0;
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        const cJSON *node = json_get(o, columns[i].key);
        int truth = node == NULL ? 0 : votelog_node_truth(node);
        *bad = columns[i].key;
        if (truth < 0)
            return -1;
        n_hot += truth;
        *out = truth ? columns[i].outcome : *out;
    }
    return n_hot;
}
