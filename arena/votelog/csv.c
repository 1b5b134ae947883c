#include "arena/votelog/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/votelog/labels.h"
#include "arena/votelog/style.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/plural.h"
#include "base/utf8.h"

/* A cell, unquoted and without blanks around; NULL if there is no column. */
static struct csv_field *cell(struct csv_record *r, int column)
{
    if (column < 0)
        return NULL;
    struct csv_field *f = &r->fields[column];
    if (csv_is_plain(f) && utf8_is_trimmed(f->s, f->n))
        return f;
    csv_unquote(f);
    f->s = (char *)utf8_trim(f->s, &f->n);
    return f;
}

static bool equals(const struct csv_field *f, const char *text)
{
    return csv_is_named(f, text);
}

static bool reject_cell(struct chunk *c, uint64_t line,
                        const struct csv_field *f, const char *what)
{
    chunk_reject(c, line, "'%.*s' %s", f->n > 40 ? 40 : (int)f->n, f->s, what);
    return false;
}

/* One column of 0 or 1; a guess at anything else would be a vote made up. */
static bool read_hot(struct chunk *c, struct csv_record *r, int column,
                     uint64_t line, const char *name, int *out)
{
    struct csv_field *f = cell(r, column);
    *out = f == NULL ? 0 : votelog_truth(f->s, f->n);
    if (*out >= 0)
        return true;
    chunk_reject(c, line, "%s is '%.*s', neither 0 nor 1", name,
                 f->n > 40 ? 40 : (int)f->n, f->s);
    return false;
}

static bool read_one_hot(struct chunk *c, struct csv_record *r, uint64_t line,
                         enum rating_outcome *out)
{
    const int *role = c->columns->role;
    int a, b, tied;
    if (!read_hot(c, r, role[ROLE_WON_A], line, "winner_model_a", &a) ||
        !read_hot(c, r, role[ROLE_WON_B], line, "winner_model_b", &b) ||
        !read_hot(c, r, role[ROLE_TIED], line, "winner_tie", &tied))
        return false;
    *out = a ? RATING_FIRST : b ? RATING_SECOND : RATING_TIE;
    if (a + b + tied == 1)
        return true;
    chunk_reject(c, line, "%s of winner_model_a, winner_model_b and winner_tie "
                 "is 1", a + b + tied > 0 ? "more than one" : "none");
    return false;
}

/* A number from `low`, which is all for A if low is 1, to low + 1. */
static bool read_share(struct chunk *c, const struct csv_field *f,
                       uint64_t line, int low, struct votelog_vote *v)
{
    double x;
    if (!number_parse(f->s, f->n, &x) || !(x - low >= 0 && x - low <= 1))
        return reject_cell(c, line, f, low == 1
                           ? "is not a preference from 1 to 2"
                           : "is not a probability from 0 to 1");
    chunk_set_share(v, low == 1 ? 2 - x : x);
    return true;
}

/* Of a cell.  Nearly all are told by their first letter. */
static bool is_missing(const struct csv_field *f)
{
    if (f == NULL || f->n == 0)
        return true;
    return (f->s[0] == 'n' || f->s[0] == 'N') &&
           (equals(f, "nan") || equals(f, "none") || equals(f, "null"));
}

/* Asks the cache for the slot of the battle's id before it is needed. */
static void expect_battle(struct chunk *c, const struct csv_record *r)
{
    int column = c->columns->role[ROLE_BATTLE];
    if (column >= 0)
        names_expect(&c->battles, r->fields[column].s, r->fields[column].n);
}

/* Of which battle the row is, and the judge's probability. */
static bool read_battle(struct chunk *c, struct csv_record *r, uint64_t line)
{
    const int *role = c->columns->role;
    const struct csv_field none = {.n = 0};
    const struct csv_field *id = cell(r, role[ROLE_BATTLE]);
    const struct csv_field *p_a = cell(r, role[ROLE_SHARE]);
    if (id == NULL)
        return true;
    p_a = is_missing(p_a) ? &none : p_a;
    return chunk_battle(c, line, id->s, id->n, p_a->s, p_a->n);
}

/* 1: a vote; 0: rejected; -1: the row is none. */
static int read_verdict(struct chunk *c, struct csv_record *r, uint64_t line,
                        struct votelog_vote *v)
{
    const int *role = c->columns->role;
    const struct csv_field *share = cell(r, role[ROLE_SHARE]);
    const struct csv_field *preference = cell(r, role[ROLE_PREFERENCE]);
    const struct csv_field *winner = cell(r, role[ROLE_WINNER]);
    bool beside = c->o->judge != NULL && winner != NULL && winner->n > 0;
    if (!is_missing(share) && !beside)
        return read_share(c, share, line, 0, v);
    if (!is_missing(preference))
        return read_share(c, preference, line, 1, v);
    if (winner != NULL && (winner->n > 0 || share == NULL))
        return chunk_outcome(c, line, winner->s, winner->n, v, &v->outcome);
    if (role[ROLE_WON_A] >= 0 && role[ROLE_WON_B] >= 0)
        return read_one_hot(c, r, line, &v->outcome);
    return -1;
}

/* Whether the voter knew the models, by a mark of the log.  1, 0; -1 with the
 * row rejected. */
static int read_mark(struct chunk *c, struct csv_record *r, uint64_t line)
{
    const int *role = c->columns->role;
    const struct csv_field *anonymous = cell(r, role[ROLE_ANONYMOUS]);
    const struct csv_field *named = cell(r, role[ROLE_NAMED]);
    int is_anonymous = 1, is_named = 0;
    if (!is_missing(anonymous))
        is_anonymous = votelog_truth(anonymous->s, anonymous->n);
    if (!is_missing(named))
        is_named = votelog_truth(named->s, named->n);
    if (is_anonymous >= 0 && is_named >= 0)
        return !is_anonymous || is_named;
    reject_cell(c, line, is_anonymous < 0 ? anonymous : named,
                "says neither that names were known nor that not");
    return -1;
}

/* Whether the row is a judge's, and only people's are asked for. */
static bool is_judges(struct chunk *c, struct csv_record *r)
{
    int column = c->o->people ? c->columns->role[ROLE_VOTER] : -1;
    const struct csv_field *voter = cell(r, column);
    return voter != NULL && chunk_leaves_out(c, voter->s, voter->n);
}

/* Who voted, and of what category the row is, if that is asked for. */
static bool read_names(struct chunk *c, struct csv_record *r, uint64_t line,
                       struct votelog_vote *v)
{
    int column = c->o->voters ? c->columns->role[ROLE_VOTER] : -1;
    const struct csv_field *voter = cell(r, column);
    const struct csv_field *category = cell(r,
                                            c->columns->role[ROLE_CATEGORY]);
    return (voter == NULL || chunk_name(c, line, &c->voters, "voter", voter->s,
                                        voter->n, &v->voter)) &&
           (category == NULL ||
            chunk_name(c, line, &c->categories, "category", category->s,
                       category->n, &v->category));
}

static bool read_count(struct chunk *c, const struct csv_field *f,
                       uint64_t line, uint64_t *out)
{
    uint64_t n = 0;
    size_t i = 0;
    for (; i < f->n && f->s[i] >= '0' && f->s[i] <= '9'; i++) {
        if (n > CHUNK_MAX_COUNTED / 10)
            break;
        n = 10 * n + (uint64_t)(f->s[i] - '0');
    }
    if (i < f->n || n == 0)
        return reject_cell(c, line, f, "is not a count");
    *out = n;
    return chunk_count(c, line, n);
}

static void read_features(struct chunk *c, struct csv_record *r)
{
    const struct votelog_columns *columns = c->columns;
    float *x = chunk_next_x(c);
    for (int k = 0; k < columns->n_numbers; k++) {
        for (int side = 0; side < 2; side++) {
            struct csv_field *f = cell(r, columns->feature[k][side]);
            if (!votelog_csv_number(f, &x[2 * k + side]))
                x[2 * k + side] = NAN;
        }
    }
    for (int side = 0; columns->text[0] >= 0 && side < 2; side++) {
        const struct csv_field *f = cell(r, columns->text[side]);
        votelog_style_text(f->s, f->n,
                           x + 2 * columns->n_numbers + side);
    }
}

/* The models of a row.  False with it rejected. */
static bool read_models(struct chunk *c, struct csv_record *r, uint64_t line,
                        struct votelog_vote *v)
{
    struct csv_field *a = &r->fields[c->columns->role[ROLE_A]];
    struct csv_field *b = &r->fields[c->columns->role[ROLE_B]];
    if (!csv_is_plain(a))
        csv_unquote(a);
    if (!csv_is_plain(b))
        csv_unquote(b);
    if ((v->a = chunk_model(c, line, a->s, a->n)) == VOTELOG_NONE ||
        (v->b = chunk_model(c, line, b->s, b->n)) == VOTELOG_NONE)
        return false;
    if (v->a == v->b)
        chunk_reject(c, line, "self-play");
    return v->a != v->b;
}

static void reject_record(struct chunk *c, const struct csv_record *r,
                          uint64_t line)
{
    if (r->fault != NULL)
        chunk_reject(c, line, "%s", r->fault);
    else
        chunk_reject(c, line, "%d column%s where %d are needed", r->n,
                     plural_s((uint64_t)r->n), c->columns->n_wanted);
}

/* One row: a vote, a rejection, or nothing (a blank line).  -1: no memory. */
static int read_row(struct chunk *c, struct csv_record *r, uint64_t line)
{
    const struct votelog_columns *columns = c->columns;
    if (csv_is_blank(r))
        return 0;
    if (r->fault != NULL || r->n < columns->n_wanted) {
        reject_record(c, r, line);
        return 0;
    }
    struct votelog_vote *v = chunk_next(c);
    if (v == NULL)
        return -1;
    expect_battle(c, r);
    if (is_judges(c, r))
        return 0;
    if (!read_models(c, r, line, v))
        return 0;
    if (columns->is_usual) {
        struct csv_field *winner = &r->fields[columns->role[ROLE_WINNER]];
        if (!csv_is_plain(winner))
            csv_unquote(winner);
        if (!chunk_outcome(c, line, winner->s, winner->n, v, &v->outcome))
            return 0;
        if (c->x != NULL)
            read_features(c, r);
        chunk_keep(c);
        return 0;
    }
    int verdict = read_verdict(c, r, line, v);
    int named = verdict > 0 ? read_mark(c, r, line) : 0;
    c->n_skipped += verdict < 0;
    c->n_marked[VOTELOG_OPEN] += named > 0;
    if (verdict <= 0 || named != 0 || !read_names(c, r, line, v) ||
        !read_battle(c, r, line))
        return 0;
    if (columns->role[ROLE_COUNT] >= 0 &&
        !read_count(c, cell(r, columns->role[ROLE_COUNT]), line, &v->times))
        return 0;
    if (c->x != NULL)
        read_features(c, r);
    chunk_keep(c);
    return 0;
}

/* Skips to behind the first line break at or after `from` - 1: where a row
 * begins, unless a quoted field stands across. */
static int skip_to_row(struct chunk *c)
{
    struct window *w = &c->window;
    for (;;) {
        char *s = w->data + w->begin;
        char *end = memchr(s, '\n', w->end - w->begin);
        if (end != NULL) {
            w->begin += (size_t)(end - s) + 1;
            break;
        }
        w->begin = w->end;
        if (w->at_end)
            break;
        if (window_more(w, c->path, &c->error) != 0)
            return -1;
    }
    c->first = window_position(w);
    return 0;
}

static int open_window(struct chunk *c, off_t end)
{
    if (c->window.data != NULL) /* a pipe: what was read of it goes on */
        return 0;
    bool known = c->first >= 0;
    if (window_open(&c->window, c->window.fd, known ? c->first : c->from - 1,
                    end, &c->error) != 0)
        return -1;
    return known ? 0 : skip_to_row(c);
}

void votelog_csv_rows(struct chunk *c)
{
    struct csv_record r = {.cap = c->columns->n_wanted};
    r.fields = mem_calloc((size_t)r.cap, sizeof(*r.fields));
    c->status = open_window(c, c->window.stop);
    bool pipe = c->window.at < 0;
    while (c->status == 0) {
        if (!pipe && window_position(&c->window) >= c->to)
            break;
        c->status = votelog_csv_record(&c->window, c->columns->separator,
                                       c->path, &r, &c->error);
        if (c->status <= 0)
            break;
        c->status = read_row(c, &r, c->line + 1);
        c->line += r.n_lines;
    }
    if (c->status == 0)
        c->status = chunk_flush(c);
    c->after = window_position(&c->window);
    free(r.fields);
}
