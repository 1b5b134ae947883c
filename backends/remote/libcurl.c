#include "backends/remote/libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#define SONAME "libcurl.so.4"

/* Version 8 made the handle const. */
#if LIBCURL_VERSION_NUM >= 0x080000
#define URL_TO_READ const CURLU
#else
#define URL_TO_READ CURLU
#endif

/* Every function that we use, but for those of a variable number of arguments:
 * V(name, parameters, arguments) of those that return nothing,
 * F(type, name, parameters, arguments, result without the library). */
#define FUNCTIONS(F, V)                                                       \
    F(CURLcode, curl_global_init, (long flags), (flags), CURLE_FAILED_INIT)   \
    F(curl_version_info_data *, curl_version_info, (CURLversion v), (v), NULL) \
    F(CURL *, curl_easy_init, (void), (), NULL)                               \
    F(CURLcode, curl_easy_perform, (CURL *c), (c), CURLE_FAILED_INIT)         \
    F(const char *, curl_easy_strerror, (CURLcode code), (code), "?")         \
    V(curl_easy_cleanup, (CURL *c), (c))                                      \
    F(CURLM *, curl_multi_init, (void), (), NULL)                             \
    F(CURLMcode, curl_multi_add_handle, (CURLM *m, CURL *c), (m, c),          \
      CURLM_BAD_HANDLE)                                                       \
    F(CURLMcode, curl_multi_remove_handle, (CURLM *m, CURL *c), (m, c),       \
      CURLM_BAD_HANDLE)                                                       \
    F(CURLMcode, curl_multi_perform, (CURLM *m, int *n), (m, n),              \
      CURLM_BAD_HANDLE)                                                       \
    F(CURLMcode, curl_multi_poll,                                             \
      (CURLM *m, struct curl_waitfd *fds, unsigned n, int ms, int *ready),    \
      (m, fds, n, ms, ready), CURLM_BAD_HANDLE)                               \
    F(CURLMcode, curl_multi_wakeup, (CURLM *m), (m), CURLM_BAD_HANDLE)        \
    F(CURLMsg *, curl_multi_info_read, (CURLM *m, int *n), (m, n), NULL)      \
    F(CURLMcode, curl_multi_cleanup, (CURLM *m), (m), CURLM_BAD_HANDLE)       \
    F(struct curl_slist *, curl_slist_append,                                 \
      (struct curl_slist *list, const char *text), (list, text), NULL)        \
    V(curl_slist_free_all, (struct curl_slist *list), (list))                 \
    F(CURLU *, curl_url, (void), (), NULL)                                    \
    F(CURLUcode, curl_url_get,                                                \
      (URL_TO_READ *u, CURLUPart part, char **text, unsigned flags),          \
      (u, part, text, flags), CURLUE_BAD_HANDLE)                              \
    F(CURLUcode, curl_url_set,                                                \
      (CURLU *u, CURLUPart part, const char *text, unsigned flags),           \
      (u, part, text, flags), CURLUE_BAD_HANDLE)                              \
    V(curl_url_cleanup, (CURLU *u), (u))                                      \
    F(time_t, curl_getdate, (const char *text, const time_t *now),            \
      (text, now), -1)                                                        \
    V(curl_free, (void *text), (text))

#define MEMBER_F(type, name, parameters, arguments, none) \
    type(*name) parameters;
#define MEMBER_V(name, parameters, arguments) void(*name) parameters;
static struct {
    FUNCTIONS(MEMBER_F, MEMBER_V)
    CURLcode (*easy_setopt)(CURL *c, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *c, CURLINFO info, ...);
} real;

static char problem[256];
static pthread_once_t loaded = PTHREAD_ONCE_INIT;

/* Into a function's pointer, as POSIX says to do it. */
static void find(void *library, const char *name, void *pointer)
{
    void **to = pointer;
    if (problem[0] == '\0' && (*to = dlsym(library, name)) == NULL)
        snprintf(problem, sizeof(problem), SONAME " has no %s; version 7.68 "
                 "or newer is needed", name);
}

static void load(void)
{
    void *library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(problem, sizeof(problem), "%s; is libcurl installed?",
                 dlerror());
        return;
    }
#define FIND_F(type, name, parameters, arguments, none) \
    find(library, #name, &real.name);
#define FIND_V(name, parameters, arguments) find(library, #name, &real.name);
    FUNCTIONS(FIND_F, FIND_V)
    find(library, "curl_easy_setopt", &real.easy_setopt);
    find(library, "curl_easy_getinfo", &real.easy_getinfo);
}

const char *libcurl_problem(void)
{
    pthread_once(&loaded, load);
    return problem[0] != '\0' ? problem : NULL;
}

#define DEFINE_F(type, name, parameters, arguments, none)          \
    type name parameters                                           \
    {                                                              \
        return libcurl_problem() == NULL ? real.name arguments : none; \
    }
#define DEFINE_V(name, parameters, arguments) \
    void name parameters                      \
    {                                         \
        if (libcurl_problem() == NULL)        \
            real.name arguments;              \
    }
FUNCTIONS(DEFINE_F, DEFINE_V)

/* The one value behind an option is of the type that its number says. */
CURLcode(curl_easy_setopt)(CURL *c, CURLoption option, ...)
{
    CURLcode result;
    va_list ap;
    if (libcurl_problem() != NULL)
        return CURLE_FAILED_INIT;
    va_start(ap, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        result = real.easy_setopt(c, option, va_arg(ap, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        result = real.easy_setopt(c, option, va_arg(ap, curl_off_t));
    else
        result = real.easy_setopt(c, option, va_arg(ap, void *));
    va_end(ap);
    return result;
}

/* It is always a pointer to where the value goes. */
CURLcode(curl_easy_getinfo)(CURL *c, CURLINFO info, ...)
{
    va_list ap;
    va_start(ap, info);
    void *out = va_arg(ap, void *);
    va_end(ap);
    return libcurl_problem() == NULL ? real.easy_getinfo(c, info, out)
                                     : CURLE_FAILED_INIT;
}
