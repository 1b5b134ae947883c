/* completion_private: what the files of `arena completion` share. */
#ifndef TUI_COMMANDS_COMPLETION_PRIVATE_H
#define TUI_COMMANDS_COMPLETION_PRIVATE_H

#include "tui/command.h"

/* `arena completion values KIND...`, for the scripts: prints what could stand
 * for each KIND, a line each.  KIND is a word of a synopsis, as "RUN" or
 * "MODEL|WEIGHTS"; words in lower case stand for themselves.  Nothing for what
 * is not known: the shell then offers files.  0. */
int completion_values(struct invocation *in, struct err *e);

#endif
