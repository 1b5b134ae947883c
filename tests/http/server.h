/* server: an HTTP server for tests, on a loopback port of the system's choice.
 *
 * It reads each request whole, keeps it, and answers with the bytes that the
 * test gives, headers included, so that a test can send whatever a broken
 * server might.  One thread a connection.  A test program includes server.c. */
#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

#include <stddef.h>

enum server_end {
    SERVER_CLOSE, /* an orderly end (FIN) */
    SERVER_RESET, /* RST: the peer's unread bytes are lost */
    SERVER_HANG,  /* silence until the client closes; see server_wait_left */
    SERVER_KEEP,  /* the connection stays open for another request */
    SERVER_DRIP,  /* `drip`, again and again, until the client closes */
};

struct server_request {
    const char *head; /* request line and headers, as received */
    const char *path;
    const char *body;
};

struct server_reply {
    const void *bytes;
    size_t n;
    size_t cut; /* written in two pieces, parted here; 0: in one */
    int bytewise; /* written byte by byte */
    enum server_end end;
    int pause_ms; /* between the two pieces */
    const char *drip;
};

/* Called on a connection's thread for each request; the bytes of the reply
 * must live as long as the server. */
typedef struct server_reply server_serve(void *arg,
                                         const struct server_request *rq);

struct server;
struct server *server_open(server_serve *serve, void *arg);
void server_close(struct server *s);
int server_port(const struct server *s);

/* How many connections were made. */
size_t server_n_accepted(struct server *s);

/* How many requests came, and the i-th. */
size_t server_n_requests(struct server *s);
struct server_request server_request_at(struct server *s, size_t i);

/* Waits until the client has closed n connections that hung. */
void server_wait_left(struct server *s, size_t n);

/* Waits until n replies were written to their last byte. */
void server_wait_written(struct server *s, size_t n);

/* Waits until no connection is open at either end. */
void server_wait_idle(struct server *s);

#endif
