/* process: a program that runs beside ours, with pipes to and from it.
 *
 * It is found by PATH and started without a shell, with the usual signals, and
 * with no descriptor of ours but the pipes.  In a group of its own, all that it
 * starts in turn can be ended with it, and the terminal's ^C is not for it.
 * One thread per struct; any threads may start some at the same time, and hide
 * variables. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

enum process_pipes { PROCESS_IN = 1, PROCESS_OUT = 2, PROCESS_ERR = 4 };

struct process {
    pid_t pid;        /* 0: it has ended and is forgotten */
    int in, out, err; /* our ends, which do not block; -1: none */
    bool own_group;
};

/* From now on a crash of this program, or of one that it starts, leaves no
 * core: that would hold the keys of the environment. */
void process_forbid_core(void);

/* Hides a variable of ours, which holds a key, from the programs that are
 * started from now on. */
void process_hide(const char *variable);

/* Our environment without what is hidden, but with the variable `keep`, and
 * with `extra`, "NAME=value", in place of its own; both may be NULL.  The
 * caller frees the array alone. */
char **process_environment(const char *keep, char *extra);

/* Starts argv[0] with the given pipes, the other streams at /dev/null.  env:
 * NULL for process_environment.  0, or the errno of the failure with nothing to
 * release. */
int process_start(struct process *p, const char *const *argv,
                  char *const *env, unsigned pipes, bool own_group);

/* The same with our environment, in our group, and with a file of ours, `in`
 * (-1: none), as its stdin instead of a pipe. */
int process_start_with(struct process *p, const char *const *argv, int in,
                       unsigned pipes);

/* 0 if there is a program of this name, as process_start looks for it, or the
 * errno that says why not.  A script whose interpreter is missing is found. */
int process_find(const char *program);

/* Closes a pipe of it, and sets it to -1. */
void process_close(int *fd);

/* Whether it has ended; *status is then as of wait.  Its group may still have
 * others; its number stays taken until process_forget. */
bool process_has_ended(const struct process *p, int *status);

/* Waits until it has ended. */
void process_wait(const struct process *p);

/* Sends a signal to it, or to its group. */
void process_signal(const struct process *p, int signal);

/* Ends what is left of its group by SIGKILL, waits for the program itself, and
 * closes the pipes.  Returns its status, as of wait. */
int process_forget(struct process *p);

/* The status as a shell has it: of the exit, or 128 and the signal. */
int process_exit_code(int status);

#endif
