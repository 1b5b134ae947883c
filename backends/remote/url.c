#include "backends/remote/url.h"

#include <string.h>
#include <strings.h>

#include "backends/remote/libcurl.h"

/* A part of a parsed address, or NULL; the caller frees with curl_free. */
static char *url_part(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    return curl_url_get(u, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static bool url_has(CURLU *u, CURLUPart part)
{
    char *text = url_part(u, part);
    bool has = text != NULL;
    curl_free(text);
    return has;
}

static CURLU *url_parse(const char *url)
{
    CURLU *u = curl_url();
    if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK) {
        curl_url_cleanup(u);
        u = NULL;
    }
    return u;
}

static bool host_is_loopback(CURLU *u)
{
    char *host = url_part(u, CURLUPART_HOST);
    if (host == NULL)
        return false;
    bool is = strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
    /* libcurl writes any spelling of an IPv4 address as four numbers, so what
     * begins with 127. and has nothing but digits and dots is loopback; a name
     * like 127.example.com is not. */
    if (strncmp(host, "127.", 4) == 0)
        is = strspn(host, "0123456789.") == strlen(host);
    curl_free(host);
    return is;
}

const char *url_problem(const char *url, bool allow_http)
{
    for (const char *p = url; *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7F)
            return "has a space or control character";
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return "does not begin with http:// or https://";
    if (libcurl_problem() != NULL)
        return "cannot be read without libcurl (libcurl.so.4); install it";
    CURLU *u = url_parse(url);
    if (u == NULL)
        return "is not an address";
    const char *problem = NULL;
    if (url_has(u, CURLUPART_USER) || url_has(u, CURLUPART_PASSWORD))
        problem = "has a user or password in it; use \"key_env\"";
    else if (url_has(u, CURLUPART_QUERY) || url_has(u, CURLUPART_FRAGMENT))
        problem = "has a '?' or '#' part";
    else if (!allow_http && url[4] == ':' && !host_is_loopback(u))
        problem = "is plain http to another machine, where anyone on the way "
                  "can read it; use https, or set \"allow_http\": true";
    curl_url_cleanup(u);
    return problem;
}

bool url_is_loopback(const char *url)
{
    CURLU *u = url_parse(url);
    bool is = u != NULL && host_is_loopback(u);
    curl_url_cleanup(u);
    return is;
}

void url_place(const char *url, struct buf *out)
{
    CURLU *u = url_parse(url);
    char *host = u ? url_part(u, CURLUPART_HOST) : NULL;
    char *port = NULL;
    if (u != NULL)
        curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    buf_addf(out, "%s:%s", host ? host : "?", port ? port : "?");
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
}

bool url_origin(const char *url, const char *relative, struct buf *out)
{
    CURLU *u = url_parse(url);
    bool is = u != NULL &&
              (relative == NULL ||
               curl_url_set(u, CURLUPART_URL, relative, 0) == CURLUE_OK);
    char *scheme = is ? url_part(u, CURLUPART_SCHEME) : NULL;
    char *host = is ? url_part(u, CURLUPART_HOST) : NULL;
    char *port = is ? url_part(u, CURLUPART_PORT) : NULL;
    is = scheme != NULL && host != NULL;
    if (is)
        buf_addf(out, "%s://%s%s%s", scheme, host, port ? ":" : "",
                 port ? port : "");
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
    return is;
}
