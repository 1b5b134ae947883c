#include "arena/votelog/labels.h"

#include <string.h>
#include <strings.h>

/* Chatbot Arena's words, those of its newer sets, of MT-bench's judges and of
 * evalica, and ours. */
static const struct label {
    const char *text;
    enum rating_outcome outcome;
} LABELS[] = {
    {"model_a", RATING_FIRST},    {"model_b", RATING_SECOND},
    {"tie", RATING_TIE},          {"tie (bothbad)", RATING_BAD},
    {"both_bad", RATING_BAD},     {"bothbad", RATING_BAD},
    {"a", RATING_FIRST},          {"b", RATING_SECOND},
    {"bad", RATING_BAD},          {"left", RATING_FIRST},
    {"right", RATING_SECOND},     {"bothbad_vote", RATING_BAD},
    {"leftvote", RATING_FIRST},   {"rightvote", RATING_SECOND},
    {"tievote", RATING_TIE},      {"model_1", RATING_FIRST},
    {"model_2", RATING_SECOND},   {"tie (inconsistent)", RATING_TIE},
    {"inconsistent", RATING_TIE}, {"draw", RATING_TIE},
};

bool votelog_outcome(const char *label, size_t n, enum rating_outcome *out)
{
    /* The two that most rows have, without a loop. */
    if (n == 7 && memcmp(label, "model_", 6) == 0 &&
        (label[6] == 'a' || label[6] == 'b')) {
        *out = label[6] == 'a' ? RATING_FIRST : RATING_SECOND;
        return true;
    }
    for (size_t i = 0; i < sizeof(LABELS) / sizeof(LABELS[0]); i++) {
        if (strlen(LABELS[i].text) != n ||
            memcmp(LABELS[i].text, label, n) != 0)
            continue;
        *out = LABELS[i].outcome;
        return true;
    }
    return false;
}

bool votelog_score(const char *score, enum rating_outcome *out, unsigned *times)
{
    static const struct {
        const char *score;
        enum rating_outcome outcome;
        unsigned times;
    } scores[] = {
        {"A>>B", RATING_FIRST, 3},  {"A>B", RATING_FIRST, 1},
        {"A=B", RATING_TIE, 1},     {"B=A", RATING_TIE, 1},
        {"B>A", RATING_SECOND, 1},  {"B>>A", RATING_SECOND, 3},
        {"A<B", RATING_SECOND, 1},  {"A<<B", RATING_SECOND, 3},
        {"B<A", RATING_FIRST, 1},   {"B<<A", RATING_FIRST, 3},
    };
    for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++) {
        if (strcmp(score, scores[i].score) != 0)
            continue;
        *out = scores[i].outcome;
        *times = scores[i].times;
        return true;
    }
    return false;
}

static const char JUDGE[] = "judge:";

bool votelog_is_judge(const char *voter, size_t n)
{
    return n >= sizeof(JUDGE) - 1 &&
           memcmp(voter, JUDGE, sizeof(JUDGE) - 1) == 0;
}

void votelog_add_judge(const char *name, struct buf *out)
{
    buf_add_str(out, votelog_is_judge(name, strlen(name)) ? "" : JUDGE);
    buf_add_str(out, name);
}

int votelog_truth(const char *s, size_t n)
{
    static const struct {
        const char *text;
        int truth;
    } words[] = {
        {"1", 1},   {"0", 0},   {"true", 1}, {"false", 0}, {"1.0", 1},
        {"0.0", 0}, {"yes", 1}, {"no", 0},   {"t", 1},     {"f", 0},
        {"y", 1},   {"n", 0},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i].text) == n &&
            strncasecmp(words[i].text, s, n) == 0)
            return words[i].truth;
    return -1;
}
