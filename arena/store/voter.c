#include "arena/store/voter.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#define MAX_VOTER_BYTES 1000

char *voter_of(const char *given)
{
    struct buf b;
    buf_init(&b, MAX_VOTER_BYTES);
    if (given == NULL || given[0] == '\0') {
        const struct passwd *user = getpwuid(getuid());
        given = user ? user->pw_name : getenv("USER");
    }
    if (given == NULL || given[0] == '\0')
        buf_addf(&b, "human:%u", (unsigned)getuid());
    else if (strncmp(given, "human:", 6) == 0 ||
             strncmp(given, "judge:", 6) == 0)
        buf_add_str(&b, given);
    else
        buf_addf(&b, "human:%s", given);
    return buf_detach(&b);
}
