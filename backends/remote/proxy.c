#include "backends/remote/proxy.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/remote/url.h"

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0';
}

/* Whether a word of no_proxy names the host or a domain that it is in. */
static bool is_in(const char *host, const char *word, size_t n)
{
    size_t n_host = strlen(host);
    if (n > 0 && word[0] == '.') {
        word++;
        n--;
    }
    if (n == 0 || n > n_host || strncasecmp(host + n_host - n, word, n) != 0)
        return false;
    return n == n_host || host[n_host - n - 1] == '.';
}

/* "example.com,.internal 10.0.0.1", or "*" for all. */
static bool is_excepted(const char *host)
{
    const char *list = getenv("no_proxy");
    if (list == NULL)
        list = getenv("NO_PROXY");
    if (list == NULL)
        return false;
    if (strcmp(list, "*") == 0)
        return true;
    while (*list != '\0') {
        size_t n = strcspn(list, ", \t");
        if (is_in(host, list, n))
            return true;
        list += n + (list[n] != '\0');
    }
    return false;
}

const char *proxy_variable(const char *url)
{
    /* HTTP_PROXY is not read: a web server sets it from a header "Proxy". */
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY",
                                        "http_proxy", "all_proxy", "ALL_PROXY"};
    bool is_https = strncmp(url, "https:", 6) == 0;
    struct buf host;
    const char *found = NULL;
    if (url_is_loopback(url))
        return NULL;
    buf_init(&host, 300);
    url_place(url, &host);
    char *port = strrchr(host.data, ':');
    if (port != NULL)
        buf_cut(&host, (size_t)(port - host.data));
    for (size_t i = 0; i < 5 && found == NULL; i++) {
        bool is_other = is_https ? i == 2 : i < 2;
        if (!is_other && is_set(names[i]) && !is_excepted(host.data))
            found = names[i];
    }
    buf_free(&host);
    return found;
}
