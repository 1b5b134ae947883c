/* libcurl: the library, loaded when it is first needed.
 *
 * Linked in the usual way it brings some thirty others along, which take 4 of
 * the 6 milliseconds in which a command starts (docs/adr/0009); most commands
 * ask no server.  Use its functions as <curl/curl.h> has them: each loads the
 * library.  If it is missing, curl_easy_init, curl_multi_init, curl_url and
 * curl_slist_append return NULL and curl_global_init fails; the others are for
 * handles that these have made.  Any thread. */
#ifndef BACKENDS_REMOTE_LIBCURL_H
#define BACKENDS_REMOTE_LIBCURL_H

#include <curl/curl.h>

/* Loads it.  NULL, or one line that tells why it is not there. */
const char *libcurl_problem(void);

#endif
