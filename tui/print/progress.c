#include "tui/print/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tui/clean.h"

#define PROGRESS_CELLS 24
#define PROGRESS_EVERY_MS 100
#define PROGRESS_LINE_MS 30000 /* between plain lines of a long work */
#define PROGRESS_LINE_BYTES 512

void progress_init(struct progress *p, bool plain)
{
    const char *term = getenv("TERM");
    bool dumb = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
    *p = (struct progress){
        .terminal = !plain && !dumb && isatty(STDERR_FILENO) == 1,
        .tenth = -1,
    };
}

static void add_speed(const struct progress *p, int64_t now_ms, int64_t done,
                      int64_t total, struct buf *line)
{
    double seconds = (double)(now_ms - p->begun_ms) / 1000;
    double speed = seconds > 0.5 ? (double)(done - p->begun_at) / seconds : 0;
    if (speed <= 0)
        return;
    buf_addf(line, "  %.1f MB/s", speed / 1e6);
    if (total > done)
        buf_addf(line, "  %.0f s left", (double)(total - done) / speed);
}

static void add_bar(int64_t done, int64_t total, struct buf *line)
{
    int full = (int)(done * PROGRESS_CELLS / total);
    buf_add_str(line, "  [");
    for (int i = 0; i < PROGRESS_CELLS; i++)
        buf_add_char(line, i < full ? '#' : '.');
    buf_add_char(line, ']');
}

static void draw_bar(const struct progress *p, const char *what, int64_t done,
                     int64_t total, int64_t now_ms)
{
    struct buf line;
    buf_init(&line, PROGRESS_LINE_BYTES);
    buf_add_str(&line, "\r  ");
    clean_text(what, strlen(what), true, &line);
    if (total > 0) {
        add_bar(done, total, &line);
        buf_addf(&line, " %3d%%  %.1f of %.1f MB", (int)(done * 100 / total),
                 (double)done / 1e6, (double)total / 1e6);
    } else {
        buf_addf(&line, "  %.1f MB", (double)done / 1e6);
    }
    add_speed(p, now_ms, done, total, &line);
    /* Erase what a longer line has left behind. */
    fprintf(stderr, "%s\033[K", line.data);
    fflush(stderr);
    buf_free(&line);
}

void progress_add_time(int64_t seconds, struct buf *line)
{
    if (seconds >= 3600)
        buf_addf(line, "%dh%02dm", (int)(seconds / 3600),
                 (int)(seconds / 60 % 60));
    else if (seconds >= 60)
        buf_addf(line, "%dm%02ds", (int)(seconds / 60), (int)(seconds % 60));
    else
        buf_addf(line, "%ds", (int)seconds);
}

bool progress_is_due(struct progress *p)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!p->begun) {
        p->begun = true;
        p->drawn_ms = now_ms;
        return p->terminal;
    }
    if (now_ms - p->drawn_ms <
        (p->terminal ? PROGRESS_EVERY_MS : PROGRESS_LINE_MS))
        return false;
    p->drawn_ms = now_ms;
    return true;
}

void progress_items(struct progress *p, const char *what, int64_t done,
                    int64_t total, const char *more)
{
    struct buf line;
    if (total <= 0)
        return;
    buf_init(&line, PROGRESS_LINE_BYTES);
    clean_text(what, strlen(what), true, &line);
    if (p->terminal)
        add_bar(done, total, &line);
    buf_addf(&line, "  %lld of %lld%s", (long long)done, (long long)total,
             more);
    fprintf(stderr, p->terminal ? "\r  %s\033[K" : "%s\n", line.data);
    fflush(stderr);
    p->begun = true;
    buf_free(&line);
}

static void write_line(const char *what, int64_t done, int64_t total)
{
    struct buf name;
    buf_init(&name, PROGRESS_LINE_BYTES);
    clean_text(what, strlen(what), true, &name);
    fprintf(stderr, "%s: %d%% of %.0f MB\n", name.data,
            (int)(done * 100 / total), (double)total / 1e6);
    buf_free(&name);
}

void progress_bytes(struct progress *p, const char *what, int64_t done,
                    int64_t total)
{
    int64_t now_ms = clock_monotonic_ms();
    if (total > 0 && done > total)
        done = total;
    if (!p->begun) {
        p->begun = true;
        p->begun_ms = now_ms;
        p->begun_at = done;
    }
    if (p->terminal) {
        if (now_ms - p->drawn_ms < PROGRESS_EVERY_MS && done != total)
            return;
        p->drawn_ms = now_ms;
        draw_bar(p, what, done, total, now_ms);
    } else if (total > 0) {
        int tenth = (int)(done * 10 / total);
        if (tenth <= p->tenth)
            return;
        p->tenth = tenth;
        write_line(what, done, total);
    }
}

void progress_wait(struct progress *p, const char *what)
{
    int64_t now_ms = clock_monotonic_ms();
    bool first = !p->begun;
    struct buf line;
    if (!first && (!p->terminal || now_ms - p->drawn_ms < 1000))
        return;
    if (first)
        p->begun_ms = now_ms;
    p->begun = true;
    if (!p->terminal) {
        if (isatty(STDERR_FILENO) == 1)
            fprintf(stderr, "%s ...\n", what);
        return;
    }
    p->drawn_ms = now_ms;
    buf_init(&line, PROGRESS_LINE_BYTES);
    clean_text(what, strlen(what), true, &line);
    buf_add_str(&line, "  ");
    progress_add_time((now_ms - p->begun_ms) / 1000, &line);
    fprintf(stderr, "\r  %s\033[K", line.data);
    fflush(stderr);
    buf_free(&line);
}

int progress_due_ms(const struct progress *p)
{
    return p->terminal ? 1000 : -1;
}

void progress_erase(struct progress *p)
{
    if (p->terminal && p->begun)
        fputs("\r\033[K", stderr);
    p->begun = false;
}

void progress_end(struct progress *p)
{
    if (p->terminal && p->begun)
        fputc('\n', stderr);
    p->begun = false;
    p->tenth = -1;
}
