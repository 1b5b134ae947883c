#include "base/thread.h"

#include <signal.h>
#include <string.h>

#define THREAD_STACK_BYTES (2u << 20)

int thread_start(pthread_t *t, void *(*main)(void *arg), void *arg,
                 const char *name, struct err *e)
{
    static const int own[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGABRT};
    sigset_t blocked, before;
    pthread_attr_t attr;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        sigdelset(&blocked, own[i]);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int failed = pthread_create(t, &attr, main, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (failed == 0)
        return 0;
    return err_set(e, ERR_FAILURE, "cannot start the %s thread: %s", name,
                   strerror(failed));
}
