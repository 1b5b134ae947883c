#include "arena/votelog/private.h"
#include "arena/votelog/votelog.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"

/* A part smaller than this is not worth a thread. */
enum { PART_BYTES = 1 << 20 };

/* What a thread reads before its votes are handed on, where order matters. */
enum { WAVE_BYTES = 1 << 21 };

struct label {
    const char *text;
    enum rating_outcome outcome;
};

/* Chatbot Arena's words, those of its newer sets and evalica's, and ours. */
static const struct label LABELS[] = {
    {"model_a", RATING_FIRST},    {"model_b", RATING_SECOND},
    {"tie", RATING_TIE},          {"tie (bothbad)", RATING_BAD},
    {"both_bad", RATING_BAD},     {"bothbad", RATING_BAD},
    {"a", RATING_FIRST},          {"b", RATING_SECOND},
    {"bad", RATING_BAD},          {"left", RATING_FIRST},
    {"right", RATING_SECOND},     {"bothbad_vote", RATING_BAD},
    {"leftvote", RATING_FIRST},   {"rightvote", RATING_SECOND},
    {"tievote", RATING_TIE},      {"model_1", RATING_FIRST},
    {"model_2", RATING_SECOND},
};

bool votelog_outcome(const char *label, size_t n, enum rating_outcome *out)
{
    /* The three that nearly every row has, without a loop. */
    if (n == 7 && memcmp(label, "model_", 6) == 0 &&
        (label[6] == 'a' || label[6] == 'b')) {
        *out = label[6] == 'a' ? RATING_FIRST : RATING_SECOND;
        return true;
    }
    for (size_t i = 0; i < sizeof(LABELS) / sizeof(LABELS[0]); i++) {
        if (strlen(LABELS[i].text) != n ||
            memcmp(LABELS[i].text, label, n) != 0)
            continue;
        *out = LABELS[i].outcome;
        return true;
    }
    return false;
}

/* --- the window -------------------------------------------------------- */

int votelog_window_open(struct votelog_window *w, int fd, off_t from,
                        off_t stop, struct err *e)
{
    *w = (struct votelog_window){.fd = fd, .at = from, .stop = stop};
    w->cap = VOTELOG_BUFFER_BYTES;
    w->data = mem_try(w->cap + 1, 1);
    if (w->data == NULL)
        return err_set(e, ERR_FAILURE, "not enough memory to read");
    return 0;
}

void votelog_window_close(struct votelog_window *w)
{
    free(w->data);
    w->data = NULL;
}

static int window_grow(struct votelog_window *w, const char *path,
                       struct err *e)
{
    if (w->cap >= VOTELOG_ROW_BYTES)
        return err_set(e, ERR_FORMAT, "%s: a row is longer than %zu MiB; is a "
                       "quote never closed?", path, VOTELOG_ROW_BYTES >> 20);
    char *data = realloc(w->data, 2 * w->cap + 1);
    if (data == NULL)
        return err_set(e, ERR_FAILURE, "%s: not enough memory to read", path);
    w->data = data;
    w->cap *= 2;
    return 0;
}

int votelog_window_more(struct votelog_window *w, const char *path,
                        struct err *e)
{
    memmove(w->data, w->data + w->begin, w->end - w->begin);
    w->end -= w->begin;
    w->begin = 0;
    if (w->end == w->cap && window_grow(w, path, e) != 0)
        return -1;
    size_t room = w->cap - w->end;
    if (w->at >= 0 && (off_t)room > w->stop - w->at)
        room = (size_t)(w->stop - w->at);
    ssize_t n;
    do {
        n = w->at >= 0 ? pread(w->fd, w->data + w->end, room, w->at)
                       : read(w->fd, w->data + w->end, room);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set(e, ERR_FAILURE, "%s: cannot read: %s", path,
                       strerror(errno));
    w->at_end = n == 0;
    w->end += (size_t)n;
    w->has_quote = memchr(w->data, '"', w->end) != NULL;
    if (w->at >= 0)
        w->at += n;
    return 0;
}

/* --- votes and rejections ---------------------------------------------- */

void votelog_reject(struct votelog_part *p, uint64_t line, const char *fmt,
                    ...)
{
    p->n_rejected++;
    if (p->n_shown == VOTELOG_SHOWN)
        return;
    struct votelog_reject *r = &p->shown[p->n_shown++];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->reason, sizeof(r->reason), fmt, ap);
    va_end(ap);
    r->line = line;
}

/* U+FFFF, which is no character, stands for a NUL that JSON escaped. */
static bool is_text(const char *s, size_t n)
{
    for (size_t i = 0; i + 3 <= n; i++)
        if (memcmp(s + i, "\xEF\xBF\xBF", 3) == 0)
            return false;
    return memchr(s, '\0', n) == NULL && utf8_valid(s, n);
}

/* Whether a new name will do; if not, the row is rejected. */
static bool is_name(struct votelog_part *p, uint64_t line, const char *what,
                    const char *s, size_t n)
{
    if (n > VOTELOG_NAME_BYTES)
        votelog_reject(p, line, "a %s's name of %zu bytes", what, n);
    else if (!is_text(s, n))
        votelog_reject(p, line, "a %s's name is not UTF-8 text", what);
    else
        return true;
    return false;
}

uint32_t votelog_model(struct votelog_part *p, uint64_t line, const char *s,
                       size_t n)
{
    uint32_t id = names_find(&p->models, s, n);
    if (id != NAMES_NONE)
        return id;
    if (n == 0)
        votelog_reject(p, line, "a model without a name");
    else if (is_name(p, line, "model", s, n) &&
             (id = names_add(&p->models, s, n)) == NAMES_NONE)
        p->too_many = true; /* which part_join tells */
    return id;
}

bool votelog_name(struct votelog_part *p, uint64_t line, struct names *names,
                  const char *what, const char *s, size_t n, uint32_t *out)
{
    *out = n == 0 ? VOTELOG_NONE : names_find(names, s, n);
    if (n == 0 || *out != NAMES_NONE)
        return true;
    if (is_name(p, line, what, s, n) &&
        (*out = names_add(names, s, n)) == NAMES_NONE)
        votelog_reject(p, line, "not enough memory for a %s's name", what);
    return *out != NAMES_NONE;
}

static int hold(struct votelog_held *h, const struct votelog_vote *v, size_t n)
{
    if (h->n + n > h->cap) {
        size_t cap = 2 * (h->n + n);
        void *more = realloc(h->votes, cap * sizeof(*h->votes));
        if (more == NULL)
            return -1;
        h->votes = more;
        h->cap = cap;
    }
    memcpy(h->votes + h->n, v, n * sizeof(*v));
    h->n += n;
    return 0;
}

int votelog_flush(struct votelog_part *p)
{
    size_t n = p->n_batch;
    p->n_batch = 0;
    if (n == 0)
        return 0;
    if (p->holds ? hold(&p->held, p->batch, n) == 0
                 : p->sink->votes(p->sink->arg, p->index, p->batch, n,
                                  p->x) == 0)
        return 0;
    p->status = err_set(&p->error, ERR_FAILURE, "%s: not enough memory",
                        p->path);
    return -1;
}

struct votelog_vote *votelog_next(struct votelog_part *p)
{
    if (p->n_batch == VOTELOG_BATCH && votelog_flush(p) != 0)
        return NULL;
    struct votelog_vote *v = &p->batch[p->n_batch];
    *v = (struct votelog_vote){
        .voter = VOTELOG_NONE, .category = VOTELOG_NONE, .times = 1};
    return v;
}

float *votelog_next_x(struct votelog_part *p)
{
    return p->x + p->n_batch * p->log->n_features * 2;
}

void votelog_keep(struct votelog_part *p)
{
    p->n_batch++;
    p->n_votes++;
}

/* --- parts ------------------------------------------------------------- */

static int part_open(struct votelog_part *p, struct err *e)
{
    names_init(&p->models, VOTELOG_MAX_MODELS);
    names_init(&p->voters, NAMES_NONE - 1);
    names_init(&p->categories, NAMES_NONE - 1);
    if (p->log->n_features == 0)
        return 0;
    p->x = mem_try(VOTELOG_BATCH * p->log->n_features * 2, sizeof(float));
    if (p->x == NULL)
        return err_set(e, ERR_FAILURE, "not enough memory");
    return 0;
}

static void part_close(struct votelog_part *p)
{
    votelog_window_close(&p->window);
    names_free(&p->models);
    names_free(&p->voters);
    names_free(&p->categories);
    free(p->x);
    p->x = NULL;
}

/* Makes a part ready to read its stretch from where it begins. */
static int part_start(struct votelog_part *p, struct err *e)
{
    p->line = 0;
    p->n_votes = p->n_rejected = p->n_skipped = p->n_counted = 0;
    p->n_shown = p->n_batch = p->held.n = 0;
    p->too_many = false;
    p->status = 0;
    if (part_open(p, e) != 0)
        return -1;
    return 0;
}

static uint32_t *common_numbers(struct names *all, const struct names *part)
{
    uint32_t *map = mem_try(part->n + 1, sizeof(*map));
    for (uint32_t i = 0; map != NULL && i < part->n; i++) {
        size_t n;
        const char *s = names_get(part, i, &n);
        map[i] = names_add(all, s, n);
        if (map[i] == NAMES_NONE) {
            free(map);
            return NULL;
        }
    }
    return map;
}

/* Adds what a part found; line_base lines came before it. */
static int part_join(struct votelog_part *p, uint64_t line_base, struct err *e)
{
    struct votelog *log = p->log;
    int k = p->index;
    log->model_map[k] = common_numbers(&log->models, &p->models);
    log->voter_map[k] = common_numbers(&log->voters, &p->voters);
    log->category_map[k] = common_numbers(&log->categories, &p->categories);
    log->n_parts = k + 1;
    log->part_models[k] = p->models.n;
    if (p->too_many ||
        (log->model_map[k] == NULL && log->models.n == VOTELOG_MAX_MODELS))
        return err_set(e, ERR_FORMAT, "%s: more than %d models; are these the "
                       "right columns?", p->path, VOTELOG_MAX_MODELS);
    if (log->model_map[k] == NULL || log->voter_map[k] == NULL ||
        log->category_map[k] == NULL)
        return err_set(e, ERR_FAILURE, "%s: not enough memory for the names",
                       p->path);
    log->n_votes += p->n_votes;
    log->n_rejected += p->n_rejected;
    log->n_skipped += p->n_skipped;
    for (size_t i = 0; i < p->n_shown && log->n_shown < VOTELOG_SHOWN; i++) {
        log->shown[log->n_shown] = p->shown[i];
        log->shown[log->n_shown++].line += line_base;
    }
    return 0;
}

static void *run_part(void *arg)
{
    struct votelog_part *p = arg;
    votelog_csv_rows(p);
    return NULL;
}

/* Reads parts 1.. each in a thread of its own, and part 0 here. */
static void run_parts(struct votelog_part *parts, int n)
{
    pthread_t threads[VOTELOG_MAX_PARTS];
    bool started[VOTELOG_MAX_PARTS] = {false};
    for (int k = 1; k < n; k++)
        started[k] =
            pthread_create(&threads[k], NULL, run_part, &parts[k]) == 0;
    run_part(&parts[0]);
    for (int k = 1; k < n; k++) {
        if (started[k])
            pthread_join(threads[k], NULL);
        else
            run_part(&parts[k]); /* no thread to be had: do it here */
    }
}

/* A part began at the first line break after its border, as if no quoted field
 * stood across it.  Where the part before ended proves that right; if it was
 * not, the part is read again from where it truly begins. */
static int join_parts(struct votelog_part *parts, int n, uint64_t *line,
                      struct err *e)
{
    for (int k = 0; k < n; k++) {
        struct votelog_part *p = &parts[k];
        if (k > 0 && p->first != parts[k - 1].after) {
            p->from = parts[k - 1].after;
            part_close(p);
            if (!p->holds)
                p->sink->restart(p->sink->arg, k);
            if (part_start(p, e) != 0)
                return -1;
            p->first = p->from;
            votelog_csv_rows(p);
        }
        if (p->status != 0) {
            *e = p->error;
            return -1;
        }
        if (part_join(p, *line, e) != 0)
            return -1;
        *line += p->line;
    }
    return 0;
}

static int count_parts(const struct votelog_options *o, off_t size)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int n = o->n_threads > 0 ? o->n_threads : (int)cores;
    if (n > VOTELOG_MAX_PARTS)
        n = VOTELOG_MAX_PARTS;
    if (n > 1 + size / PART_BYTES)
        n = 1 + (int)(size / PART_BYTES);
    return n < 1 ? 1 : n;
}

/* Reads bytes [begin, end), divided evenly; end is the size of the file, or
 * rows may go on behind it. */
static int read_stretch(struct votelog_part *head, struct votelog_part *parts,
                        int n, off_t begin, off_t end, struct err *e)
{
    int status = 0;
    for (int k = 0; k < n; k++) {
        struct votelog_part *p = &parts[k];
        struct votelog_held held = p->held;
        *p = *head;
        p->held = held;
        p->window.data = NULL;
        p->index = k;
        p->from = begin + (end - begin) / n * k;
        p->to = k + 1 < n ? begin + (end - begin) / n * (k + 1) : end;
        p->first = k == 0 ? p->from : -1;
        if (part_start(p, e) != 0)
            status = -1;
    }
    if (head->window.at < 0) { /* what is in the window cannot be read again */
        parts[0].window = head->window;
        head->window.data = NULL;
    }
    if (status == 0) {
        run_parts(parts, n);
        status = join_parts(parts, n, &head->line, e);
    }
    for (int k = 0; k < n; k++)
        part_close(&parts[k]);
    return status;
}

static void forget_maps(struct votelog *log)
{
    for (int k = 0; k < log->n_parts; k++) {
        free(log->model_map[k]);
        free(log->voter_map[k]);
        free(log->category_map[k]);
    }
    log->n_parts = 0;
}

/* Hands on what a part holds, with the common numbers. */
static int hand_on(struct votelog_part *p, struct err *e)
{
    const struct votelog *log = p->log;
    const uint32_t *models = log->model_map[p->index];
    const uint32_t *voters = log->voter_map[p->index];
    const uint32_t *categories = log->category_map[p->index];
    for (size_t i = 0; i < p->held.n; i++) {
        struct votelog_vote *v = &p->held.votes[i];
        v->a = models[v->a];
        v->b = models[v->b];
        if (v->voter != VOTELOG_NONE)
            v->voter = voters[v->voter];
        if (v->category != VOTELOG_NONE)
            v->category = categories[v->category];
    }
    if (p->held.n > 0 &&
        p->sink->votes(p->sink->arg, 0, p->held.votes, p->held.n, NULL) != 0)
        return err_set(e, ERR_FAILURE, "%s: not enough memory", p->path);
    return 0;
}

/* Waves of stretches, each as long as the threads' shares together. */
static int read_waves(struct votelog_part *head, struct votelog_part *parts,
                      int n, off_t begin, off_t size, struct err *e)
{
    struct votelog *log = head->log;
    head->holds = true;
    while (begin < size) {
        off_t wave = (off_t)n * WAVE_BYTES;
        off_t end = size - begin > wave ? begin + wave : size;
        int status = read_stretch(head, parts, n, begin, end, e);
        for (int k = 0; status == 0 && k < n; k++)
            status = hand_on(&parts[k], e);
        if (status != 0)
            return -1;
        forget_maps(log);
        begin = parts[n - 1].after;
    }
    log->n_parts = 1;
    log->part_models[0] = log->models.n; /* numbers are common already */
    log->model_map[0] = common_numbers(&log->models, &log->models);
    log->voter_map[0] = common_numbers(&log->voters, &log->voters);
    log->category_map[0] = common_numbers(&log->categories, &log->categories);
    if (log->model_map[0] == NULL || log->voter_map[0] == NULL ||
        log->category_map[0] == NULL)
        return err_set(e, ERR_FAILURE, "%s: not enough memory for the names",
                       head->path);
    return 0;
}

/* The first part has the window with the header behind it; the others divide
 * the rest of the file. */
static int read_csv(struct votelog_part *head, off_t size, struct err *e)
{
    struct votelog_columns columns;
    const struct votelog_options *o = head->o;
    if (votelog_csv_header(head, &columns, e) != 0)
        return -1;
    head->columns = &columns;
    int n = head->window.at >= 0 ? count_parts(o, size) : 1;
    /* The sum of counts is bounded row by row, and numbers are not held. */
    if (o->count != NULL || (o->in_order && head->log->n_features > 0))
        n = 1;
    struct votelog_part *parts = mem_try((size_t)n, sizeof(*parts));
    if (parts == NULL)
        return err_set(e, ERR_FAILURE, "%s: not enough memory", head->path);
    off_t begin = head->window.at -
                  (off_t)(head->window.end - head->window.begin);
    int status = o->in_order && n > 1
                     ? read_waves(head, parts, n, begin, size, e)
                     : read_stretch(head, parts, n, begin, size, e);
    for (int k = 0; k < n; k++)
        free(parts[k].held.votes);
    free(parts);
    return status;
}

static int read_json(struct votelog_part *head, struct err *e)
{
    int status = part_start(head, e);
    if (status == 0)
        status = votelog_json_rows(head, e);
    if (status == 0)
        status = part_join(head, 0, e);
    return status;
}

/* The first byte that is not blank, past a BOM; -1: there is none. */
static int first_byte(struct votelog_part *p, struct err *e)
{
    struct votelog_window *w = &p->window;
    for (;;) {
        const char *s = w->data + w->begin;
        size_t n = w->end - w->begin;
        size_t skip = n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        skip += strspn(s + skip, " \t\r\n");
        if (skip < n)
            return (unsigned char)s[skip];
        if (w->at_end)
            return -1;
        if (votelog_window_more(w, p->path, e) != 0)
            return -2;
        w->data[w->end] = '\0';
    }
}

static int read_open(struct votelog_part *head, off_t size, struct err *e)
{
    struct votelog_window *w = &head->window;
    w->data[0] = '\0';
    int byte = first_byte(head, e);
    if (byte == -2)
        return -1;
    if (byte == -1)
        return err_set(e, ERR_FORMAT, "%s: the file is empty; a battle log "
                       "has a line with model_a,model_b,winner first",
                       head->path);
    if (w->end >= 2 && (memcmp(w->data, "\xFF\xFE", 2) == 0 ||
                        memcmp(w->data, "\xFE\xFF", 2) == 0))
        return err_set(e, ERR_FORMAT, "%s: the file is UTF-16; convert it to "
                       "UTF-8", head->path);
    if (w->end >= 3 && memcmp(w->data, "\xEF\xBB\xBF", 3) == 0)
        w->begin = 3;
    enum votelog_form form = head->o->form;
    if (form == VOTELOG_AUTO)
        form = byte == '[' || byte == '{' ? VOTELOG_JSON : VOTELOG_CSV;
    return form == VOTELOG_CSV ? read_csv(head, size, e) : read_json(head, e);
}

const char *votelog_told_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "stdin" : path;
}

int votelog_read(struct votelog *log, const char *path,
                 const struct votelog_options *o,
                 const struct votelog_sink *sink, struct err *e)
{
    memset(log, 0, sizeof(*log));
    names_init(&log->models, VOTELOG_MAX_MODELS);
    names_init(&log->voters, NAMES_NONE - 1);
    names_init(&log->categories, NAMES_NONE - 1);
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = votelog_told_name(path);
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        err_set(e, ERR_FAILURE, "%s: cannot open: %s", name, strerror(errno));
        if (fd >= 0 && !is_stdin)
            close(fd);
        return -1;
    }
    struct votelog_part *head = mem_calloc(1, sizeof(*head));
    head->log = log;
    head->o = o;
    head->sink = sink;
    head->path = name;
    bool seekable = S_ISREG(st.st_mode) && !is_stdin;
    int status = votelog_window_open(&head->window, fd, seekable ? 0 : -1,
                                     seekable ? st.st_size : 0, e);
    if (status == 0)
        status = read_open(head, st.st_size, e);
    part_close(head);
    free(head);
    if (!is_stdin)
        close(fd);
    return status;
}

void votelog_free(struct votelog *log)
{
    names_free(&log->models);
    names_free(&log->voters);
    names_free(&log->categories);
    forget_maps(log);
    for (size_t i = 0; i < log->n_features; i++)
        free(log->features[i]);
    log->n_features = 0;
}
