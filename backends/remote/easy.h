/* easy: the options that every transfer of ours has.
 *
 * Certificates and host names are checked, against CURL_CA_BUNDLE or
 * SSL_CERT_FILE if one is set; no .netrc, no user or password in an address,
 * no signals, no proxy for this machine.  Plain http only if the caller says
 * so.  Any thread. */
#ifndef BACKENDS_REMOTE_EASY_H
#define BACKENDS_REMOTE_EASY_H

#include <stdbool.h>

#include "backends/remote/libcurl.h"

/* The file of authorities that the environment names, and by which variable;
 * NULL: none. */
const char *easy_authority(const char **variable);

/* Sets them, and the address; http: plain http is allowed, too. */
void easy_prepare(CURL *easy, const char *url, bool http);

/* Lets the transfer follow so many redirects, to https only.  Only for one
 * that carries no key and nothing of the user's: see docs/adr/0006. */
void easy_follow(CURL *easy, long n_redirects);

#endif
