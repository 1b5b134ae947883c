#include "arena/config/secrets.h"

#include <stddef.h>

#include "backends/remote/key.h"
#include "base/process.h"

static void hide_variables(char *const *pairs)
{
    char name[KEY_NAME_BYTES];
    for (; pairs != NULL && pairs[0] != NULL; pairs += 2)
        for (const char *text = pairs[1]; key_next_variable(&text, name);)
            process_hide(name);
}

void secrets_hide(const char *key_env, char *const *headers,
                  char *const *query)
{
    if (key_env != NULL)
        process_hide(key_env);
    hide_variables(headers);
    hide_variables(query);
}
