#include "tests/http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_MAX_REQUESTS 8192
#define SERVER_MAX_BYTES (1 << 18)
#define SERVER_DRIP_MS 5

struct server {
    int fd, port;
    server_serve *serve;
    void *arg;
    pthread_t thread;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t n_requests, n_left, n_written, n_connections, n_accepted;
    int closing;
    struct {
        char *text, *path;
        const char *body;
    } requests[SERVER_MAX_REQUESTS];
};

struct server_connection {
    struct server *server;
    int fd;
};

static void server_count(struct server *s, size_t *counter, int by)
{
    pthread_mutex_lock(&s->lock);
    *counter += (size_t)by;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* Reads head and body; NULL where the client sent no whole request. */
static char *server_read(int fd, size_t *n_head)
{
    char *text = calloc(1, SERVER_MAX_BYTES + 1);
    size_t n = 0, want = SERVER_MAX_BYTES;
    *n_head = 0;
    while (n < want) {
        ssize_t got = recv(fd, text + n, want - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
        if (text[0] == 0x16) { /* a TLS hello; we only speak plain text */
            ssize_t sent = send(fd, "HTTP/1.1 400 No\r\n\r\n", 19,
                                MSG_NOSIGNAL);
            (void)sent;
            break;
        }
        char *end = *n_head ? NULL : strstr(text, "\r\n\r\n");
        if (end == NULL)
            continue;
        *n_head = (size_t)(end - text) + 4;
        char *length = strstr(text, "\r\nContent-Length:");
        size_t n_body = 0;
        if (length != NULL && length < end)
            n_body = strtoul(length + 17, NULL, 10);
        want = *n_head + n_body;
    }
    if (*n_head > 0 && n >= want)
        return realloc(text, n + 1);
    free(text);
    return NULL;
}

static struct server_request server_keep(struct server *s, char *text,
                                         size_t n_head)
{
    char *path = strchr(text, ' ');
    path = strdup(path ? path + 1 : "");
    path[strcspn(path, " \r\n")] = '\0';
    char *body = strdup(text + n_head);
    text[n_head] = '\0';
    pthread_mutex_lock(&s->lock);
    if (s->n_requests == SERVER_MAX_REQUESTS)
        abort();
    size_t i = s->n_requests++;
    s->requests[i].text = text;
    s->requests[i].path = path;
    s->requests[i].body = body;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return (struct server_request){text, path, body};
}

/* The client may be gone already: then the rest is dropped, and 0 returned. */
static int server_write(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = send(fd, bytes, n, MSG_NOSIGNAL);
        if (done <= 0)
            return 0;
        bytes += done;
        n -= (size_t)done;
    }
    return 1;
}

static void server_answer(struct server *s, int fd,
                          const struct server_reply *reply)
{
    const char *bytes = reply->bytes;
    for (size_t i = 0; reply->bytewise && i < reply->n; i++)
        server_write(fd, bytes + i, 1);
    if (!reply->bytewise) {
        server_write(fd, bytes, reply->cut);
        poll(NULL, 0, reply->pause_ms);
        server_write(fd, bytes + reply->cut, reply->n - reply->cut);
    }
    server_count(s, &s->n_written, 1);
    if (reply->end == SERVER_RESET) {
        struct linger hard = {1, 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    } else if (reply->end == SERVER_HANG) {
        char byte;
        while (recv(fd, &byte, 1, 0) > 0)
            ;
        server_count(s, &s->n_left, 1);
    } else if (reply->end == SERVER_DRIP) {
        while (server_write(fd, reply->drip, strlen(reply->drip)))
            poll(NULL, 0, SERVER_DRIP_MS);
        server_count(s, &s->n_left, 1);
    } else if (reply->end == SERVER_CLOSE) {
        /* Wait for the client's end, so that nothing unread turns the close
         * into a reset. */
        char byte;
        shutdown(fd, SHUT_WR);
        while (recv(fd, &byte, 1, 0) > 0)
            ;
    }
}

static void *server_connection_main(void *arg)
{
    struct server_connection c = *(struct server_connection *)arg;
    struct server *s = c.server;
    free(arg);
    int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    size_t n_head;
    char *text;
    struct server_reply reply = {.end = SERVER_KEEP};
    while (reply.end == SERVER_KEEP &&
           (text = server_read(c.fd, &n_head)) != NULL) {
        struct server_request rq = server_keep(s, text, n_head);
        reply = s->serve(s->arg, &rq);
        server_answer(s, c.fd, &reply);
    }
    close(c.fd);
    server_count(s, &s->n_connections, -1);
    return NULL;
}

static void *server_main(void *arg)
{
    struct server *s = arg;
    for (;;) {
        int fd = accept(s->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        struct server_connection *c = malloc(sizeof(*c));
        *c = (struct server_connection){s, fd};
        pthread_t thread;
        server_count(s, &s->n_connections, 1);
        server_count(s, &s->n_accepted, 1);
        if (pthread_create(&thread, NULL, server_connection_main, c) != 0)
            abort();
        pthread_detach(thread);
    }
}

struct server *server_open(server_serve *serve, void *arg)
{
    struct server *s = calloc(1, sizeof(*s));
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof(at);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->serve = serve;
    s->arg = arg;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(s->fd, 64) != 0 ||
        getsockname(s->fd, (struct sockaddr *)&at, &n) != 0 ||
        pthread_create(&s->thread, NULL, server_main, s) != 0) {
        perror("tests/http/server");
        abort();
    }
    s->port = ntohs(at.sin_port);
    return s;
}

int server_port(const struct server *s)
{
    return s->port;
}

size_t server_n_accepted(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->n_accepted;
    pthread_mutex_unlock(&s->lock);
    return n;
}

size_t server_n_requests(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->n_requests;
    pthread_mutex_unlock(&s->lock);
    return n;
}

struct server_request server_request_at(struct server *s, size_t i)
{
    pthread_mutex_lock(&s->lock);
    struct server_request rq = {s->requests[i].text, s->requests[i].path,
                                s->requests[i].body};
    pthread_mutex_unlock(&s->lock);
    return rq;
}

static void server_wait(struct server *s, const size_t *counter, size_t n)
{
    pthread_mutex_lock(&s->lock);
    while (*counter < n)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

void server_wait_left(struct server *s, size_t n)
{
    server_wait(s, &s->n_left, n);
}

void server_wait_written(struct server *s, size_t n)
{
    server_wait(s, &s->n_written, n);
}

void server_wait_idle(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    while (s->n_connections > 0)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

/* The clients must be gone: their connections are waited for. */
void server_close(struct server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    server_wait_idle(s);
    for (size_t i = 0; i < s->n_requests; i++) {
        free(s->requests[i].text);
        free(s->requests[i].path);
        free((char *)s->requests[i].body);
    }
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
