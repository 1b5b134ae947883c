/* battle: the argument with which the battle screen is opened. */
#ifndef TUI_SCREENS_BATTLE_H
#define TUI_SCREENS_BATTLE_H

#include <stddef.h>
#include <stdint.h>

#include "arena/battle/battle.h"
#include "arena/telling.h"

struct battle_screen_arg {
    const int64_t *queue; /* stored battles to vote on, in order; or NULL */
    size_t n_queue;
    struct telling *telling; /* gives them out in its own order; the opener
                                keeps it; or NULL */
    const struct battle_spec *spec; /* a battle to begin with; or NULL */
    char *const *suggestions; /* prompts for the editor, one after another; the
                                 opener keeps them; or NULL */
    size_t n_suggestions;
    char *const *prompts; /* battles on these, one after another; the opener
                             keeps them; or NULL */
    const char *const *categories; /* of each */
    size_t n_prompts;
    struct battle_spec fought; /* what all battles on them share */
    const struct settled_question *question; /* ends once people's votes have
                                                answered it; the opener keeps
                                                it; or NULL */
};

#endif
