#include "tui/terminal/tty.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#undef columns /* term.h makes macros of common words */
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/wake.h"
#include "tui/terminal/cells.h"

#define TTY_READ_BYTES 4096
#define TTY_ORPHAN_MS 50
#define TTY_PASTE_ON "\x1B[?2004h"
#define TTY_PASTE_OFF "\x1B[?2004l"
#define TTY_MOUSE_ON "\x1B[?1000h\x1B[?1006h" /* buttons and wheel, as SGR */
#define TTY_MOUSE_OFF "\x1B[?1006l\x1B[?1000l"
#define TTY_ASK_BACKGROUND "\x1B]11;?\x1B\\"
#define TTY_STEADY_BLOCK 2 /* of DECSCUSR */

struct tty {
    SCREEN *screen;
    struct termios before; /* as we found it */
    struct keys keys;
    struct cells cells;
    bool colored;
    bool asked;      /* the terminal was asked for its background */
    bool steady;     /* the cursor does not blink while it is ours */
    bool relooked;   /* it has answered, and the colours are new */
    bool ascii;
    bool waited;     /* the rest of an incomplete key will not come */
    bool away;       /* another program has the terminal */
    bool gone;       /* the terminal hung up */
    int64_t read_ms; /* when bytes last came */
};

/* The state that signal handlers need.  It is static because a process has one
 * terminal and one set of handlers. */
static struct {
    volatile sig_atomic_t resized, stopped, ended, active;
    int wake[2];
    struct termios before;
    char restore[256]; /* the bytes that leave full screen */
    size_t n_restore;
} tty_signals = {.wake = {-1, -1}};

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define N_ENDING (sizeof(ending_signals) / sizeof(ending_signals[0]))
#define N_FATAL (sizeof(fatal_signals) / sizeof(fatal_signals[0]))

/* --- signals ----------------------------------------------------------- */

/* Calls only functions that POSIX allows in a handler. */
static void restore_now(void)
{
    if (!tty_signals.active)
        return;
    tty_signals.active = 0;
    (void)!write(STDOUT_FILENO, tty_signals.restore, tty_signals.n_restore);
    tcsetattr(STDIN_FILENO, TCSANOW, &tty_signals.before);
}

static void on_fatal(int sig)
{
    restore_now();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void on_signal(int sig)
{
    int saved = errno;
    if (sig == SIGWINCH) {
        tty_signals.resized = 1;
    } else if (sig == SIGTSTP) {
        tty_signals.stopped = 1;
    } else if (tty_signals.ended) { /* the second signal: end at once */
        restore_now();
        signal(sig, SIG_DFL);
        raise(sig);
    } else {
        tty_signals.ended = sig;
    }
    (void)!write(tty_signals.wake[1], "", 1);
    errno = saved;
}

static void set_handler(int sig, void (*handler)(int), bool only_default)
{
    struct sigaction old, new = {.sa_handler = handler};
    sigemptyset(&new.sa_mask);
    if (handler == on_fatal)
        new.sa_flags = SA_NODEFER;
    if (only_default && sigaction(sig, NULL, &old) == 0 &&
        (old.sa_flags & SA_SIGINFO || old.sa_handler != SIG_DFL))
        return; /* a sanitizer's handler, which reports and then aborts */
    sigaction(sig, &new, NULL);
}

static void catch_signals(void)
{
    set_handler(SIGWINCH, on_signal, false);
    set_handler(SIGTSTP, on_signal, false);
    for (size_t i = 0; i < N_ENDING; i++)
        set_handler(ending_signals[i], on_signal, false);
    for (size_t i = 0; i < N_FATAL; i++)
        set_handler(fatal_signals[i], on_fatal, true);
}

static void release_signals(void)
{
    signal(SIGWINCH, SIG_DFL);
    signal(SIGTSTP, SIG_DFL);
    for (size_t i = 0; i < N_ENDING; i++)
        signal(ending_signals[i], SIG_DFL);
}

static bool has_text(const char *capability)
{
    const char *s = tigetstr(capability);
    return s != NULL && s != (char *)-1;
}

static void add_restore(const char *s)
{
    size_t n = s != NULL && s != (char *)-1 ? strlen(s) : 0;
    if (n > 0 && tty_signals.n_restore + n <= sizeof(tty_signals.restore)) {
        memcpy(tty_signals.restore + tty_signals.n_restore, s, n);
        tty_signals.n_restore += n;
    }
}

/* --- looks ------------------------------------------------------------- */

static bool want_color(int color)
{
    const char *no = getenv("NO_COLOR"); /* https://no-color.org */
    if (color >= 0)
        return color == 1;
    return no == NULL || no[0] == '\0';
}

/* Terminals that would print the question. */
static bool takes_questions(void)
{
    const char *name = getenv("TERM");
    return name != NULL && strncmp(name, "linux", 5) != 0 &&
           strncmp(name, "vt", 2) != 0;
}

/* Chooses what is sure, and asks the terminal for the rest. */
static void choose_looks(struct tty *t, const struct tty_wishes *w)
{
    t->colored = want_color(w->color) && has_colors();
    if (t->colored) {
        start_color();
        use_default_colors();
    }
    int light = w->light >= 0 ? w->light
                              : looks_background(getenv("COLORFGBG"));
    t->asked = t->colored && light < 0 && takes_questions();
    looks_choose(&t->cells.looks, t->colored, light > 0);
}

/* --- opening and closing ----------------------------------------------- */

static void set_modes(void)
{
    cbreak();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    struct termios mode;
    if (tcgetattr(STDIN_FILENO, &mode) == 0) {
        mode.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR);
        mode.c_cc[VMIN] = 1;
        mode.c_cc[VTIME] = 0;
        mode.c_cc[VSUSP] = _POSIX_VDISABLE; /* see is_stop */
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
        def_prog_mode();
    }
}

static void say(const char *s)
{
    fflush(stdout);
    (void)!write(STDOUT_FILENO, s, strlen(s));
}

/* Sets what shows and sends input as it is while the terminal is ours; or gives
 * it back. */
static void take_input(const struct tty *t, bool ours)
{
    if (t->steady)
        say(ours ? tparm(tigetstr("Ss"), TTY_STEADY_BLOCK) : tigetstr("Se"));
    say(ours ? TTY_PASTE_ON : TTY_PASTE_OFF);
    if (t->keys.mouse)
        say(ours ? TTY_MOUSE_ON : TTY_MOUSE_OFF);
}

static void fit_size(struct tty *t)
{
    cells_forget(&t->cells); /* curses cuts what does not fit */
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
        size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
}

int tty_check(struct err *e)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(e, ERR_USAGE, "the full screen needs a terminal; "
                       "arena battle works without one");
    const char *name = getenv("TERM");
    int status = 0;
    if (name == NULL || name[0] == '\0')
        return err_set(e, ERR_USAGE, "TERM is not set, so what the terminal "
                       "can do is not known; set it, or use arena battle");
    if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
        return err_set(e, ERR_USAGE, "TERM=%s: no such terminal is known "
                       "here; set another, or use arena battle", name);
    bool placed = has_text("cup");
    del_curterm(cur_term); /* newterm makes its own */
    if (!placed)
        return err_set(e, ERR_USAGE, "TERM=%s: this terminal cannot place "
                       "the cursor; use arena battle or arena --plain", name);
    return 0;
}

int tty_open(struct tty **out, const struct tty_wishes *w, struct err *e)
{
    if (tty_check(e) != 0)
        return -1;
    if (tty_signals.wake[0] < 0 && wake_open(tty_signals.wake, e) != 0)
        return -1;
    struct tty *t = mem_calloc(1, sizeof(*t));
    tcgetattr(STDIN_FILENO, &t->before);
    t->screen = newterm(NULL, stdout, stdin);
    if (t->screen == NULL) {
        free(t);
        return err_set(e, ERR_USAGE, "the terminal cannot be used in full "
                       "screen; use arena battle");
    }
    t->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    keys_init(&t->keys);
    tty_signals.before = t->before;
    tty_signals.n_restore = 0;
    add_restore(TTY_PASTE_OFF);
    if (w->mouse)
        add_restore(TTY_MOUSE_OFF);
    if (w->steady)
        add_restore(tigetstr("Se"));
    add_restore(tigetstr("sgr0"));
    add_restore(tigetstr("rmcup"));
    add_restore(tigetstr("cnorm"));
    tty_signals.ended = tty_signals.resized = tty_signals.stopped = 0;
    tty_signals.active = 1;
    atexit(restore_now);
    catch_signals();
    set_modes();
    typeahead(-1);
    choose_looks(t, w);
    t->steady = w->steady && has_text("Ss") && has_text("Se");
    t->keys.mouse = w->mouse;
    take_input(t, true);
    fit_size(t);
    if (t->asked)
        say(TTY_ASK_BACKGROUND);
    *out = t;
    return 0;
}

/* Whether we may change the terminal.  In the background that would stop us. */
static bool is_in_front(void)
{
    pid_t front = tcgetpgrp(STDIN_FILENO);
    return front < 0 || front == getpgrp();
}

void tty_leave(struct tty *t)
{
    if (t->away)
        return;
    t->away = true;
    take_input(t, false);
    endwin();
    if (!t->gone)
        tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
    tty_signals.active = 0;
}

void tty_return(struct tty *t)
{
    if (tty_signals.ended && !is_in_front())
        return;
    t->away = false;
    tty_signals.active = 1;
    catch_signals();
    reset_prog_mode();
    set_modes();
    take_input(t, true);
    fit_size(t);
    clearok(curscr, TRUE);
}

/* Stops our process group, unless a signal is to end us.  SIGTSTP is blocked
 * until that is known.  If the ending signal comes later, the SIGCONT that a
 * shell's "kill" sends with it cancels the blocked stop. */
static void stop_group(void)
{
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    pthread_sigmask(SIG_BLOCK, &stop, &before);
    kill(0, SIGTSTP);
    if (tty_signals.ended)
        signal(SIGTSTP, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &before, NULL); /* here we stop */
}

bool tty_stop(struct tty *t)
{
    struct termios modes;
    bool known = tcgetattr(STDIN_FILENO, &modes) == 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
    signal(SIGTSTP, SIG_DFL);
    /* After a shell's "bg" we run without the terminal, so we stop again.
     * After its "kill" we run in order to end, and must not wait for the
     * terminal. */
    do {
        stop_group();
        if (!tty_signals.ended && !is_in_front())
            poll(NULL, 0, TTY_ORPHAN_MS); /* the kernel stops no orphan */
    } while (!tty_signals.ended && !is_in_front());
    set_handler(SIGTSTP, on_signal, false);
    if (!is_in_front())
        signal(SIGTTOU, SIG_IGN); /* our last output must not stop us */
    else if (known)
        tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    return !tty_signals.ended;
}

void tty_close(struct tty *t)
{
    if (t == NULL)
        return;
    tty_leave(t);
    release_signals();
    delscreen(t->screen);
    keys_free(&t->keys);
    cells_free(&t->cells);
    free(t);
}

bool tty_is_ascii(const struct tty *t)
{
    return t->ascii;
}

int tty_columns(int fd)
{
    struct winsize size;
    bool known = isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0;
    return known && size.ws_col > 1 ? size.ws_col : 0;
}

bool tty_drop_typed(int fd)
{
    struct pollfd typed = {.fd = fd, .events = POLLIN};
    if (!isatty(fd))
        return false;
    bool line = poll(&typed, 1, 0) == 1 && typed.revents == POLLIN;
    tcflush(fd, TCIFLUSH);
    return line;
}

void tty_size(const struct tty *t, int *rows, int *columns)
{
    (void)t;
    getmaxyx(stdscr, *rows, *columns);
}

/* --- output ------------------------------------------------------------ */

void tty_show(struct tty *t, const struct draw *d, bool afresh)
{
    if (t->away)
        return;
    if (afresh)
        clearok(curscr, TRUE);
    cells_show(&t->cells, d, afresh);
    bool hidden = d->cursor_row < 0;
    curs_set(hidden ? 0 : 1);
    leaveok(stdscr, hidden); /* a hidden cursor need not go anywhere */
    move(hidden ? 0 : d->cursor_row, hidden ? 0 : d->cursor_column);
    refresh();
}

void tty_write(struct tty *t, const char *bytes, size_t n)
{
    fflush(stdout);
    while (!t->away && n > 0) {
        ssize_t sent = write(STDOUT_FILENO, bytes, n);
        if (sent < 0 && errno != EINTR)
            return;
        bytes += sent > 0 ? sent : 0;
        n -= sent > 0 ? (size_t)sent : 0;
    }
}

/* --- input ------------------------------------------------------------- */

static void read_keys(struct tty *t)
{
    char bytes[TTY_READ_BYTES];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
    if (n > 0) {
        keys_feed(&t->keys, bytes, (size_t)n);
        t->read_ms = clock_monotonic_ms();
        t->waited = false;
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        t->gone = true;
    }
}

void tty_wait(struct tty *t, int wake_fd, int timeout_ms)
{
    int keys_ms = keys_wait_ms(&t->keys);
    if (keys_ms >= 0) {
        int64_t left = t->read_ms + keys_ms - clock_monotonic_ms();
        keys_ms = left > 0 ? (int)left : 0;
        timeout_ms = clock_sooner_ms(timeout_ms, keys_ms);
    }
    if (tty_has_ended(t))
        return;
    struct pollfd fds[] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = tty_signals.wake[0], .events = POLLIN},
        {.fd = wake_fd, .events = POLLIN},
    };
    int n = poll(fds, 3, timeout_ms);
    if (n > 0 && fds[1].revents & POLLIN)
        wake_drain(tty_signals.wake[0]);
    if (n > 0 && fds[0].revents & POLLIN)
        read_keys(t);
    else if (n > 0 && fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
        t->gone = true;
    else if (keys_wait_ms(&t->keys) >= 0 &&
             clock_monotonic_ms() - t->read_ms >= keys_wait_ms(&t->keys))
        t->waited = true;
}

/* What the terminal says of its background. */
static void take_reply(struct tty *t, const struct key *k)
{
    int light = t->asked ? looks_reply(k->text, k->n) : -1;
    if (light < 0)
        return;
    t->asked = false;
    if (light == 0)
        return; /* as was assumed when it was asked */
    looks_choose(&t->cells.looks, t->colored, true);
    t->relooked = true;
    (void)!write(tty_signals.wake[1], "", 1);
}

/* Whether a key is the one that stops programs (^Z).  It comes as a key because
 * the terminal would stop our parents at once, those that make started say: the
 * shell then writes into our screen, and we into its line. */
static bool is_stop(const struct tty *t, const struct key *k)
{
    cc_t stop = t->before.c_cc[VSUSP];
    return stop != _POSIX_VDISABLE && k->code == stop;
}

bool tty_key(struct tty *t, struct key *out)
{
    bool whole = keys_next(&t->keys, t->waited, out);
    while (whole && out->code == KEYS_REPLY) {
        take_reply(t, out);
        whole = keys_next(&t->keys, t->waited, out);
    }
    if (!whole) {
        t->waited = false;
    } else if (is_stop(t, out)) {
        raise(SIGTSTP); /* tty_event takes it, and then come the other keys */
        return false;
    }
    return whole;
}

static void suspend(struct tty *t)
{
    tty_leave(t);
    tty_stop(t);
    tty_return(t);
}

bool tty_has_ended(const struct tty *t)
{
    return tty_signals.ended || t->gone;
}

enum tty_event tty_event(struct tty *t)
{
    if (tty_has_ended(t))
        return TTY_ENDED;
    if (tty_signals.stopped) {
        tty_signals.stopped = 0;
        suspend(t);
        return tty_has_ended(t) ? TTY_ENDED : TTY_RESUMED;
    }
    if (t->relooked) {
        t->relooked = false;
        return TTY_RESUMED;
    }
    if (tty_signals.resized) {
        tty_signals.resized = 0;
        fit_size(t);
        return TTY_RESIZED;
    }
    return TTY_NOTHING;
}
