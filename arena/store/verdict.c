#include "arena/store/verdict.h"

#include <string.h>

static const char *const names[RATING_N_OUTCOMES] = {
    [RATING_FIRST] = "a",
    [RATING_SECOND] = "b",
    [RATING_TIE] = "tie",
    [RATING_BAD] = "bad",
};

const char *verdict_name(enum rating_outcome verdict)
{
    return names[verdict];
}

bool verdict_parse(const char *word, enum rating_outcome *verdict)
{
    for (int i = 0; i < RATING_N_OUTCOMES; i++) {
        if (strcmp(word, names[i]) == 0) {
            *verdict = (enum rating_outcome)i;
            return true;
        }
    }
    return false;
}
