/* probe: which of the well-known servers run on this machine.
 *
 * Asks the loopback addresses of the presets ollama, lmstudio, llama-server
 * and vllm for their list of models, all at once, and waits 0.3 s; nothing
 * else is contacted.  One thread. */
#ifndef ARENA_CONFIG_PROBE_H
#define ARENA_CONFIG_PROBE_H

#include <stddef.h>

struct probe_server {
    const char *preset; /* as a config's "backend": "ollama" */
    const char *title;  /* for people: "Ollama" */
    char *url;          /* its base, without /v1 */
    char **ids;         /* of its models */
    size_t n_ids;
};

struct probe {
    struct probe_server *servers; /* those that answered with a list */
    size_t n;
};

void probe_servers(struct probe *p);
void probe_free(struct probe *p);

#endif
