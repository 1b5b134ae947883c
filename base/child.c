#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_SAID_BYTES 16384
#define CHILD_STEP_US 5000

extern char **environ;

/* Both ends close on exec; ours does not block. */
static int make_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return 0;
}

/* A child inherits ignored signals. */
static void default_signals(posix_spawnattr_t *attributes)
{
    sigset_t all;
    sigemptyset(&all);
    sigaddset(&all, SIGPIPE);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGTERM);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
}

int child_start(struct child *c, const char *const *argv, struct err *e)
{
    int ends[2];
    if (make_pipe(ends) != 0)
        return err_set(e, ERR_FAILURE, "cannot start %s: %s", argv[0],
                       strerror(errno));
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, ends[1], 2);
    default_signals(&attributes);
    /* posix_spawnp promises not to write through argv. */
    int code = posix_spawnp(&c->pid, argv[0], &files, &attributes,
                            (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    if (code != 0) {
        close(ends[0]);
        return err_set(e, ERR_FAILURE, "cannot start %s: %s", argv[0],
                       strerror(code));
    }
    c->fd = ends[0];
    c->status = 0;
    buf_init(&c->said, CHILD_SAID_BYTES);
    return 0;
}

/* Drops the older half if the buffer is full. */
static void keep(struct buf *said, const char *bytes, size_t n)
{
    if (said->len + n > said->max)
        buf_shift(said, said->len < said->max / 2 ? said->len
                                                  : said->max / 2);
    buf_add(said, bytes, n);
}

/* All that is in the pipe now. */
static void take_words(struct child *c)
{
    char bytes[2048];
    ssize_t n;
    while ((n = read(c->fd, bytes, sizeof(bytes))) != 0)
        if (n > 0)
            keep(&c->said, bytes, (size_t)n);
        else if (errno != EINTR)
            break;
}

static void note_end(struct child *c, int status)
{
    c->pid = 0;
    c->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                    : WEXITSTATUS(status);
}

bool child_poll(struct child *c)
{
    if (c->pid == 0)
        return true;
    take_words(c);
    int status;
    pid_t pid = waitpid(c->pid, &status, WNOHANG);
    if (pid == 0 || (pid < 0 && errno == EINTR))
        return false;
    take_words(c);
    note_end(c, pid > 0 ? status : 127 << 8);
    return true;
}

int child_run(const char *const *argv, struct err *e)
{
    struct child c;
    if (child_start(&c, argv, e) != 0)
        return -1;
    while (!child_poll(&c))
        usleep(CHILD_STEP_US);
    int result = 0;
    if (c.status != 0) {
        const char *why = child_last_line(&c);
        result = err_set(e, ERR_FAILURE, "%s failed (%d)%s%s", argv[0],
                         c.status, *why ? ": " : "", why);
    }
    child_free(&c);
    return result;
}

const char *child_last_line(struct child *c)
{
    size_t end = c->said.len;
    while (end > 0 && strchr("\r\n\t ", c->said.data[end - 1]) != NULL)
        end--;
    buf_cut(&c->said, end);
    size_t begin = end;
    while (begin > 0 && strchr("\r\n", c->said.data[begin - 1]) == NULL)
        begin--;
    return c->said.data + begin;
}

void child_free(struct child *c)
{
    if (c->pid != 0) {
        int status = 0;
        kill(c->pid, SIGTERM);
        while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
            continue;
        note_end(c, status);
    }
    close(c->fd);
    c->fd = -1;
    buf_free(&c->said);
}
