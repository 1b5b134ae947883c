#include "base/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static int set_up(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
                   fcntl(fd, F_SETFD, FD_CLOEXEC) == 0
               ? 0
               : -1;
}

int wake_open(int wake[2], struct err *e)
{
    if (pipe(wake) != 0)
        wake[0] = wake[1] = -1;
    else if (set_up(wake[0]) == 0 && set_up(wake[1]) == 0)
        return 0;
    err_set(e, ERR_FAILURE, "cannot make a pipe: %s", strerror(errno));
    wake_close(wake);
    wake[0] = wake[1] = -1;
    return -1;
}

void wake_close(const int wake[2])
{
    for (int i = 0; i < 2; i++)
        if (wake[i] >= 0)
            close(wake[i]);
}

void wake_drain(int fd)
{
    char bytes[256];
    while (read(fd, bytes, sizeof(bytes)) > 0)
        continue;
}

void wake_wait(int fd, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, timeout_ms) > 0)
        wake_drain(fd);
}
