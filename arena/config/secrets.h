/* secrets: which variables of the environment hold keys.
 *
 * Those that a config names as "key_env", or by ${VAR} in "headers" and
 * "query": programs that we start do not get them (process_hide), but one whose
 * own "key_env" it is, a "key_command" and the person's editor. */
#ifndef ARENA_CONFIG_SECRETS_H
#define ARENA_CONFIG_SECRETS_H

/* Hides those of a model or backend; any of the three may be NULL.  Any
 * thread. */
void secrets_hide(const char *key_env, char *const *headers,
                  char *const *query);

#endif
