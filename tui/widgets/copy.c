/* Copies a text out of the program: by OSC 52, or with the person's command. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/terminal/clipboard.h"
#include "tui/widgets/ui.h"

#define COPY_BYTES (80u << 20)
#define COPY_WAITS 100 /* times 10 ms for the command to end */

static pid_t start(const char *command, int from)
{
    char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)command,
                          NULL};
    posix_spawn_file_actions_t files;
    pid_t pid = -1;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, from, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null",
                                     O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null",
                                     O_WRONLY, 0);
    char **environment = process_environment(NULL, NULL);
    int failed = posix_spawn(&pid, "/bin/sh", &files, NULL, argv, environment);
    free(environment);
    posix_spawn_file_actions_destroy(&files);
    return failed ? -1 : pid;
}

/* Gives the text to the command on its stdin.  A command that goes on, as some
 * do to serve the clipboard, is left alone.  Returns its exit status. */
static int run_command(const char *command, const struct buf *text)
{
    FILE *file = tmpfile();
    int status = 0;
    if (file == NULL)
        return -1;
    bool written = fwrite(text->data, 1, text->len, file) == text->len &&
                   fflush(file) == 0;
    rewind(file);
    pid_t pid = written ? start(command, fileno(file)) : -1;
    fclose(file);
    if (pid < 0)
        return -1;
    for (int i = 0; i < COPY_WAITS; i++) {
        if (waitpid(pid, &status, WNOHANG) != 0)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        poll(NULL, 0, 10);
    }
    return 0;
}

void ui_copy(struct ui *ui, const char *what, const char *text, size_t n)
{
    const char *command = ui->arena->config.copy_command;
    struct buf clean, sequence;
    buf_init(&clean, COPY_BYTES);
    buf_init(&sequence, 2 * COPY_BYTES);
    clean_text(text, n, false, &clean);
    int status = 0;
    if (command == NULL) {
        clipboard_sequence(clean.data, clean.len, &sequence);
        tty_write(ui->tty, sequence.data, sequence.len);
    } else if (command[0] != '\0') {
        status = run_command(command, &clean);
    }
    if (command != NULL && command[0] == '\0')
        ui_say(ui, STYLE_NORMAL, "Copying is off: \"copy_command\" is empty.");
    else if (status != 0)
        ui_say(ui, STYLE_BAD, "\"%s\" failed; nothing was copied.", command);
    else
        ui_say(ui, STYLE_NORMAL, "Copied %s, %zu byte%s.", what, clean.len,
               plural_s(clean.len));
    buf_free(&clean);
    buf_free(&sequence);
}
