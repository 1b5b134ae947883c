/* main: from the command line to one verb and back to an exit status. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/path.h"
#include "base/process.h"
#include "tui/clean.h"
#include "tui/command.h"

#define MAIN_DEFAULT (&command_tui)

#define MAIN_LINE_BYTES 300 /* an error is one line that a person reads */

/* If a standard descriptor is closed, the next open file would get its number,
 * and output would go into the database.  The stand-in for stdout cannot be
 * written, so that lost output is noticed. */
static void hold_standard_files(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", O_RDONLY);
}

static void print_error(const struct err *e)
{
    struct buf line;
    buf_init(&line, 8 * sizeof(e->text));
    clean_text(e->text, strlen(e->text), true, &line);
    if (line.len > MAIN_LINE_BYTES) {
        size_t cut = MAIN_LINE_BYTES;
        while (cut > 0 && ((unsigned char)line.data[cut] & 0xC0) == 0x80)
            cut--;
        buf_cut(&line, cut);
        buf_add_str(&line, "...");
    }
    fprintf(stderr, "arena: %s\n", line.data);
    buf_free(&line);
}

/* Whether the reader of our stdout is gone, as in `arena history | head`. */
static bool reader_left(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0;
}

static int finish(int result, int exit_status, const struct err *e)
{
    errno = 0;
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    int why = errno;
    if (lost && (why == EPIPE || reader_left()))
        return result == 0 ? 1 : err_exit_status(e->code);
    if (result != 0) {
        print_error(e);
        return err_exit_status(e->code);
    }
    if (lost) {
        fprintf(stderr, "arena: cannot write to stdout%s%s\n", why ? ": " : "",
                why ? strerror(why) : "");
        return 1;
    }
    return exit_status;
}

static int describe(const struct command *c)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    command_describe(c, &text);
    fputs(text.data, stdout);
    buf_free(&text);
    return 0;
}

/* *exit_status: of a run that returns 0. */
static int dispatch(int argc, char **argv, int *exit_status, struct err *e)
{
    struct invocation in;
    bool help, version;
    if (command_line(&in, argc, argv, &help, &version, e) != 0)
        return -1;
    if (help)
        return describe(in.command);
    if (version) {
        in.command = &command_version;
        in.argc = 1;
    } else if (in.command == NULL) {
        in.command = MAIN_DEFAULT;
    }
    if (!in.command->no_folders && path_check_home(e) != 0)
        return -1;
    int result = in.command->run(&in, e);
    *exit_status = in.exit_status;
    return result;
}

/* A UTF-8 locale that is asked for but not installed (over ssh, in a container)
 * is UTF-8 all the same. */
static void set_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *name = NULL;
    if (setlocale(LC_CTYPE, "") != NULL)
        return;
    for (size_t i = 0; i < 3 && (name == NULL || *name == '\0'); i++)
        name = getenv(variables[i]);
    const char *charset = name != NULL ? strchr(name, '.') : NULL;
    if (charset != NULL && (strncasecmp(charset, ".utf-8", 6) == 0 ||
                            strncasecmp(charset, ".utf8", 5) == 0))
        setlocale(LC_CTYPE, "C.UTF-8");
}

int main(int argc, char **argv)
{
    struct err e = {.code = ERR_NONE};
    hold_standard_files();
    process_forbid_core();
    set_locale();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its size limit is an error to tell */
    int exit_status = 0;
    int result = dispatch(argc, argv, &exit_status, &e);
    return finish(result, exit_status, &e);
}
