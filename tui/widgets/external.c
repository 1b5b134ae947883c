/* Runs the person's own editor in the terminal. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "tui/widgets/ui.h"

extern char **environ;

static const char *editor_command(void)
{
    static const char *const variables[] = {"VISUAL", "EDITOR"};
    for (int i = 0; i < 2; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return "vi";
}

/* Gives a process group the keys, and the signals they make.  In the background
 * this would stop us, so SIGTTOU is blocked. */
static void give_terminal(pid_t group)
{
    sigset_t held, before;
    sigemptyset(&held);
    sigaddset(&held, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    tcsetpgrp(STDIN_FILENO, group);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Waits for the editor as a shell waits for a job.  ^C goes to the editor
 * alone.  When ^Z stops it, we stop, too, and our parent has the terminal.  If
 * we are ended meanwhile, the kernel hangs up the stopped editor. */
static int attend(struct tty *t, pid_t pid)
{
    int status = -1;
    do {
        give_terminal(pid);
        kill(-pid, SIGCONT); /* it may have asked for the terminal too soon */
        while (waitpid(pid, &status, WUNTRACED) < 0 && errno == EINTR)
            continue;
        give_terminal(getpgrp());
    } while (WIFSTOPPED(status) && tty_stop(t));
    return status;
}

/* $EDITOR may have options and variables, so a shell reads it and env starts
 * it; $1 is the file.  The shell does not stay between us and the editor: ^C
 * would end it. */
static int run_editor(struct tty *t, const char *path)
{
    struct buf line;
    buf_init(&line, 4096);
    buf_addf(&line, "exec env %s \"$1\"", editor_command());
    char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, line.data,
                          (char[]){"arena"}, (char *)path, NULL};
    posix_spawnattr_t attributes;
    sigset_t defaults;
    pid_t pid;
    int status = -1;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    if (posix_spawn(&pid, "/bin/sh", NULL, &attributes, argv, environ) == 0)
        status = attend(t, pid);
    posix_spawnattr_destroy(&attributes);
    buf_free(&line);
    return status;
}

static char *write_draft(const struct buf *text)
{
    const char *folder = getenv("TMPDIR");
    char *path = path_join(folder && folder[0] ? folder : "/tmp",
                           "arena-prompt.XXXXXX");
    int fd = mkstemp(path);
    if (fd >= 0 && write(fd, text->data, text->len) == (ssize_t)text->len) {
        close(fd);
        return path;
    }
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    free(path);
    return NULL;
}

bool ui_external_editor(struct ui *ui, struct buf *text)
{
    char *path = write_draft(text);
    if (path == NULL) {
        ui_say(ui, STYLE_BAD, "Cannot write a temporary file: %s",
               strerror(errno));
        return false;
    }
    tty_leave(ui->tty);
    int status = run_editor(ui->tty, path);
    tty_return(ui->tty);
    ui->afresh = true;
    bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 0, taken = false;
    struct buf written;
    buf_init(&written, text->max);
    if (!ended) {
        ui_say(ui, STYLE_BAD, "\"%s\" failed; the text is as it was.",
               editor_command());
    } else if (buf_read_file(&written, path) != 0) {
        ui_say(ui, STYLE_BAD, "Cannot read what was written: %s",
               strerror(errno));
    } else {
        while (written.len > 0 && written.data[written.len - 1] == '\n')
            buf_cut(&written, written.len - 1);
        buf_clear(text);
        buf_add(text, written.data, written.len);
        taken = true;
    }
    buf_free(&written);
    unlink(path);
    free(path);
    return taken;
}
