#include "backends/remote/program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define PROGRAM_TERM_MS 1000 /* from SIGTERM to SIGKILL */
#define PROGRAM_TURN_BYTES (256u << 10) /* read before others have their turn */
#define PROGRAM_REST_BYTES (1u << 20)   /* as much as a pipe may hold */

struct program {
    struct net_task task; /* first: time, and the end */
    struct net_task in, out, err; /* a pipe each; fd -1: closed */
    struct net *net;
    struct process process;
    struct program_plan plan; /* argv and env are the caller's: not used */
    struct buf input;
    size_t n_written;
    bool is_over;    /* the owner has had its last callback */
    int64_t kill_ms; /* then: when it is killed */
};

/* --- pipes ------------------------------------------------------------- */

static void close_pipe(struct program *p, struct net_task *t, int *fd)
{
    net_remove(p->net, t);
    process_close(fd);
    t->fd = -1;
}

/* Reads what is there, at most so much.  True at the end. */
static bool read_pipe(struct program *p, int fd, size_t most,
                      void (*take)(void *arg, const char *bytes, size_t n))
{
    char bytes[16384];
    for (size_t n_read = 0; n_read < most;) {
        ssize_t n = read(fd, bytes, sizeof(bytes));
        if (n > 0) {
            take(p->plan.arg, bytes, (size_t)n);
            n_read += (size_t)n;
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            return true;
        } else if (errno == EAGAIN) {
            return false;
        }
    }
    return false;
}

/* --- its life ---------------------------------------------------------- */

/* The owner has heard all; asks the group to end. */
static void begin_end(struct program *p)
{
    p->is_over = true;
    close_pipe(p, &p->in, &p->process.in);
    close_pipe(p, &p->out, &p->process.out);
    close_pipe(p, &p->err, &p->process.err);
    process_signal(&p->process, SIGTERM);
    p->kill_ms = clock_monotonic_ms() + PROGRAM_TERM_MS;
    p->task.due_ms = 0;
}

/* It may have left output that was not read yet, and others that hold the
 * pipe: what is there counts, and their output is not waited for. */
static void hear_end(struct program *p, int status)
{
    if (p->process.out >= 0)
        read_pipe(p, p->process.out, PROGRAM_REST_BYTES, p->plan.out);
    if (p->process.err >= 0)
        read_pipe(p, p->process.err, PROGRAM_REST_BYTES, p->plan.err);
    p->plan.ended(p->plan.arg, status);
    begin_end(p);
}

static void look(struct program *p)
{
    int status;
    if (!p->plan.look(p->plan.arg, p->net, p->process.out < 0))
        begin_end(p);
    else if (process_has_ended(&p->process, &status))
        hear_end(p, status);
}

/* Hands on what has come by a pipe of its. */
static void hear(struct program *p, struct net_task *t, int *fd,
                 void (*take)(void *arg, const char *bytes, size_t n))
{
    net_add(p->net, t);
    if (!net_closing(p->net) && read_pipe(p, *fd, PROGRAM_TURN_BYTES, take)) {
        close_pipe(p, t, fd);
        p->task.due_ms = 0;
    }
    look(p);
}

static void run_out(struct net *n, struct net_task *t)
{
    struct program *p = (struct program *)(void *)((char *)t -
                                        offsetof(struct program, out));
    (void)n;
    hear(p, t, &p->process.out, p->plan.out);
}

static void run_err(struct net *n, struct net_task *t)
{
    struct program *p = (struct program *)(void *)((char *)t -
                                        offsetof(struct program, err));
    (void)n;
    hear(p, t, &p->process.err, p->plan.err);
}

/* A program need not read what it is given. */
static void run_in(struct net *n, struct net_task *t)
{
    struct program *p = (struct program *)(void *)((char *)t -
                                        offsetof(struct program, in));
    ssize_t done = write(t->fd, p->input.data + p->n_written,
                         p->input.len - p->n_written);
    if (done > 0)
        p->n_written += (size_t)done;
    net_add(n, t);
    if (p->n_written == p->input.len ||
        (done < 0 && errno != EAGAIN && errno != EINTR))
        close_pipe(p, t, &p->process.in);
    look(p);
}

static bool task_stop(struct net_task *t)
{
    const struct program *p = (struct program *)t;
    return !p->is_over && p->plan.stop != NULL && p->plan.stop(p->plan.arg);
}

/* Its end shows by its pipes; if others hold them, only by looking. */
static int64_t look_ms(const struct program *p)
{
    bool is_ending = p->is_over || p->process.out < 0 || p->process.err < 0;
    return is_ending || p->plan.look_ms == 0 ? PROGRAM_LOOK_MS
                                             : p->plan.look_ms;
}

static void run_task(struct net *n, struct net_task *t)
{
    struct program *p = (struct program *)t;
    int status;
    if (!p->is_over)
        look(p);
    if (p->is_over &&
        (net_closing(n) || clock_monotonic_ms() >= p->kill_ms ||
         process_has_ended(&p->process, &status))) {
        process_forget(&p->process);
        buf_free(&p->input);
        free(p);
        return;
    }
    t->due_ms = clock_monotonic_ms() + look_ms(p);
    net_add(n, t);
}

static void add_pipe(struct program *p, struct net_task *t, int fd,
                     bool writing,
                     void (*run)(struct net *n, struct net_task *t))
{
    net_task_init(t, run);
    t->fd = fd;
    t->writing = writing;
    t->due_ms = NET_NEVER;
    if (fd >= 0)
        net_add(p->net, t);
}

/* The first step, on the net thread. */
static void run_begin(struct net *n, struct net_task *t)
{
    struct program *p = (struct program *)t;
    net_task_init(&p->in, run_in);
    if (!p->plan.tether)
        add_pipe(p, &p->in, p->process.in, true, run_in);
    add_pipe(p, &p->out, p->process.out, false, run_out);
    add_pipe(p, &p->err, p->process.err, false, run_err);
    t->run = run_task;
    run_task(n, t);
}

int program_start(struct net *n, const struct program_plan *plan)
{
    struct program *p = mem_calloc(1, sizeof(*p));
    bool has_input = plan->input != NULL || plan->tether;
    unsigned pipes = PROCESS_OUT | PROCESS_ERR | (has_input ? PROCESS_IN : 0);
    int failed = process_start(&p->process, plan->argv, plan->env, pipes, true);
    if (failed != 0) {
        free(p);
        return failed;
    }
    p->net = n;
    p->plan = *plan;
    buf_init(&p->input, 0);
    if (plan->input != NULL) {
        p->input = *plan->input;
        buf_init(plan->input, 0);
    }
    net_task_init(&p->task, run_begin);
    p->task.stop = task_stop;
    net_post(n, &p->task);
    return 0;
}
