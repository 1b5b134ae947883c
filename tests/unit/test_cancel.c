/* Cancelling before a server has said a word: while its name is looked up,
 * while it is connected to, while TLS begins.  Nothing stays open.  What comes
 * later is in test_conformance. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include "asked.h"

#include <dirent.h>
#include <dlfcn.h>
#include <netdb.h>

#include "base/clock.h"

#define SLOW_NAME "slow.example"
#define SLOW_MOST_S 20 /* a look-up that nobody lets go gives up */

/* --- a name server that does not answer -------------------------------- */

static pthread_mutex_t slow_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t slow_changed = PTHREAD_COND_INITIALIZER;
static bool slow_entered, slow_free, slow_gave_up;

static void set_slow(bool *what, bool value)
{
    pthread_mutex_lock(&slow_lock);
    *what = value;
    pthread_cond_broadcast(&slow_changed);
    pthread_mutex_unlock(&slow_lock);
}

static void wait_for_slow(bool *what)
{
    pthread_mutex_lock(&slow_lock);
    while (!*what)
        pthread_cond_wait(&slow_changed, &slow_lock);
    pthread_mutex_unlock(&slow_lock);
}

static bool has_given_up(void)
{
    pthread_mutex_lock(&slow_lock);
    bool result = slow_gave_up;
    pthread_mutex_unlock(&slow_lock);
    return result;
}

static int look_up_slowly(void)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += SLOW_MOST_S;
    pthread_mutex_lock(&slow_lock);
    slow_entered = true;
    pthread_cond_broadcast(&slow_changed);
    while (!slow_free && !slow_gave_up)
        slow_gave_up = pthread_cond_timedwait(&slow_changed, &slow_lock,
                                              &end) != 0;
    pthread_mutex_unlock(&slow_lock);
    return EAI_AGAIN;
}

/* In place of the C library's, for libcurl, too (see unit.mk). */
int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **out)
{
    int (*real)(const char *, const char *, const struct addrinfo *,
                struct addrinfo **);
    if (node != NULL && strcmp(node, SLOW_NAME) == 0)
        return look_up_slowly();
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(node, service, hints, out);
}

/* --- servers that say nothing ------------------------------------------ */

struct silent {
    int fd, port;
    int fillers[16]; /* connections that fill the row of those who wait */
    int n_fillers;
    int client;      /* who was let in, or -1 */
};

static void silent_open(struct silent *s, int backlog)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof(at);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *s = (struct silent){.client = -1};
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(s->fd, backlog), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &n), 0);
    s->port = ntohs(at.sin_port);
}

/* Further connections are not answered. */
static void silent_fill(struct silent *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)s->port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (; s->n_fillers < 16; s->n_fillers++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        assert_true(fd >= 0);
        (void)!connect(fd, (struct sockaddr *)&at, sizeof(at));
        s->fillers[s->n_fillers] = fd;
    }
}

static void silent_close(struct silent *s)
{
    for (int i = 0; i < s->n_fillers; i++)
        close(s->fillers[i]);
    if (s->client >= 0)
        close(s->client);
    close(s->fd);
}

/* --- what stays open --------------------------------------------------- */

static int count_open(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static void wait_for_open(int n, bool more)
{
    while (more ? count_open() <= n : count_open() > n)
        poll(NULL, 0, 1);
}

/* Begins to ask at `url`; the caller waits for the state to cancel in. */
static struct stream *begin_at(struct asked *a, const char *url)
{
    ask_open(a);
    snprintf(a->url, sizeof(a->url), "%s", url);
    return ask_begin(a);
}

static void cancel(struct asked *a, struct stream *s, const char *state)
{
    struct answer answer;
    answer_init(&answer);
    int64_t began_ns = clock_monotonic_ns();
    stream_cancel(s);
    int64_t returned_ns = clock_monotonic_ns();
    answer_finish(&answer, s);
    print_message("# cancelled %s: returned after %.3f ms, the end came after "
                  "%.2f ms\n", state, (double)(returned_ns - began_ns) / 1e6,
                  (double)(clock_monotonic_ns() - began_ns) / 1e6);
    assert_int_equal(answer.end.finish, FINISH_CANCEL);
    assert_int_equal(answer.text.len, 0);
    answer_free(&answer);
    backend_openai.close(a->backend);
}

/* The first answer makes the net thread with its own descriptors. */
static int count_with_thread(void)
{
    struct answer answer;
    serve_text(SSE_HEAD DELTA("a") STOP DONE, SERVER_CLOSE);
    ask(&answer);
    assert_int_equal(answer.end.finish, FINISH_STOP);
    answer_free(&answer);
    server_wait_written(server, 1);
    server_wait_idle(server);
    return count_open();
}

static void while_the_name_is_looked_up(void **state)
{
    (void)state;
    struct asked a;
#if LIBCURL_VERSION_NUM < 0x075700
    skip(); /* it waits for the look-up; see CURLOPT_QUICK_EXIT */
#endif
    int n = count_with_thread();
    struct stream *s = begin_at(&a, "https://" SLOW_NAME "/v1");
    wait_for_slow(&slow_entered);
    cancel(&a, s, "while the name is looked up");
    set_slow(&slow_free, true);
    assert_false(has_given_up());
    wait_for_open(n, false);
}

static void while_it_connects(void **state)
{
    (void)state;
    struct asked a;
    struct silent silent;
    char url[64];
    int n = count_with_thread();
    silent_open(&silent, 0);
    silent_fill(&silent);
    int with_silent = count_open();
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/v1", silent.port);
    struct stream *s = begin_at(&a, url);
    wait_for_open(with_silent, true);
    cancel(&a, s, "while it connects");
    wait_for_open(with_silent, false);
    silent_close(&silent);
    wait_for_open(n, false);
}

static void while_tls_begins(void **state)
{
    (void)state;
    struct asked a;
    struct silent silent;
    char url[64], byte;
    int n = count_with_thread();
    silent_open(&silent, 4);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/v1", silent.port);
    struct stream *s = begin_at(&a, url);
    silent.client = accept(silent.fd, NULL, NULL);
    assert_int_equal(recv(silent.client, &byte, 1, 0), 1);
    assert_int_equal(byte, 0x16); /* a hello of TLS */
    cancel(&a, s, "while TLS begins");
    /* The other end sees the close. */
    while (recv(silent.client, &byte, 1, 0) > 0)
        ;
    silent_close(&silent);
    wait_for_open(n, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(while_the_name_is_looked_up),
        TEST(while_it_connects),
        TEST(while_tls_begins),
    };
    return TEST_RUN(tests);
}
