/* proxy: which proxy stands before an address, as curl finds it.
 *
 * Proxies are named by the environment, and so errors have to name the
 * variable.  Source: curl's manual, ENVIRONMENT.  Any thread. */
#ifndef BACKENDS_REMOTE_PROXY_H
#define BACKENDS_REMOTE_PROXY_H

/* The variable that names the proxy for an address; NULL: it is asked directly,
 * as servers on this machine and those of no_proxy are. */
const char *proxy_variable(const char *url);

#endif
