/* message: what a conversation is made of, for every backend; and what may be
 * asked of how the engine writes it. */
#ifndef BACKENDS_ENGINE_CHAT_MESSAGE_H
#define BACKENDS_ENGINE_CHAT_MESSAGE_H

struct message {
    const char *role;    /* "system", "user", "assistant" */
    const char *content; /* NUL-terminated UTF-8; never parsed for control
                            tokens */
};

enum render_flags {
    RENDER_NO_GENERATION_PROMPT = 1, /* stop after the last message */
    RENDER_NO_THINKING = 2,          /* where the template has a choice */
};

#endif
