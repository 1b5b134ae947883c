#include "arena/store/voter.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/store/store.h"
#include "base/buf.h"

#define MAX_VOTER_BYTES 1000

static const char HUMAN[] = "human:", JUDGE[] = "judge:";

static const char PEOPLE[] = "human";

bool voter_can_filter(const char *given)
{
    return strcmp(given, PEOPLE) == 0 || voter_is_human(given) ||
           voter_is_judge(given);
}

const char *voter_of_filter(const char *voter)
{
    if (voter == NULL)
        return PEOPLE;
    return strcmp(voter, STORE_EVERYBODY) == 0 ? NULL : voter;
}

bool voter_is_human(const char *voter)
{
    return strncmp(voter, HUMAN, sizeof(HUMAN) - 1) == 0;
}

bool voter_is_judge(const char *voter)
{
    return strncmp(voter, JUDGE, sizeof(JUDGE) - 1) == 0;
}

const char *voter_bare_judge(const char *voter)
{
    return voter_is_judge(voter) ? voter + sizeof(JUDGE) - 1 : voter;
}

char *voter_of_judge(const char *name)
{
    struct buf b;
    buf_init(&b, sizeof(JUDGE) - 1 + strlen(name));
    buf_add_str(&b, JUDGE);
    buf_add_str(&b, name);
    return buf_detach(&b);
}

char *voter_of(const char *given)
{
    struct buf b;
    buf_init(&b, MAX_VOTER_BYTES);
    if (given == NULL || given[0] == '\0') {
        const struct passwd *user = getpwuid(getuid());
        given = user ? user->pw_name : getenv("USER");
    }
    if (given == NULL || given[0] == '\0')
        buf_addf(&b, "%s%u", HUMAN, (unsigned)getuid());
    else if (voter_is_human(given) || voter_is_judge(given))
        buf_add_str(&b, given);
    else
        buf_addf(&b, "%s%s", HUMAN, given);
    return buf_detach(&b);
}
