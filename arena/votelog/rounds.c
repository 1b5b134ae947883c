#include "arena/votelog/rounds.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "arena/votelog/csv.h"
#include "base/mem.h"

/* A chunk smaller than this is not worth a thread. */
enum { CHUNK_BYTES = 1 << 20 };

/* What a thread reads in a round. */
enum { ROUND_BYTES = 1 << 21 };

static void *run_chunk(void *arg)
{
    votelog_csv_rows(arg);
    return NULL;
}

/* Reads chunks 1.. each in a thread of its own, and chunk 0 here. */
static void run_chunks(struct chunk *chunks, int n)
{
    pthread_t threads[VOTELOG_MAX_CHUNKS];
    bool started[VOTELOG_MAX_CHUNKS] = {false};
    for (int k = 1; k < n; k++)
        started[k] =
            pthread_create(&threads[k], NULL, run_chunk, &chunks[k]) == 0;
    run_chunk(&chunks[0]);
    for (int k = 1; k < n; k++) {
        if (started[k])
            pthread_join(threads[k], NULL);
        else
            run_chunk(&chunks[k]); /* no thread to be had: do it here */
    }
}

/* Adds up what the chunks found, after reading those again that began at a
 * line break within quotes. */
static int join_chunks(struct chunk *chunks, int n, uint64_t *line,
                       struct err *e)
{
    for (int k = 0; k < n; k++) {
        struct chunk *c = &chunks[k];
        if (k > 0 && c->first != chunks[k - 1].after) {
            c->from = chunks[k - 1].after;
            chunk_close(c);
            if (!c->is_buffered)
                c->sink->restart(c->sink->arg, k);
            if (chunk_start(c, e) != 0)
                return -1;
            c->first = c->from;
            votelog_csv_rows(c);
        }
        if (c->status != 0) {
            *e = c->error;
            return -1;
        }
        if (chunk_join(c, *line, e) != 0)
            return -1;
        *line += c->line;
    }
    return 0;
}

/* Reads bytes [begin, end), divided evenly; end is the size of the file, or
 * rows may go on behind it. */
static int read_chunks(struct chunk *whole, struct chunk *chunks, int n,
                       off_t begin, off_t end, struct err *e)
{
    int status = 0;
    for (int k = 0; k < n; k++) {
        struct chunk *c = &chunks[k];
        struct votelog_buffer pending = c->pending;
        *c = *whole;
        c->pending = pending;
        c->window.data = NULL;
        c->window.gunzip = NULL;
        c->index = k;
        c->from = begin + (end - begin) / n * k;
        c->to = k + 1 < n ? begin + (end - begin) / n * (k + 1) : end;
        c->first = k == 0 ? c->from : -1;
        if (chunk_start(c, e) != 0)
            status = -1;
    }
    if (whole->window.at < 0) { /* what is in it cannot be read again */
        chunks[0].window = whole->window;
        whole->window.data = NULL;
        whole->window.gunzip = NULL;
    }
    if (status == 0) {
        run_chunks(chunks, n);
        status = join_chunks(chunks, n, &whole->line, e);
    }
    for (int k = 0; k < n; k++)
        chunk_close(&chunks[k]);
    return status;
}

/* Hands on the pending votes of a chunk, with the common numbers. */
static int hand_on(struct chunk *c, struct err *e)
{
    const struct votelog *log = c->log;
    const uint32_t *models = log->model_map[c->index];
    const uint32_t *voters = log->voter_map[c->index];
    const uint32_t *categories = log->category_map[c->index];
    for (size_t i = 0; i < c->pending.n; i++) {
        struct votelog_vote *v = &c->pending.votes[i];
        v->a = models[v->a];
        v->b = models[v->b];
        if (v->voter != VOTELOG_NONE)
            v->voter = voters[v->voter];
        if (v->category != VOTELOG_NONE)
            v->category = categories[v->category];
    }
    if (c->pending.n > 0 && c->sink->votes(c->sink->arg, 0, c->pending.votes,
                                           c->pending.n, NULL, NULL) != 0)
        return err_set(e, ERR_FAILURE, "%s: not enough memory", c->path);
    return 0;
}

static int read_in_order(struct chunk *whole, struct chunk *chunks, int n,
                         off_t begin, off_t size, struct err *e)
{
    struct votelog *log = whole->log;
    whole->is_buffered = true;
    while (begin < size) {
        off_t round = (off_t)n * ROUND_BYTES;
        off_t end = size - begin > round ? begin + round : size;
        int status = read_chunks(whole, chunks, n, begin, end, e);
        for (int k = 0; status == 0 && k < n; k++)
            status = hand_on(&chunks[k], e);
        if (status != 0)
            return -1;
        chunk_forget_maps(log);
        begin = chunks[n - 1].after;
    }
    log->n_chunks = 1;
    log->chunk_models[0] = log->models.n; /* numbers are common already */
    log->model_map[0] = chunk_number(&log->models, &log->models);
    log->voter_map[0] = chunk_number(&log->voters, &log->voters);
    log->category_map[0] = chunk_number(&log->categories, &log->categories);
    if (log->model_map[0] == NULL || log->voter_map[0] == NULL ||
        log->category_map[0] == NULL)
        return err_set(e, ERR_FAILURE, "%s: not enough memory for the names",
                       whole->path);
    return 0;
}

static int count_chunks(const struct chunk *whole, off_t size)
{
    const struct votelog_options *o = whole->o;
    /* A pipe has one reader, the sum of counts is bounded row by row, and
     * features are not kept with pending votes, and every row may have a battle
     * of its own, whose names would be gathered twice. */
    if (whole->window.at < 0 || o->count != NULL || o->judge != NULL ||
        (o->in_order && whole->log->n_features > 0))
        return 1;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int n = o->n_threads > 0 ? o->n_threads : (int)cores;
    if (n > VOTELOG_MAX_CHUNKS)
        n = VOTELOG_MAX_CHUNKS;
    if (n > 1 + size / CHUNK_BYTES)
        n = 1 + (int)(size / CHUNK_BYTES);
    return n < 1 ? 1 : n;
}

int rounds_read(struct chunk *whole, off_t size, struct err *e)
{
    int n = count_chunks(whole, size);
    struct chunk *chunks = mem_try((size_t)n, sizeof(*chunks));
    if (chunks == NULL)
        return err_set(e, ERR_FAILURE, "%s: not enough memory", whole->path);
    off_t begin = window_position(&whole->window);
    int status = whole->o->in_order && n > 1
                     ? read_in_order(whole, chunks, n, begin, size, e)
                     : read_chunks(whole, chunks, n, begin, size, e);
    for (int k = 0; k < n; k++)
        free(chunks[k].pending.votes);
    free(chunks);
    return status;
}
