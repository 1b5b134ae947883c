/* Whether an answer that another program made at temperature 0 of the same
 * weights is one that our engine would give, but for near-ties: two programs
 * that round differently may choose differently between tokens that are as good
 * as equally likely, and from there on their texts differ.
 *
 *     follow WEIGHTS SYSTEM PROMPT NATS stop|length <ANSWER
 *
 * Our engine reads the answer along, token by token, for as long as each is its
 * own choice.  The first that is not has to be a near-tie: less likely than our
 * choice by fewer than NATS, by our log-probabilities.  Of the tokens that the
 * rest of the answer can begin with, the likeliest one is taken.  An answer
 * that was not cut ("stop") ends with one more token.  Prints one line; status
 * 0, or 1 if it was no near-tie. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/engine.h"
#include "backends/engine/kernels/pool.h"
#include "base/mem.h"

enum { MAX_ANSWER = 1 << 20 };

struct follow {
    struct engine *engine;
    struct engine_session *session;
    int n_vocab;
    const char *rest; /* of the answer */
    int n_tokens;     /* that were our own choice */
    bool parted;
    double behind;          /* nats, of theirs where they parted */
    struct buf own, theirs; /* what the two chose there */
};

static int32_t best_token(const struct follow *f, const float *logits)
{
    int32_t best = 0;
    for (int32_t i = 1; i < f->n_vocab; i++)
        if (logits[i] > logits[best])
            best = i;
    return best;
}

/* The likeliest token that the rest of the answer begins with; -1: none.  *n:
 * its bytes. */
static int32_t their_token(const struct follow *f, const float *logits,
                           size_t *n)
{
    struct buf piece;
    int32_t best = -1;
    buf_init(&piece, MAX_ANSWER);
    for (int32_t i = 0; i < f->n_vocab; i++) {
        if (best >= 0 && logits[i] <= logits[best])
            continue;
        buf_clear(&piece);
        engine_piece(f->engine, i, false, &piece);
        if (piece.len > 0 &&
            strncmp(f->rest, piece.data, piece.len) == 0) {
            best = i;
            *n = piece.len;
        }
    }
    buf_free(&piece);
    return best;
}

static void part(struct follow *f, const float *logits, int32_t own,
                 double theirs, const char *bytes, size_t n)
{
    f->parted = true;
    f->behind = (double)logits[own] - theirs;
    engine_piece(f->engine, own, true, &f->own);
    buf_add(&f->theirs, bytes, n);
}

/* Reads one token of the answer.  0, or -1. */
static int follow_token(struct follow *f, struct err *e)
{
    const float *logits = engine_session_logits(f->session);
    size_t n = 0;
    int32_t own = best_token(f, logits), theirs = their_token(f, logits, &n);
    if (theirs < 0)
        return err_set(e, ERR_FORMAT, "no token makes \"%.20s\"", f->rest);
    if (own != theirs) {
        part(f, logits, own, (double)logits[theirs], f->rest, n);
        return 0;
    }
    f->n_tokens++;
    f->rest += n;
    struct engine_feed feed = {.session = f->session, .ids = &own, .n_ids = 1};
    return engine_eval(f->engine, &feed, 1, e);
}

/* The answer was not cut, so its next token is an end. */
static void follow_end(struct follow *f)
{
    const float *logits = engine_session_logits(f->session);
    int32_t own = best_token(f, logits);
    double end = -INFINITY;
    for (int32_t i = 0; i < f->n_vocab; i++)
        if (engine_is_end(f->engine, i))
            end = fmax(end, (double)logits[i]);
    if (!engine_is_end(f->engine, own))
        part(f, logits, own, end, "the end", 7);
}

static int begin(struct follow *f, const char *path, const char *system,
                 const char *prompt, struct err *e)
{
    struct engine_options options = {.pool = pool_open(0)};
    struct message messages[] = {{"system", system}, {"user", prompt}};
    struct rendering how = {.clock = 0};
    struct token_list ids = {0};
    if (engine_open(&f->engine, path, &options, e) != 0 ||
        engine_session_open(&f->session, f->engine, 0, ENGINE_KV_F16,
                            e) != 0 ||
        engine_render(f->engine, &how, messages, 2, NULL, &ids, e) != 0)
        return -1;
    f->n_vocab = engine_info(f->engine)->n_vocab;
    struct engine_feed feed = {.session = f->session, .ids = ids.ids,
                               .n_ids = ids.n};
    int result = engine_eval(f->engine, &feed, 1, e);
    token_list_free(&ids);
    return result;
}

static void print_result(const struct follow *f)
{
    printf("%d tokens are our own choice", f->n_tokens);
    if (f->parted)
        printf(", then \"%s\" for our \"%s\", %.3f nats behind",
               f->theirs.data, f->own.data, f->behind);
    printf("\n");
}

int main(int argc, char **argv)
{
    static char answer[MAX_ANSWER];
    struct follow f = {0};
    struct err e = {0};
    if (argc != 6) {
        fprintf(stderr, "usage: follow WEIGHTS SYSTEM PROMPT NATS "
                        "stop|length <ANSWER\n");
        return 2;
    }
    answer[fread(answer, 1, sizeof(answer) - 1, stdin)] = '\0';
    f.rest = answer;
    buf_init(&f.own, MAX_ANSWER);
    buf_init(&f.theirs, MAX_ANSWER);
    int result = begin(&f, argv[1], argv[2], argv[3], &e);
    while (result == 0 && !f.parted && *f.rest != '\0')
        result = follow_token(&f, &e);
    if (result != 0) {
        fprintf(stderr, "follow: %s\n", e.text);
        return 1;
    }
    if (!f.parted && strcmp(argv[5], "stop") == 0)
        follow_end(&f);
    print_result(&f);
    return f.behind < strtod(argv[4], NULL) ? 0 : 1;
}
