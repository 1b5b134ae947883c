/* doctor_private: what the files of `arena doctor` share. */
#ifndef TUI_COMMANDS_DOCTOR_PRIVATE_H
#define TUI_COMMANDS_DOCTOR_PRIVATE_H

#include "arena/config/config.h"

enum finding { FINDING_OK, FINDING_WARN, FINDING_FAIL };

/* Asks each server of the config for its models, and looks for those of the
 * config among them.  `say` is told of each finding about a thing. */
void doctor_ask_servers(const struct config *c,
                        void (*say)(void *arg, enum finding f, const char *what,
                                    const char *text),
                        void *arg);

#endif
