#define _GNU_SOURCE /* posix_spawn_file_actions_addclosefrom_np */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

extern char **environ;

/* Between the making of a pipe and its mark to be closed on exec, no other
 * program may be started: it would hold our end open. */
static pthread_mutex_t process_lock = PTHREAD_MUTEX_INITIALIZER;

/* --- the environment ---------------------------------------------------- */

static pthread_mutex_t hidden_lock = PTHREAD_MUTEX_INITIALIZER;
static char **hidden; /* names; they stay for as long as we live */
static size_t n_hidden;

/* Whether "NAME=value", or "NAME", is of this name. */
static bool is_named(const char *entry, const char *name)
{
    size_t n = strcspn(name, "=");
    return strncmp(entry, name, n) == 0 && (entry[n] == '=' || entry[n] == 0);
}

static bool is_hidden(const char *entry)
{
    for (size_t i = 0; i < n_hidden; i++)
        if (is_named(entry, hidden[i]))
            return true;
    return false;
}

/* A limit of one byte also keeps the system from handing the core to a program
 * (Linux, core(5)); 0 does not. */
void process_forbid_core(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur <= 1)
        return;
    limit.rlim_cur = 1;
    setrlimit(RLIMIT_CORE, &limit);
}

void process_hide(const char *variable)
{
    pthread_mutex_lock(&hidden_lock);
    if (!is_hidden(variable)) {
        hidden = mem_realloc(hidden, n_hidden + 1, sizeof(*hidden));
        hidden[n_hidden++] = mem_strdup(variable);
    }
    pthread_mutex_unlock(&hidden_lock);
}

char **process_environment(const char *keep, char *extra)
{
    size_t n = 0, n_out = 0;
    while (environ[n] != NULL)
        n++;
    char **env = mem_calloc(n + 2, sizeof(*env));
    pthread_mutex_lock(&hidden_lock);
    for (size_t i = 0; i < n; i++) {
        bool is_kept = keep != NULL && is_named(environ[i], keep);
        if ((is_kept || !is_hidden(environ[i])) &&
            (extra == NULL || !is_named(environ[i], extra)))
            env[n_out++] = environ[i];
    }
    pthread_mutex_unlock(&hidden_lock);
    env[n_out] = extra;
    return env;
}

/* --- the start ---------------------------------------------------------- */

/* ends[ours] does not block.  0, or errno. */
static int make_pipe(int ends[2], int ours)
{
    if (pipe(ends) != 0)
        return errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[ours], F_SETFL, O_NONBLOCK);
    return 0;
}

/* A child inherits ignored and blocked signals. */
static void set_attributes(posix_spawnattr_t *attributes, bool own_group)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(
        attributes, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                            (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
}

/* Descriptors of ours that a library forgot to mark are closed, if the system
 * can. */
static void set_files(posix_spawn_file_actions_t *files, int pipes[3][2])
{
    posix_spawn_file_actions_init(files);
    for (int i = 0; i < 3; i++) {
        int theirs = i == 0 ? 0 : 1;
        if (pipes[i][theirs] >= 0)
            posix_spawn_file_actions_adddup2(files, pipes[i][theirs], i);
        else
            posix_spawn_file_actions_addopen(files, i, "/dev/null",
                                             i == 0 ? O_RDONLY : O_WRONLY, 0);
    }
#if defined(__GLIBC__) && \
    (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 34))
    posix_spawn_file_actions_addclosefrom_np(files, 3);
#endif
}

static int spawn(struct process *p, const char *const *argv, char *const *env,
                 int pipes[3][2])
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    set_files(&files, pipes);
    set_attributes(&attributes, p->own_group);
    /* posix_spawnp promises not to write through argv. */
    char **own = env == NULL ? process_environment(NULL, NULL) : NULL;
    int failed = posix_spawnp(&p->pid, argv[0], &files, &attributes,
                              (char *const *)argv, own ? own : env);
    free(own);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

/* `in`: a file for its stdin, or -1. */
static int start(struct process *p, const char *const *argv, char *const *env,
                 int in, unsigned pipes, bool own_group)
{
    int ends[3][2] = {{in, -1}, {-1, -1}, {-1, -1}};
    int *ours[3] = {&p->in, &p->out, &p->err};
    int failed = 0;
    *p = (struct process){0, -1, -1, -1, own_group};
    pthread_mutex_lock(&process_lock);
    for (int i = 0; i < 3 && failed == 0; i++)
        if (pipes & (1u << i))
            failed = make_pipe(ends[i], i == 0 ? 1 : 0);
    if (failed == 0)
        failed = spawn(p, argv, env, ends);
    pthread_mutex_unlock(&process_lock);
    if (in >= 0)
        ends[0][0] = -1; /* the caller's */
    for (int i = 0; i < 3; i++) {
        int mine = i == 0 ? 1 : 0;
        process_close(&ends[i][1 - mine]);
        *ours[i] = ends[i][mine];
        if (failed != 0)
            process_close(ours[i]);
    }
    return failed;
}

int process_start(struct process *p, const char *const *argv,
                  char *const *env, unsigned pipes, bool own_group)
{
    return start(p, argv, env, -1, pipes, own_group);
}

int process_start_with(struct process *p, const char *const *argv, int in,
                       unsigned pipes)
{
    return start(p, argv, NULL, in, pipes, false);
}

/* 0, or why this file is no program. */
static int check_program(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno;
    return S_ISREG(st.st_mode) && access(path, X_OK) == 0 ? 0 : EACCES;
}

int process_find(const char *program)
{
    char standard[256] = "", path[PATH_MAX];
    const char *folders = getenv("PATH");
    if (program[0] == '\0')
        return ENOENT;
    if (strchr(program, '/') != NULL)
        return check_program(program);
    if (folders == NULL) {
        confstr(_CS_PATH, standard, sizeof(standard));
        folders = standard;
    }
    int why = ENOENT;
    for (;; folders++) {
        size_t n = strcspn(folders, ":");
        /* An empty part is the current folder. */
        int len = snprintf(path, sizeof(path), "%.*s/%s", n > 0 ? (int)n : 1,
                           n > 0 ? folders : ".", program);
        int failed = len < (int)sizeof(path) ? check_program(path) : ENOENT;
        if (failed == 0)
            return 0;
        if (failed == EACCES)
            why = EACCES;
        folders += n;
        if (*folders == '\0')
            return why;
    }
}

void process_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

bool process_has_ended(const struct process *p, int *status)
{
    siginfo_t info = {.si_pid = 0};
    *status = 127 << 8; /* if it cannot be known */
    if (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return errno != EINTR;
    if (info.si_pid == 0)
        return false;
    *status = info.si_code == CLD_EXITED ? info.si_status << 8
                                         : info.si_status;
    return true;
}

void process_wait(const struct process *p)
{
    siginfo_t info;
    while (p->pid > 0 &&
           waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOWAIT) != 0 &&
           errno == EINTR)
        continue;
}

void process_signal(const struct process *p, int signal)
{
    if (p->pid > 0)
        kill(p->own_group ? -p->pid : p->pid, signal);
}

int process_forget(struct process *p)
{
    int status = 0;
    process_signal(p, SIGKILL);
    while (p->pid > 0 && waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    p->pid = 0;
    process_close(&p->in);
    process_close(&p->out);
    process_close(&p->err);
    return status;
}

int process_exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
