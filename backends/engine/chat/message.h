/* message: what a conversation is made of, for every backend; and how the
 * engine is to write it. */
#ifndef BACKENDS_ENGINE_CHAT_MESSAGE_H
#define BACKENDS_ENGINE_CHAT_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

struct message {
    const char *role;    /* "system", "user", "assistant" */
    const char *content; /* NUL-terminated UTF-8; never parsed for control
                            tokens */
};

/* All zero: by the weights' own template, with thinking if it has a choice. */
struct rendering {
    const char *template_name; /* a format's name, a file (it has a "/" or
                                  ends in ".jinja"), or "none" for the bare
                                  contents; NULL: the weights' own */
    const char *template_args; /* variables of the template as a JSON object;
                                  NULL: none */
    bool think, no_think;      /* asked for, or not wanted; see format.c */
    bool no_generation_prompt; /* stop after the last message */
    int64_t clock; /* the time that the template may tell, in seconds since
                      1970, read as UTC; 0: now */
};

#endif
