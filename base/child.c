#include "base/child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define CHILD_SAID_BYTES 16384
#define CHILD_STEP_US 5000

int child_start(struct child *c, const char *const *argv, struct err *e)
{
    return child_start_with(c, argv, -1, e);
}

int child_start_with(struct child *c, const char *const *argv, int in,
                     struct err *e)
{
    int failed = process_start_with(&c->process, argv, in, PROCESS_ERR);
    if (failed != 0)
        return err_set(e, ERR_FAILURE, "cannot start %s: %s", argv[0],
                       strerror(failed));
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
    while ((n = read(c->process.err, bytes, sizeof(bytes))) != 0)
        if (n > 0)
            keep(&c->said, bytes, (size_t)n);
        else if (errno != EINTR)
            break;
}

bool child_poll(struct child *c)
{
    int status;
    if (c->process.pid == 0)
        return true;
    take_words(c);
    if (!process_has_ended(&c->process, &status))
        return false;
    take_words(c);
    process_forget(&c->process);
    c->status = process_exit_code(status);
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
    process_signal(&c->process, SIGTERM);
    process_wait(&c->process);
    process_forget(&c->process);
    buf_free(&c->said);
}
