#include "backends/remote/easy.h"

#include <stdlib.h>

#include "backends/remote/url.h"
#include "base/version.h"

/* libcurl itself does not read these, only its command line tool does. */
const char *easy_authority(const char **variable)
{
    static const char *const names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *file = getenv(names[i]);
        *variable = names[i];
        if (file != NULL && file[0] != '\0')
            return file;
    }
    return NULL;
}

/* The options that take words came with libcurl 7.85. */
static void limit_protocols(CURL *easy, bool http)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, http ? "http,https"
                                                       : "https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
    long both = CURLPROTO_HTTP | CURLPROTO_HTTPS;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, http ? both
                                                   : (long)CURLPROTO_HTTPS);
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
}

void easy_prepare(CURL *easy, const char *url, bool http)
{
    curl_easy_setopt(easy, CURLOPT_URL, url);
    limit_protocols(easy, http);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "arena/" ARENA_VERSION);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name server that does not answer must not hold up an end. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    if (url_is_loopback(url)) /* no proxy is to see what stays here */
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    const char *variable, *authority = easy_authority(&variable);
    if (authority != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, authority);
}

void easy_follow(CURL *easy, long n_redirects)
{
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, n_redirects);
}
