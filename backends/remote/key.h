/* key: where a backend's API key comes from.
 *
 * From the environment variable that the config names, or from what a command
 * of the config prints ("pass show openai").  The command is split into words
 * at blanks, with '…' and "…" around words that have some; no shell reads it,
 * so nothing in it expands.  (To have one, write: sh -c '…'.)  It gets no
 * input, its errors are dropped, and it has KEY_COMMAND_MS.
 *
 * Keys live in memory alone: never stored, logged, shown, or on a command
 * line. */
#ifndef BACKENDS_REMOTE_KEY_H
#define BACKENDS_REMOTE_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/remote/net.h"
#include "base/buf.h"
#include "base/err.h"

#define KEY_MAX_BYTES 8192
#define KEY_COMMAND_MS 30000
#define KEY_NAME_BYTES 128 /* of the name of a variable, with the NUL */

/* The key in a variable, trimmed (caller frees with key_free), or NULL with
 * ERR_AUTH if it is not set, empty, or no key. */
char *key_from_env(const char *variable, struct err *e);

/* Overwrites and frees. */
void key_free(char *key);

/* A text in which ${VAR} stands for the value of an environment variable, as
 * key_from_env reads it (caller frees with key_free).  NULL with ERR_AUTH if
 * one is not set, empty or no header's value, or ERR_CONFIG for a "${" without
 * a name or end.  *secret (may be NULL): whether there was one. */
char *key_expand(const char *text, bool *secret, struct err *e);

/* Takes the name of the next ${VAR} off such a text.  False: there is none. */
bool key_next_variable(const char **text, char name[KEY_NAME_BYTES]);

/* Splits a command line into words (as said above), NULL-terminated, freed
 * with key_words_free.  NULL with ERR_CONFIG for an open quote or no word. */
char **key_words(const char *command, struct err *e);
void key_words_free(char **words);

/* On the net thread: runs the command; `done` is called once, there, with the
 * key (the receiver's, key_free) or NULL and why: ERR_AUTH.  `stop` says
 * whether to give up.  0, or -1 with ERR_CONFIG or ERR_AUTH, and no call. */
int key_from_command(struct net *n, const char *command,
                     bool (*stop)(void *arg),
                     void (*done)(void *arg, char *key, const struct err *why),
                     void *arg, struct err *e);

#endif
