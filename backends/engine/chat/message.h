/* message: what a conversation is made of, and what may be asked of how it is
 * written. */
#ifndef BACKENDS_ENGINE_CHAT_MESSAGE_H
#define BACKENDS_ENGINE_CHAT_MESSAGE_H

struct engine_message {
    const char *role;    /* "system", "user", "assistant" */
    const char *content; /* NUL-terminated; never parsed for control tokens */
};

enum render_flags {
    RENDER_NO_GENERATION_PROMPT = 1, /* stop after the last message */
    RENDER_NO_THINKING = 2,          /* where the template has a choice */
};

#endif
