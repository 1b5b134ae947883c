#include "tui/print/plain.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "arena/store/reasons.h"
#include "arena/store/verdict.h"
#include "base/clock.h"
#include "tui/clean.h"
#include "tui/hook.h"
#include "tui/print/ballot.h"
#include "tui/print/progress.h"
#include "tui/print/reveal.h"
#include "tui/session.h"
#include "tui/terminal/tty.h"
#include "tui/wrap.h"

#define PLAIN_TEXT_BYTES (64u << 20)
#define PLAIN_MAX_COLUMNS 100

int plain_wait(const struct invocation *in, struct arena *a, struct battle *b,
               struct err *e)
{
    int wait_ms;
    struct progress progress;
    progress_init(&progress, in->plain);
    for (;;) {
        battle_step(b, clock_monotonic_ms(), &wait_ms);
        if (battle_state(b) != BATTLE_STREAMING)
            break;
        if (in->verbose >= 0)
            progress_wait(&progress, "A and B are answering");
        struct pollfd wake = {.fd = a->wake[0], .events = POLLIN};
        if (poll(&wake, 1, clock_sooner_ms(wait_ms,
                                           progress_due_ms(&progress))) > 0)
            arena_drain_wake(a);
    }
    progress_erase(&progress);
    /* Nobody steps it from here on.  If this fails the vote tries again. */
    battle_settle(b, NULL);
    if (battle_state(b) == BATTLE_VOID)
        return err_set(e, ERR_BACKEND, "one side failed, so battle %" PRId64
                       " is void; \"arena show %" PRId64 "\" tells why",
                       battle_id(b), battle_id(b));
    return 0;
}

/* The stream for what a person reads. */
static FILE *page(const struct invocation *in)
{
    return in->json ? stderr : stdout;
}

/* How wide to break lines; 0: leave them as they are. */
static int page_columns(FILE *to)
{
    int columns = tty_columns(fileno(to));
    return columns < PLAIN_MAX_COLUMNS ? columns : PLAIN_MAX_COLUMNS;
}

static void print_text(FILE *to, const char *s, size_t n)
{
    int columns = page_columns(to);
    size_t blank = clean_blank_start(s, n);
    s += blank;
    n -= blank;
    if (columns == 0) {
        struct buf b;
        buf_init(&b, PLAIN_TEXT_BYTES);
        clean_text(s, n, false, &b);
        fwrite(b.data, 1, b.len, to);
        if (b.len == 0 || b.data[b.len - 1] != '\n')
            putc('\n', to);
        buf_free(&b);
        return;
    }
    struct wrap w;
    wrap_init(&w, columns);
    wrap_add(&w, s, n);
    wrap_end(&w);
    for (size_t i = 0; i < w.n_lines; i++) {
        fwrite(w.text.data + w.lines[i].start, 1, w.lines[i].n, to);
        putc('\n', to);
    }
    wrap_free(&w);
}

static void print_name(FILE *to, const char *name)
{
    struct buf b;
    buf_init(&b, PLAIN_TEXT_BYTES);
    clean_text(name, strlen(name), true, &b);
    fputs(b.data, to);
    buf_free(&b);
}

static void print_heading(FILE *to, const struct battle *b,
                          enum battle_side side)
{
    const char *name = battle_compare_name(b, side);
    fprintf(to, "\n--- %c ", 'A' + (int)side);
    if (name != NULL) {
        print_name(to, name);
        putc(' ', to);
    }
    fputs("---\n", to);
}

void plain_show(const struct invocation *in, const struct battle *b)
{
    FILE *to = page(in);
    for (int turn = 1; turn < battle_turn(b); turn++) {
        const char *prompt = battle_past_prompt(b, turn);
        fputs("> ", to);
        print_text(to, prompt, strlen(prompt));
        for (int side = 0; side < SIDE_N; side++) {
            const char *text = battle_past_text(b, turn, side);
            print_heading(to, b, side);
            print_text(to, text, strlen(text));
        }
        putc('\n', to);
    }
    fputs("> ", to);
    print_text(to, battle_prompt(b), strlen(battle_prompt(b)));
    for (int side = 0; side < SIDE_N; side++) {
        size_t n;
        const char *text = battle_text(b, side, &n);
        print_heading(to, b, side);
        print_text(to, text, n);
    }
    putc('\n', to);
    fflush(to);
}

static void print_reveal(const struct battle *b, enum rating_outcome verdict)
{
    const struct battle_reveal_side *sides = battle_reveal(b);
    bool ascii = reveal_is_ascii();
    struct buf name[SIDE_N], line;
    int width = 0;
    for (int i = 0; i < SIDE_N; i++) {
        buf_init(&name[i], 4096);
        clean_text(sides[i].name, strlen(sides[i].name), true, &name[i]);
        int columns = wrap_columns(name[i].data, name[i].len);
        width = columns > width ? columns : width;
    }
    printf("%s (battle %" PRId64 "). %s\n", reveal_verdict(verdict),
           battle_id(b), reveal_saved(b));
    buf_init(&line, 4096);
    for (int i = 0; i < SIDE_N; i++) {
        int pad = width - wrap_columns(name[i].data, name[i].len);
        buf_clear(&line);
        buf_addf(&line, "  %c  %s%*s  ", 'A' + i, name[i].data, pad, "");
        if (reveal_is_rated(b)) {
            reveal_rating(&sides[i], ascii, &line);
            buf_add_str(&line, "  ");
            reveal_change(&sides[i], ascii, &line);
            buf_add_str(&line, "  ");
        }
        reveal_usage(sides[i].end, 0, &line);
        puts(line.data);
        buf_free(&name[i]);
    }
    buf_free(&line);
}

static void print_json(const struct battle *b, const char *verdict)
{
    struct buf out;
    buf_init(&out, PLAIN_TEXT_BYTES);
    reveal_battle_json(b, verdict, &out);
    puts(out.data);
    buf_free(&out);
}

/* A line that was typed before the question is no answer to it: whoever typed
 * it had not seen the answers.  A pipe or a file may be ahead. */
static void drop_early_lines(FILE *votes)
{
    if (tty_drop_typed(fileno(votes)))
        fputs("What was typed before this question is dropped.\n", stderr);
}

/* Reads lines until one is a vote; a machine gets one try. */
static int ask(const struct battle *b, FILE *votes, enum plain_end *end,
               struct ballot *ballot, struct err *e)
{
    bool person = isatty(fileno(votes)) && isatty(STDERR_FILENO);
    struct buf line;
    buf_init(&line, BALLOT_MAX_BYTES);
    int result = 0;
    for (;;) {
        drop_early_lines(votes);
        if (person) {
            fputs("Which is better?  a, b, t (tie), x (both bad), s (skip); "
                  "#tags; why: ", stderr);
            fflush(stderr);
        }
        *end = PLAIN_LEFT;
        if (!session_read_line(votes, &line))
            break;
        ballot_read(ballot, line.data);
        *end = ballot->word == BALLOT_SKIP ? PLAIN_SKIPPED : PLAIN_VOTED;
        if (ballot->word != BALLOT_UNKNOWN && !line.overflow)
            break;
        if (!person) {
            result = err_set(e, ERR_USAGE, "\"%.100s\" is not a vote (a, b, "
                             "t, x, s); battle %" PRId64 " waits for one",
                             line.data, battle_id(b));
            break;
        }
        fputs("Not a vote: want a, b, t, x or s; behind it only #tags or ; a "
              "comment.\n", stderr);
    }
    if (person && *end == PLAIN_LEFT)
        putc('\n', stderr);
    buf_free(&line);
    return result;
}

/* The vote is stored; a hook that fails is told of and fails nothing. */
static void tell_hook(const struct arena *a, const struct battle *b,
                      enum rating_outcome verdict)
{
    struct hooks hooks = {.n = 0};
    struct err e;
    if (reveal_tell_hook(&hooks, a->config.vote_hook, b, verdict, &e) != 0 ||
        hooks_finish(&hooks, &e) != 0)
        session_say_error(&e);
}

static int skip(const struct invocation *in, struct battle *b, struct err *e)
{
    if (battle_skip(b, e) != 0)
        return -1;
    if (in->json)
        print_json(b, "skip");
    else
        puts("Skipped: stored, not rated.");
    return 0;
}

static int vote(const struct invocation *in, struct arena *a, struct battle *b,
                enum rating_outcome verdict, int64_t dwell_ms, struct err *e)
{
    if (battle_vote(b, verdict, dwell_ms, e) != 0)
        return -1;
    if (in->json)
        print_json(b, verdict_name(verdict));
    else
        print_reveal(b, verdict);
    fflush(stdout);
    tell_hook(a, b, verdict);
    return 0;
}

static int keep_reason(struct arena *a, const struct battle *b,
                       const struct ballot *ballot, struct err *e)
{
    if (ballot->tags.len == 0 && ballot->comment.len == 0)
        return 0;
    return reason_put(a->store, battle_id(b), a->voter, ballot->tags.data,
                      ballot->comment.data, e);
}

int plain_vote(const struct invocation *in, struct arena *a, struct battle *b,
               FILE *votes, enum plain_end *end, struct err *e)
{
    struct ballot ballot;
    int64_t shown_ms = clock_monotonic_ms();
    ballot_init(&ballot);
    int result = ask(b, votes, end, &ballot, e);
    if (result == 0 && *end == PLAIN_SKIPPED)
        result = skip(in, b, e);
    else if (result == 0 && *end == PLAIN_VOTED)
        result = vote(in, a, b, ballot.verdict,
                      clock_monotonic_ms() - shown_ms, e);
    if (result == 0 && *end != PLAIN_LEFT)
        result = keep_reason(a, b, &ballot, e);
    ballot_free(&ballot);
    return result;
}

int plain_fight(const struct invocation *in, struct arena *a,
                const struct battle_spec *spec, FILE *votes,
                enum plain_end *end, int64_t *id, struct err *e)
{
    struct battle *b;
    a->config.pace = PACE_HOLD; /* both are printed when both are done */
    if (battle_open(&b, a, spec, e) != 0)
        return -1;
    *id = battle_id(b);
    session_say_notes(in, a);
    int result = plain_wait(in, a, b, e);
    if (result == 0) {
        plain_show(in, b);
        result = plain_vote(in, a, b, votes, end, e);
    }
    if (result == 0 && *end == PLAIN_LEFT)
        result = battle_settle(b, e);
    battle_close(b);
    return result;
}
