/* preset: the vendors and servers that a model may name as its "backend".
 *
 * Most of the world speaks the OpenAI chat protocol, so a vendor is a row of a
 * table: where it listens and which variable holds its key.  Adding one is
 * adding a row.  Sources of the rows: the vendors' own documents; the servers'
 * default ports.  Read only; any thread. */
#ifndef BACKENDS_REMOTE_PRESET_H
#define BACKENDS_REMOTE_PRESET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct preset {
    const char *name;     /* as in the config: "ollama" */
    const char *type;     /* the entry of the backend list that serves it */
    const char *base_url; /* without a trailing slash */
    const char *url_env;  /* variable that overrides it, or NULL */
    const char *host_port; /* the variable holds a host, as Ollama's client
                              reads it: this port, if it names none; NULL: it
                              holds a whole URL */
    const char *key_env;  /* variable with the key; NULL: needs none */
    const char *key_env_first; /* one that wins over it, if it is set; NULL */
    const char *id;       /* model id, if a server has but one; NULL: must be
                             given */
    const char *sign;     /* a part of its addresses that no other has */
    int limit_field, think_field; /* as in settings.h */
};

/* By name, or NULL; the i-th, NULL beyond the end. */
const struct preset *preset_find(const char *name);
const struct preset *preset_at(size_t i);

/* The one whose sign the address has, or NULL. */
const struct preset *preset_of_url(const char *url);

/* The variable to take the key from, or NULL; whether it is one of the row. */
const char *preset_key_env(const struct preset *p);
bool preset_has_key_env(const struct preset *p, const char *name);

/* Appends where the server is: the variable's word if it is set, else the
 * table's.  A variable that holds a host (OLLAMA_HOST: without a scheme http
 * and port 11434; of 0.0.0.0, this machine; perhaps with a path) gets the
 * table's path, unless it ends in it. */
void preset_url(const struct preset *p, struct buf *out);

#endif
