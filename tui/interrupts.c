#include "tui/interrupts.h"

#include <sys/select.h>
#include <time.h>

/* A handler can reach nothing else. */
static volatile sig_atomic_t came;

static void on_interrupt(int number)
{
    (void)number;
    came = 1;
}

void interrupts_catch(sigset_t *while_waiting)
{
    struct sigaction action = {.sa_handler = on_interrupt,
                               .sa_flags = (int)SA_RESETHAND};
    sigset_t blocked;
    came = 0;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, while_waiting);
}

void interrupts_release(const sigset_t *while_waiting)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_SETMASK, while_waiting, NULL);
}

/* Lets in what waits: long work asks between two pieces. */
bool interrupts_came(void)
{
    sigset_t both, before;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &both, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return came != 0;
}

void interrupts_wait(struct arena *a, bool at_once,
                     const sigset_t *while_waiting)
{
    fd_set fds;
    struct timespec limit = {.tv_sec = at_once ? 0 : 1};
    FD_ZERO(&fds);
    FD_SET(a->wake[0], &fds);
    if (pselect(a->wake[0] + 1, &fds, NULL, NULL, &limit, while_waiting) > 0)
        arena_drain_wake(a);
}
