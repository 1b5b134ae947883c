/* The CSV form of a battle log. */
#include "arena/votelog/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena/votelog/labels.h"
#include "arena/votelog/style.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/mem.h"

enum { MAX_COLUMNS = 4096 };

/* The next record, moved out of the window (its fields stay there until the
 * next call).  1; 0 at the end; -1. */
static int next_record(struct window *w, char separator, const char *path,
                       struct csv_record *r, struct err *e)
{
    for (;;) {
        char *s = w->data + w->begin;
        size_t n = w->end - w->begin;
        if (n > 0 && (w->has_quote
                          ? csv_scan(r, s, n, separator, w->at_end)
                          : csv_scan_plain(r, s, n, separator, w->at_end))) {
            w->begin += r->n_bytes;
            return 1;
        }
        if (w->at_end)
            return 0;
        /* The record is scanned again from its start: a pipe gives little at a
         * time, so wait until there is twice as much. */
        size_t wanted = 2 * n;
        do {
            if (window_more(w, path, e) != 0)
                return -1;
        } while (!w->at_end && w->end - w->begin < wanted);
    }
}

/* --- the header -------------------------------------------------------- */

struct role_name {
    const char *name;
    enum votelog_role role;
};

/* The first that a file has wins. */
static const struct role_name ROLES[] = {
    {"model_a", ROLE_A},
    {"model_b", ROLE_B},
    {"winner", ROLE_WINNER},
    {"winner_model_a", ROLE_WON_A},
    {"winner_model_b", ROLE_WON_B},
    {"winner_tie", ROLE_TIED},
    {"voter", ROLE_VOTER},
    {"judge", ROLE_VOTER},
    {"annotator", ROLE_VOTER},
    {"user", ROLE_VOTER},
    {"judge_hash", ROLE_VOTER},
    {"left", ROLE_A},
    {"right", ROLE_B},
    {"model_1", ROLE_A},
    {"model_2", ROLE_B},
};
enum { N_ROLES = sizeof(ROLES) / sizeof(ROLES[0]) };

static bool has_feature(const struct votelog *log, const char *name)
{
    for (size_t k = 0; k < log->n_features; k++)
        if (strcasecmp(log->features[k], name) == 0)
            return true;
    return false;
}

/* Columns NAME_a and NAME_b with numbers of the answers. */
static void find_features(const struct csv_record *r, struct votelog *log,
                          struct votelog_columns *columns)
{
    for (int i = 0; i < r->n; i++) {
        const struct csv_field *f = &r->fields[i];
        if (f->n < 3 || memcmp(f->s + f->n - 2, "_a", 2) != 0 ||
            i == columns->role[ROLE_A] || i == columns->role[ROLE_WON_A] ||
            log->n_features == VOTELOG_MAX_FEATURES)
            continue;
        char *name = mem_strndup(f->s, f->n);
        name[f->n - 1] = 'b';
        int other = csv_find(r, name);
        name[f->n - 2] = '\0';
        if (other < 0 || has_feature(log, name)) { /* the first one wins */
            free(name);
            continue;
        }
        columns->feature[log->n_features][0] = i;
        columns->feature[log->n_features][1] = other;
        log->features[log->n_features++] = name;
    }
}

static int missing_column(const struct chunk *c, const struct csv_record *r,
                          const char *name, struct err *e)
{
    struct buf has;
    for (int i = 0; i < r->n; i++)
        if (memchr(r->fields[i].s, '\r', r->fields[i].n) != NULL)
            return err_set(e, ERR_FORMAT, "%s: its lines end in CR alone; "
                           "convert them to LF", c->path);
    buf_init(&has, 160);
    for (int i = 0; i < r->n; i++) {
        buf_addf(&has, "%s%.*s", i ? ", " : "", (int)r->fields[i].n,
                 r->fields[i].s);
    }
    err_set(e, ERR_FORMAT, "%s:1: no column %s; a battle log has model_a, "
            "model_b and winner; this file has %s%s", c->path, name, has.data,
            has.overflow ? ", ..." : "");
    buf_free(&has);
    return -1;
}

static int find_wanted(const struct chunk *c, const struct csv_record *r,
                       struct votelog_columns *out, struct err *e)
{
    const struct votelog_options *o = c->o;
    for (int k = 0; k < ROLE_N; k++)
        out->role[k] = -1;
    for (size_t k = 0; k < N_ROLES; k++)
        if (out->role[ROLES[k].role] < 0)
            out->role[ROLES[k].role] = csv_find(r, ROLES[k].name);
    if (out->role[ROLE_A] < 0)
        return missing_column(c, r, "model_a", e);
    if (out->role[ROLE_B] < 0)
        return missing_column(c, r, "model_b", e);
    bool split = out->role[ROLE_WON_A] >= 0 && out->role[ROLE_WON_B] >= 0;
    if (out->role[ROLE_WINNER] < 0 && !split)
        return missing_column(c, r, "winner", e);
    if (o->voters && out->role[ROLE_VOTER] < 0)
        return missing_column(c, r, "voter", e);
    if (!o->voters)
        out->role[ROLE_VOTER] = -1;
    if (o->judge != NULL) {
        out->role[ROLE_BATTLE] = csv_find(r, "battle_id");
        out->role[ROLE_P_A] = csv_find(r, "p_a");
        if (out->role[ROLE_BATTLE] < 0)
            return missing_column(c, r, "battle_id", e);
    }
    if (o->category != NULL) {
        out->role[ROLE_CATEGORY] = csv_find(r, o->category);
        if (out->role[ROLE_CATEGORY] < 0)
            return missing_column(c, r, o->category, e);
    }
    if (o->count != NULL) {
        out->role[ROLE_COUNT] = csv_find(r, o->count);
        if (out->role[ROLE_COUNT] < 0)
            return missing_column(c, r, o->count, e);
    }
    if (o->features)
        find_features(r, c->log, out);
    for (int k = 0; k < ROLE_N; k++)
        if (out->role[k] >= out->n_wanted)
            out->n_wanted = out->role[k] + 1;
    for (size_t k = 0; k < c->log->n_features; k++)
        for (int side = 0; side < 2; side++)
            if (out->feature[k][side] >= out->n_wanted)
                out->n_wanted = out->feature[k][side] + 1;
    return 0;
}

static bool is_model_column(const struct csv_field *f)
{
    for (size_t k = 0; k < N_ROLES; k++)
        if ((ROLES[k].role == ROLE_A || ROLES[k].role == ROLE_B) &&
            csv_is_named(f, ROLES[k].name))
            return true;
    return false;
}

/* Moves the window to the header, all of whose first line is then in it. */
static int find_header(struct chunk *c, char *separator, struct err *e)
{
    struct window *w = &c->window;
    for (;;) {
        unsigned n_lines;
        const char *s = w->data + w->begin;
        size_t n = w->end - w->begin;
        size_t skip = csv_skip_preamble(s, n, separator, &n_lines);
        if (w->at_end || memchr(s + skip, '\n', n - skip) != NULL) {
            if (*separator == 0)
                *separator = csv_guess_separator(s + skip, n - skip,
                                                 is_model_column);
            w->begin += skip;
            c->line += n_lines;
            return 0;
        }
        if (window_more(w, c->path, e) != 0)
            return -1;
    }
}

int votelog_csv_header(struct chunk *c, struct votelog_columns *out,
                       struct err *e)
{
    struct csv_record r = {.cap = MAX_COLUMNS};
    memset(out, 0, sizeof(*out));
    if (find_header(c, &out->separator, e) != 0)
        return -1;
    r.fields = mem_calloc((size_t)r.cap, sizeof(*r.fields));
    int status = next_record(&c->window, out->separator, c->path, &r, e);
    if (status == 0)
        status = err_set(e, ERR_FORMAT, "%s: no header", c->path);
    if (r.n > MAX_COLUMNS && status > 0)
        status = err_set(e, ERR_FORMAT, "%s:1: more than %d columns", c->path,
                         MAX_COLUMNS);
    if (status > 0) {
        for (int i = 0; i < r.n; i++)
            csv_unquote(&r.fields[i]);
        status = find_wanted(c, &r, out, e);
        c->line += r.n_lines;
    }
    free(r.fields);
    return status < 0 ? -1 : 0;
}

/* --- rows -------------------------------------------------------------- */

static bool is_one(struct csv_record *r, int column)
{
    if (column < 0)
        return false;
    csv_unquote(&r->fields[column]);
    return r->fields[column].n >= 1 && r->fields[column].s[0] == '1';
}

static bool read_verdict(struct chunk *c, struct csv_record *r,
                         uint64_t line, enum rating_outcome *out)
{
    const int *role = c->columns->role;
    if (role[ROLE_WINNER] >= 0) {
        struct csv_field *f = &r->fields[role[ROLE_WINNER]];
        csv_unquote(f);
        if (votelog_outcome(f->s, f->n, out))
            return true;
        chunk_reject(c, line, "unknown winner label '%.*s'",
                       f->n > 40 ? 40 : (int)f->n, f->s);
        return false;
    }
    bool a = is_one(r, role[ROLE_WON_A]), b = is_one(r, role[ROLE_WON_B]);
    bool tied = is_one(r, role[ROLE_TIED]);
    *out = a ? RATING_FIRST : b ? RATING_SECOND : RATING_TIE;
    if (a + b + tied == 1)
        return true;
    chunk_reject(c, line, "%s of winner_model_a, winner_model_b and "
                   "winner_tie is 1",
                   a + b + tied > 0 ? "more than one" : "none");
    return false;
}

static bool read_name(struct chunk *c, struct csv_record *r, int column,
                      uint64_t line, struct names *names, const char *what,
                      uint32_t *out)
{
    if (column < 0)
        return true;
    struct csv_field *f = &r->fields[column];
    csv_unquote(f);
    return chunk_name(c, line, names, what, f->s, f->n, out);
}

static void expect_battle(struct chunk *c, const struct csv_field *id)
{
    names_expect(&c->battles, id->s, id->n);
}

/* Of which battle the row is, and the judge's probability. */
static bool read_battle(struct chunk *c, struct csv_record *r, uint64_t line)
{
    const int *role = c->columns->role;
    struct csv_field none = {.n = 0}, *id, *p_a = &none;
    csv_unquote(id = &r->fields[role[ROLE_BATTLE]]);
    if (role[ROLE_P_A] >= 0)
        csv_unquote(p_a = &r->fields[role[ROLE_P_A]]);
    return chunk_battle(c, line, id->s, id->n, p_a->s, p_a->n);
}

/* Who voted, and of what category the row is, where that is asked for. */
static bool read_names(struct chunk *c, struct csv_record *r, uint64_t line,
                       struct votelog_vote *v)
{
    const int *role = c->columns->role;
    return read_name(c, r, role[ROLE_VOTER], line, &c->voters, "voter",
                     &v->voter) &&
           read_name(c, r, role[ROLE_CATEGORY], line, &c->categories,
                     "category", &v->category);
}

/* No sum over a file may come near to wrapping round. */
#define MAX_COUNTED (UINT64_MAX / 16)

static bool read_count(struct chunk *c, struct csv_field *f, uint64_t line,
                       uint64_t *out)
{
    csv_unquote(f);
    uint64_t n = 0;
    size_t i = 0;
    for (; i < f->n && f->s[i] >= '0' && f->s[i] <= '9'; i++) {
        if (n > MAX_COUNTED / 10)
            break;
        n = 10 * n + (uint64_t)(f->s[i] - '0');
    }
    int shown = f->n > 40 ? 40 : (int)f->n;
    if (i < f->n || n == 0) {
        chunk_reject(c, line, "'%.*s' is not a count", shown, f->s);
        return false;
    }
    if (n > MAX_COUNTED - c->n_counted) {
        chunk_reject(c, line, "with %.*s more there are too many votes to "
                       "count", shown, f->s);
        return false;
    }
    c->n_counted += n;
    *out = n;
    return true;
}

static float read_number(struct csv_field *f)
{
    char text[64], *end;
    csv_unquote(f);
    if (f->n == 0 || f->n >= sizeof(text))
        return NAN;
    memcpy(text, f->s, f->n);
    text[f->n] = '\0';
    double v = strtod(text, &end);
    return *end == '\0' ? votelog_number(v) : NAN;
}

static void read_features(struct chunk *c, struct csv_record *r)
{
    float *x = chunk_next_x(c);
    for (size_t k = 0; k < c->log->n_features; k++)
        for (int side = 0; side < 2; side++)
            *x++ = read_number(&r->fields[c->columns->feature[k][side]]);
}

/* One row: a vote, a rejection, or nothing (a blank line).  -1: no memory. */
static int read_row(struct chunk *c, struct csv_record *r, uint64_t line)
{
    const struct votelog_columns *columns = c->columns;
    if (csv_is_blank(r))
        return 0;
    if (r->fault != NULL || r->n < columns->n_wanted) {
        if (r->fault != NULL)
            chunk_reject(c, line, "%s", r->fault);
        else
            chunk_reject(c, line, "%d columns where %d are needed", r->n,
                           columns->n_wanted);
        return 0;
    }
    struct votelog_vote *v = chunk_next(c);
    if (v == NULL)
        return -1;
    bool has_battle = columns->role[ROLE_BATTLE] >= 0;
    if (has_battle)
        expect_battle(c, &r->fields[columns->role[ROLE_BATTLE]]);
    struct csv_field *a = &r->fields[columns->role[ROLE_A]];
    struct csv_field *b = &r->fields[columns->role[ROLE_B]];
    csv_unquote(a);
    csv_unquote(b);
    if ((v->a = chunk_model(c, line, a->s, a->n)) == VOTELOG_NONE ||
        (v->b = chunk_model(c, line, b->s, b->n)) == VOTELOG_NONE)
        return 0;
    if (v->a == v->b) {
        chunk_reject(c, line, "self-play");
        return 0;
    }
    if (!read_verdict(c, r, line, &v->outcome) || !read_names(c, r, line, v))
        return 0;
    if (has_battle && !read_battle(c, r, line))
        return 0;
    if (columns->role[ROLE_COUNT] >= 0 &&
        !read_count(c, &r->fields[columns->role[ROLE_COUNT]], line, &v->times))
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
        c->status = next_record(&c->window, c->columns->separator, c->path,
                                &r, &c->error);
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
