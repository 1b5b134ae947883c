/* url: whether an address from a config or a command line may be used.
 *
 * Judged with libcurl's own parser, which is also the one that will connect,
 * so that both read the same host out of it.  Any thread. */
#ifndef BACKENDS_REMOTE_URL_H
#define BACKENDS_REMOTE_URL_H

#include <stdbool.h>

#include "base/buf.h"

/* NULL if `url` is an http or https address with a host, without user,
 * password, query or fragment, and plain http only to this machine (or
 * anywhere with allow_http); else what is wrong with it (static text). */
const char *url_problem(const char *url, bool allow_http);

/* Whether its host is this machine: localhost, 127.0.0.0/8 or [::1]. */
bool url_is_loopback(const char *url);

/* Appends "host:port" of an address, for messages. */
void url_place(const char *url, struct buf *out);

/* Appends "scheme://host" or "scheme://host:port" of an address, or if
 * `relative` is given, of what that means in an answer from `url` (a Location
 * header).  False, and nothing, if it is no address. */
bool url_origin(const char *url, const char *relative, struct buf *out);

#endif
