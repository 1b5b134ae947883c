#include "backends/remote/preset.h"

#include <stdlib.h>
#include <string.h>

static const struct preset preset_table[] = {
    /* Servers on this machine. */
    {"ollama", "openai", "http://127.0.0.1:11434/v1", "OLLAMA_HOST", NULL,
     NULL},
    {"llama-server", "openai", "http://127.0.0.1:8080/v1", NULL, NULL,
     "default"},
    {"lmstudio", "openai", "http://127.0.0.1:1234/v1", NULL, NULL, NULL},
    {"vllm", "openai", "http://127.0.0.1:8000/v1", NULL, NULL, NULL},

    /* Vendors. */
    {"openai", "openai", "https://api.openai.com/v1", "OPENAI_BASE_URL",
     "OPENAI_API_KEY", NULL},
    {"openrouter", "openai", "https://openrouter.ai/api/v1", NULL,
     "OPENROUTER_API_KEY", NULL},
    {"groq", "openai", "https://api.groq.com/openai/v1", NULL, "GROQ_API_KEY",
     NULL},
    {"mistral", "openai", "https://api.mistral.ai/v1", NULL, "MISTRAL_API_KEY",
     NULL},
    {"deepseek", "openai", "https://api.deepseek.com/v1", NULL,
     "DEEPSEEK_API_KEY", NULL},
    {"gemini", "openai",
     "https://generativelanguage.googleapis.com/v1beta/openai", NULL,
     "GEMINI_API_KEY", NULL},
    {"together", "openai", "https://api.together.xyz/v1", NULL,
     "TOGETHER_API_KEY", NULL},
    {"xai", "openai", "https://api.x.ai/v1", NULL, "XAI_API_KEY", NULL},
};

#define N_PRESETS (sizeof(preset_table) / sizeof(preset_table[0]))

const struct preset *preset_at(size_t i)
{
    return i < N_PRESETS ? &preset_table[i] : NULL;
}

const struct preset *preset_find(const char *name)
{
    for (size_t i = 0; i < N_PRESETS; i++)
        if (strcmp(preset_table[i].name, name) == 0)
            return &preset_table[i];
    return NULL;
}

/* OLLAMA_HOST as Ollama's own client reads it. */
static void preset_ollama_url(const char *host, struct buf *out)
{
    const char *scheme = strstr(host, "://");
    const char *address = scheme ? scheme + 3 : host;
    size_t n_address = strcspn(address, "/");
    const char *colon = memchr(address, ':', n_address);
    size_t n_name = colon ? (size_t)(colon - address) : n_address;
    if (address[0] == '[') { /* an IPv6 address has colons of its own */
        const char *end = memchr(address, ']', n_address);
        n_name = end ? (size_t)(end + 1 - address) : n_address;
        colon = end != NULL && end[1] == ':' ? end + 1 : NULL;
    }
    if (scheme != NULL)
        buf_add(out, host, (size_t)(address - host));
    else
        buf_add_str(out, "http://");
    /* To listen on every address is to be reached on this machine. */
    if (n_name == 0 || (n_name == 7 && memcmp(address, "0.0.0.0", 7) == 0))
        buf_add_str(out, "127.0.0.1");
    else
        buf_add(out, address, n_name);
    if (colon != NULL)
        buf_add(out, colon, n_address - (size_t)(colon - address));
    else if (scheme == NULL)
        buf_add_str(out, ":11434");
    buf_add_str(out, address + n_address);
    while (out->len > 0 && out->data[out->len - 1] == '/')
        buf_cut(out, out->len - 1);
    buf_add_str(out, "/v1");
}

void preset_url(const struct preset *p, struct buf *out)
{
    const char *given = p->url_env ? getenv(p->url_env) : NULL;
    if (given == NULL || given[0] == '\0')
        buf_add_str(out, p->base_url);
    else if (strcmp(p->name, "ollama") == 0)
        preset_ollama_url(given, out);
    else
        buf_add_str(out, given);
}
