/* shell: words as a POSIX shell takes them.  Any thread. */
#ifndef TUI_SHELL_H
#define TUI_SHELL_H

#include "base/buf.h"

/* Appends a text that stands inside single quotes. */
void shell_add_quoted(struct buf *out, const char *text);

/* Appends a word of a command line, in quotes if it needs them. */
void shell_add_word(struct buf *out, const char *word);

/* Appends " NAME VALUE", the value as a word; nothing if it is NULL. */
void shell_add_option(struct buf *out, const char *name, const char *value);

#endif
