/* settle_ask: asks a person for the votes that a question still wants. */
#ifndef TUI_COMMANDS_SETTLE_ASK_H
#define TUI_COMMANDS_SETTLE_ASK_H

#include "arena/settled.h"
#include "tui/command.h"

/* Where the battles are from; one of the two. */
struct settle_asked {
    const char *run;     /* a run's stored ones; or NULL */
    const char *prompts; /* new ones on a file or set of prompts; or NULL */
};

/* Asks until the question is answered, the battles are used up or the person
 * leaves; then *out is how it stands.  0 or -1. */
int settle_ask(struct settled *out, struct invocation *in,
               const struct settled_question *q,
               const struct settle_asked *asked, struct err *e);

#endif
