#include "tui/widgets/action.h"

#include <string.h>

const char *action_name(enum action action)
{
    static const char *const names[ACT_N] = {
#define ACTION_NAME(NAME, name) [ACT_##NAME] = #name,
        ACTION_LIST(ACTION_NAME)
#undef ACTION_NAME
    };
    return names[action];
}

const struct binding *binding_row(const struct binding *table, unsigned state,
                                  uint32_t code)
{
    for (; table->action != ACT_NONE; table++)
        if ((table->states & state) != 0 && keys_have(table->keys, code))
            return table;
    return NULL;
}

enum action binding_find(const struct binding *table, unsigned state,
                         uint32_t code)
{
    const struct binding *b = binding_row(table, state, code);
    return b != NULL ? b->action : ACT_NONE;
}

bool binding_does(const struct binding *table, unsigned state,
                  enum action action)
{
    for (; table->action != ACT_NONE; table++)
        if (table->action == action && (table->states & state) != 0)
            return true;
    return false;
}

void binding_key(const struct binding *b, char out[KEYS_NAME_BYTES])
{
    size_t n = strcspn(b->keys, " ");
    if (n >= KEYS_NAME_BYTES)
        n = KEYS_NAME_BYTES - 1;
    memcpy(out, b->keys, n);
    out[n] = '\0';
}
