/* paced_server: a server of the OpenAI protocol that writes a token every so
 * many milliseconds, for any number of answers at once, and costs little.
 *
 *     paced_server [--token-ms N] [--tokens N] [--stamps FILE] [--mode WORD]
 *
 * Prints its port and serves until its stdin is closed.  Tokens are " a0000",
 * " a0001" and so on; the letter is the connection's, so that one can look for
 * each.  The k-th of an answer is due k + 1 steps after its request came,
 * however late the others were: what is slow shows as time lost.  FILE gets the
 * letter, the number and the monotonic time in ns of each token as it is
 * written, a line each.
 *
 * Modes, for whoever measures how fast an answer is given up: "silent" reads
 * the request and says nothing; "headers" sends a head and no more; "mid" sends
 * ten tokens and then no more; "drip" sends a comment every millisecond. */
#define _GNU_SOURCE /* accept4, ppoll */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 1024
#define MAX_REQUEST (1 << 20)

enum mode { MODE_TOKENS, MODE_SILENT, MODE_HEADERS, MODE_MID, MODE_DRIP };
static const char *const mode_names[] = {"tokens", "silent", "headers", "mid",
                                         "drip"};

struct connection {
    int fd;
    char letter;
    char *request; /* as far as it came */
    size_t n_request;
    bool answers;
    int64_t begun_ns;
    int n_written;
};

static struct connection connections[MAX_CONNECTIONS];
static size_t n_connections, n_accepted;
static int64_t token_ns = 50000000;
static int n_tokens = 40;
static enum mode mode;
static FILE *stamps;

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void drop(size_t i)
{
    close(connections[i].fd);
    free(connections[i].request);
    connections[i] = connections[--n_connections];
}

/* A part of the body, as a chunk of HTTP.  False: the client is gone. */
static bool send_chunk(struct connection *c, const char *text)
{
    char out[512];
    int n = snprintf(out, sizeof(out), "%zx\r\n%s\r\n", strlen(text), text);
    return send(c->fd, out, (size_t)n, MSG_NOSIGNAL) == n;
}

static bool send_head(struct connection *c)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n"
                               "Content-Type: text/event-stream\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    return send(c->fd, head, sizeof(head) - 1, MSG_NOSIGNAL) ==
           (ssize_t)sizeof(head) - 1;
}

static bool send_token(struct connection *c)
{
    char event[256];
    snprintf(event, sizeof(event),
             "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":"
             "\" %c%04d\"},\"finish_reason\":null}]}\n\n",
             c->letter, c->n_written);
    int64_t at_ns = now_ns();
    bool sent = send_chunk(c, event);
    if (stamps != NULL)
        fprintf(stamps, "%c%04d %lld\n", c->letter, c->n_written,
                (long long)at_ns);
    c->n_written++;
    return sent;
}

static bool send_end(struct connection *c)
{
    char end[400];
    snprintf(end, sizeof(end),
             "data: {\"choices\":[{\"index\":0,\"delta\":{},"
             "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,"
             "\"completion_tokens\":%d}}\n\ndata: [DONE]\n\n", c->n_written);
    c->answers = false;
    return send_chunk(c, end) &&
           send(c->fd, "0\r\n\r\n", 5, MSG_NOSIGNAL) == 5;
}

/* How many tokens are written before the server falls silent. */
static int most_tokens(void)
{
    return mode == MODE_TOKENS ? n_tokens : mode == MODE_MID ? 10 : 0;
}

static bool is_mute(const struct connection *c)
{
    return !c->answers || mode == MODE_SILENT || mode == MODE_HEADERS ||
           (mode == MODE_MID && c->n_written == most_tokens());
}

static int64_t due_ns(const struct connection *c)
{
    return c->begun_ns + (c->n_written + 1) * token_ns;
}

/* Writes what is due.  False: the client is gone. */
static bool go_on(struct connection *c, int64_t at_ns)
{
    while (!is_mute(c) && due_ns(c) <= at_ns) {
        if (mode == MODE_DRIP) {
            c->n_written++;
            if (!send_chunk(c, ": wait\n\n"))
                return false;
        } else if (!send_token(c)) {
            return false;
        }
        if (mode == MODE_TOKENS && c->n_written == n_tokens)
            return send_end(c);
    }
    return true;
}

static bool begin(struct connection *c)
{
    c->answers = true;
    c->begun_ns = now_ns();
    c->n_written = 0;
    c->n_request = 0;
    return mode == MODE_SILENT || send_head(c);
}

/* Reads on.  False: the client is gone. */
static bool take(struct connection *c)
{
    ssize_t got = recv(c->fd, c->request + c->n_request,
                       MAX_REQUEST - c->n_request, 0);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    c->n_request += (size_t)got;
    c->request[c->n_request] = '\0';
    char *end = strstr(c->request, "\r\n\r\n");
    char *length = strstr(c->request, "Content-Length:");
    if (end == NULL || length == NULL)
        return c->n_request < MAX_REQUEST;
    size_t n = (size_t)(end + 4 - c->request) + strtoul(length + 15, NULL, 10);
    return c->n_request < n || begin(c);
}

static void meet(int listener)
{
    int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (n_connections == MAX_CONNECTIONS) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    connections[n_connections++] = (struct connection){
        .fd = fd,
        .letter = (char)('a' + n_accepted++ % 26),
        .request = malloc(MAX_REQUEST + 1),
    };
}

static int listen_here(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof(at);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(fd, MAX_CONNECTIONS) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) != 0)
        fail("listen");
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

/* Until the next token is due, or a client or our starter calls. */
static void wait_for_news(struct pollfd *fds)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < n_connections; i++) {
        fds[2 + i] = (struct pollfd){connections[i].fd, POLLIN, 0};
        if (!is_mute(&connections[i]) && due_ns(&connections[i]) < due)
            due = due_ns(&connections[i]);
    }
    int64_t left = due == INT64_MAX ? -1 : due - now_ns();
    struct timespec wait = {left / 1000000000, left % 1000000000};
    if (left < 0)
        wait = (struct timespec){0, 0};
    ppoll(fds, 2 + n_connections, due == INT64_MAX ? NULL : &wait, NULL);
}

static void serve(int listener)
{
    static struct pollfd fds[2 + MAX_CONNECTIONS];
    fds[0] = (struct pollfd){0, POLLIN, 0};
    fds[1] = (struct pollfd){listener, POLLIN, 0};
    while (fds[0].revents == 0) {
        wait_for_news(fds);
        int64_t at_ns = now_ns();
        for (size_t i = n_connections; i-- > 0;) {
            bool stays = fds[2 + i].revents == 0 || take(&connections[i]);
            if (!stays || !go_on(&connections[i], at_ns))
                drop(i);
        }
        if (fds[1].revents != 0)
            meet(listener);
    }
}

static void read_option(const char *name, const char *value)
{
    if (strcmp(name, "--token-ms") == 0) {
        token_ns = (int64_t)(strtod(value, NULL) * 1e6);
    } else if (strcmp(name, "--tokens") == 0) {
        n_tokens = (int)strtol(value, NULL, 10);
    } else if (strcmp(name, "--stamps") == 0) {
        stamps = fopen(value, "w");
        if (stamps == NULL)
            fail(value);
    } else {
        for (size_t i = 0; i < sizeof(mode_names) / sizeof(*mode_names); i++)
            if (strcmp(value, mode_names[i]) == 0)
                mode = (enum mode)i;
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2)
        read_option(argv[i], argv[i + 1]);
    serve(listen_here());
    if (stamps != NULL)
        fclose(stamps);
    return 0;
}
