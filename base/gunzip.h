/* gunzip: reads what gzip packed (RFC 1952), as a stream.
 *
 * Works through zlib, which is loaded at the first use (docs/adr/0009): few
 * files are packed.  The opener closes it and keeps owning fd.  One thread on
 * one struct. */
#ifndef BASE_GUNZIP_H
#define BASE_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct gunzip;

/* Whether bytes begin like a gzip file. */
bool gunzip_is(const char *s, size_t n);

/* Unpacks s[0..n), which was read from fd, and what fd still gives; with
 * fd -1 only s.  s is copied.  0, or -1 with ERR_FAILURE: no zlib. */
int gunzip_open(struct gunzip **out, int fd, const char *s, size_t n,
                struct err *e);
void gunzip_close(struct gunzip *g);

/* Writes up to n > 0 unpacked bytes to out.  Returns how many, 0 at the end, or
 * -1: ERR_FORMAT if the data are damaged or end too early, ERR_FAILURE if
 * reading failed.  The text does not name the file. */
long gunzip_read(struct gunzip *g, char *out, size_t n, struct err *e);

#endif
