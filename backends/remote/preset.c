#include "backends/remote/preset.h"

#include <stdlib.h>
#include <string.h>

#include "backends/settings.h"

/* Under both of its names.  Google's own clients take the first key. */
#define GOOGLE                                                              \
    .base_url = "https://generativelanguage.googleapis.com/v1beta",         \
    .url_env = "GOOGLE_GEMINI_BASE_URL", .key_env = "GEMINI_API_KEY",       \
    .key_env_first = "GOOGLE_API_KEY"

static const struct preset preset_table[] = {
    /* Servers on this machine. */
    {.name = "ollama", .type = "ollama",
     .base_url = "http://127.0.0.1:11434", .url_env = "OLLAMA_HOST",
     .host_port = ":11434", .sign = ":11434",
     .think_field = THINK_FIELD_EFFORT},
    {.name = "llama-server", .type = "openai",
     .base_url = "http://127.0.0.1:8080/v1", .id = "default"},
    {.name = "lmstudio", .type = "openai",
     .base_url = "http://127.0.0.1:1234/v1"},
    {.name = "vllm", .type = "openai", .base_url = "http://127.0.0.1:8000/v1"},

    /* Vendors. */
    {.name = "ollama-cloud", .type = "ollama",
     .base_url = "https://ollama.com", .key_env = "OLLAMA_API_KEY"},
    {.name = "openai", .type = "openai",
     .base_url = "https://api.openai.com/v1", .url_env = "OPENAI_BASE_URL",
     .key_env = "OPENAI_API_KEY", .sign = "//api.openai.com/",
     .limit_field = LIMIT_MAX_COMPLETION_TOKENS,
     .think_field = THINK_FIELD_EFFORT},
    {.name = "responses", .type = "responses",
     .base_url = "https://api.openai.com/v1", .url_env = "OPENAI_BASE_URL",
     .key_env = "OPENAI_API_KEY"},
    {.name = "anthropic", .type = "anthropic",
     .base_url = "https://api.anthropic.com", .url_env = "ANTHROPIC_BASE_URL",
     .key_env = "ANTHROPIC_API_KEY"},
    {.name = "openrouter", .type = "openai",
     .base_url = "https://openrouter.ai/api/v1",
     .key_env = "OPENROUTER_API_KEY", .sign = "//openrouter.ai/",
     .think_field = THINK_FIELD_REASONING},
    {.name = "groq", .type = "openai",
     .base_url = "https://api.groq.com/openai/v1", .key_env = "GROQ_API_KEY"},
    {.name = "mistral", .type = "openai",
     .base_url = "https://api.mistral.ai/v1", .key_env = "MISTRAL_API_KEY"},
    {.name = "deepseek", .type = "openai",
     .base_url = "https://api.deepseek.com/v1",
     .key_env = "DEEPSEEK_API_KEY"},
    {.name = "gemini", .type = "gemini", GOOGLE},
    {.name = "google", .type = "gemini", GOOGLE},
    {.name = "together", .type = "openai",
     .base_url = "https://api.together.xyz/v1",
     .key_env = "TOGETHER_API_KEY"},
    {.name = "xai", .type = "openai", .base_url = "https://api.x.ai/v1",
     .key_env = "XAI_API_KEY"},
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

const struct preset *preset_of_url(const char *url)
{
    for (size_t i = 0; i < N_PRESETS; i++)
        if (preset_table[i].sign && strstr(url, preset_table[i].sign) != NULL)
            return &preset_table[i];
    return NULL;
}

const char *preset_key_env(const struct preset *p)
{
    const char *first = p->key_env_first ? getenv(p->key_env_first) : NULL;
    return first != NULL && first[0] != '\0' ? p->key_env_first : p->key_env;
}

bool preset_has_key_env(const struct preset *p, const char *name)
{
    return (p->key_env != NULL && strcmp(p->key_env, name) == 0) ||
           (p->key_env_first != NULL && strcmp(p->key_env_first, name) == 0);
}

/* What stands behind the host of an address. */
static const char *path_of_url(const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *path = strchr(scheme ? scheme + 3 : url, '/');
    return path ? path : "";
}

static void add_path(const struct preset *p, struct buf *out)
{
    const char *path = path_of_url(p->base_url);
    while (buf_ends(out, "/"))
        buf_cut(out, out->len - 1);
    if (!buf_ends(out, path))
        buf_add_str(out, path);
}

/* A host as Ollama's own client reads OLLAMA_HOST. */
static void add_host_url(const struct preset *p, const char *host,
                         struct buf *out)
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
        buf_add_str(out, p->host_port);
    buf_add_str(out, address + n_address);
    add_path(p, out);
}

void preset_url(const struct preset *p, struct buf *out)
{
    const char *given = p->url_env ? getenv(p->url_env) : NULL;
    if (given == NULL || given[0] == '\0')
        buf_add_str(out, p->base_url);
    else if (p->host_port != NULL)
        add_host_url(p, given, out);
    else
        buf_add_str(out, given);
}
