#include "arena/votelog/columns.h"
#include "arena/votelog/node.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena/votelog/style.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"

enum { MAX_COLUMNS = 4096, LOOK_ROWS = 50 };

int votelog_csv_record(struct window *w, char separator, const char *path,
                       struct csv_record *r, struct err *e)
{
    for (;;) {
        char *s = w->data + w->begin;
        size_t n = w->end - w->begin;
        bool is_all = w->at_end;
        if (n > 0 && (w->has_quote ? csv_scan(r, s, n, separator, is_all)
                                   : csv_scan_plain(r, s, n, separator,
                                                    is_all))) {
            if (r->fault != NULL)
                csv_cut_damage(r, s);
            w->begin += r->n_bytes;
            return 1;
        }
        if (is_all)
            return 0;
        /* A quote that is not closed within the longest row is none. */
        if (n >= WINDOW_MAX_BYTES && csv_scan(r, s, n, separator, true) &&
            r->fault != NULL && memchr(s, '\n', n) != NULL) {
            csv_cut_damage(r, s);
            w->begin += r->n_bytes;
            return 1;
        }
        /* The record is scanned again from its start: a pipe gives little at a
         * time, so wait until there is twice as much. */
        size_t wanted = 2 * n < WINDOW_MAX_BYTES ? 2 * n : WINDOW_MAX_BYTES;
        do {
            if (window_more(w, path, e) != 0)
                return -1;
        } while (!w->at_end && w->end - w->begin < wanted);
    }
}

bool votelog_csv_number(const struct csv_field *f, float *out)
{
    double v;
    if (!number_parse(f->s, f->n, &v))
        return false;
    *out = votelog_number(v);
    return true;
}

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
    {"p_a", ROLE_SHARE},
    {"preference", ROLE_PREFERENCE},
    {"anony", ROLE_ANONYMOUS},
    {"anonymous", ROLE_ANONYMOUS},
    {"named", ROLE_NAMED},
    {"voter", ROLE_VOTER},
    {"judge", ROLE_VOTER},
    {"annotator", ROLE_VOTER},
    {"user", ROLE_VOTER},
    {"judge_hash", ROLE_VOTER},
    {"left", ROLE_A},
    {"right", ROLE_B},
    {"model_1", ROLE_A},
    {"model_2", ROLE_B},
    {"generator_1", ROLE_A},
    {"generator_2", ROLE_B},
    {"verdict", ROLE_WINNER},
};
enum { N_ROLES = sizeof(ROLES) / sizeof(ROLES[0]) };

static bool has_feature(const struct votelog *log, const char *name)
{
    for (size_t k = 0; k < log->n_features; k++)
        if (strcasecmp(log->features[k], name) == 0)
            return true;
    return false;
}

/* The other column of a pair NAME_a and NAME_b, or NAME_1 and NAME_2; -1: the
 * column is not the first of one. */
static int find_other(const struct csv_record *r, int column)
{
    const struct csv_field *f = &r->fields[column];
    if (f->n < 3 || f->s[f->n - 2] != '_' ||
        (f->s[f->n - 1] != 'a' && f->s[f->n - 1] != '1'))
        return -1;
    char *name = mem_strndup(f->s, f->n);
    name[f->n - 1]++;
    int other = csv_find(r, name);
    free(name);
    return other;
}

static bool has_role(const struct votelog_columns *columns, int column)
{
    for (int k = 0; k < ROLE_N; k++)
        if (columns->role[k] == column)
            return true;
    return false;
}

/* Names under which logs have the answers. */
static bool is_answer(const struct csv_field *f)
{
    for (const char *const *name = votelog_answer_names; *name; name++)
        if (f->n == strlen(*name) + 2 &&
            strncasecmp(f->s, *name, f->n - 2) == 0)
            return true;
    return false;
}

/* What the cells of a column look like, by the first rows. */
enum look { LOOKS_EMPTY, LOOKS_NUMBER, LOOKS_WORD, LOOKS_TEXT };

static enum look look_at(struct csv_field *f)
{
    float number;
    csv_unquote(f);
    if (f->n == 0)
        return LOOKS_EMPTY;
    if (votelog_csv_number(f, &number))
        return LOOKS_NUMBER;
    return memchr(f->s, ' ', f->n) != NULL || f->n > 60 ? LOOKS_TEXT
                                                        : LOOKS_WORD;
}

/* Looks at the rows that are in the window, of which nothing is used up.
 * looks[n]: the most that a column's cells look like.  0 or -1. */
static int look_at_rows(struct chunk *c, char separator, int n,
                        enum look *looks, struct err *e)
{
    struct window *w = &c->window;
    struct csv_record r = {.cap = n};
    char *copy = NULL;
    size_t at = 0, size;
    r.fields = mem_calloc((size_t)n, sizeof(*r.fields));
    for (;;) { /* until there is a whole row */
        size = w->end - w->begin;
        free(copy);
        copy = mem_try(size + 1, 1);
        if (copy == NULL)
            break;
        memcpy(copy, w->data + w->begin, size);
        if (size > 0 && csv_scan(&r, copy, size, separator, w->at_end))
            break;
        if (w->at_end || window_more(w, c->path, e) != 0)
            break;
    }
    for (int k = 0; copy != NULL && k < LOOK_ROWS && at < size &&
                    csv_scan(&r, copy + at, size - at, separator, w->at_end);
         k++) {
        for (int i = 0; i < n && i < r.n && r.fault == NULL; i++) {
            enum look look = look_at(&r.fields[i]);
            looks[i] = look > looks[i] ? look : looks[i];
        }
        csv_cut_damage(&r, copy + at);
        at += r.n_bytes;
    }
    free(copy);
    free(r.fields);
    return 0;
}

static void add_numbers(struct votelog *log, struct votelog_columns *columns,
                        const struct csv_field *f, int first, int second)
{
    char *name = mem_strndup(f->s, f->n - 2);
    if (log->n_features == VOTELOG_MAX_FEATURES - STYLE_N_FEATURES ||
        has_feature(log, name)) { /* the first of a name counts */
        free(name);
        return;
    }
    columns->feature[log->n_features][0] = first;
    columns->feature[log->n_features][1] = second;
    log->features[log->n_features++] = name;
}

/* Pairs of columns with numbers of the answers, and the pair with the answers:
 * the one with a usual name, else the first one with text in it. */
static void find_features(struct votelog *log, const struct csv_record *r,
                          const enum look *looks,
                          struct votelog_columns *columns)
{
    int text = -1;
    for (int i = 0; i < r->n; i++) {
        const struct csv_field *f = &r->fields[i];
        int other = find_other(r, i);
        if (other < 0 || has_role(columns, i) || has_role(columns, other))
            continue;
        enum look look = looks[i] > looks[other] ? looks[i] : looks[other];
        bool known = is_answer(f) && look != LOOKS_NUMBER;
        if (known || look == LOOKS_TEXT) {
            if (text < 0 || (known && !is_answer(&r->fields[text])))
                text = i;
        } else if (look != LOOKS_WORD) {
            add_numbers(log, columns, f, i, other);
        }
    }
    columns->n_numbers = (int)log->n_features;
    if (text < 0)
        return;
    columns->text[0] = text;
    columns->text[1] = find_other(r, text);
    votelog_style_features(log);
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

/* The column of a name that was asked for, if it was.  0 or -1. */
static int find_asked(const struct chunk *c, const struct csv_record *r,
                      const char *name, int *out, struct err *e)
{
    if (name == NULL)
        return 0;
    *out = csv_find(r, name);
    return *out < 0 ? missing_column(c, r, name, e) : 0;
}

static const char *find_unread_count(const struct csv_record *r)
{
    for (const char *const *name = votelog_count_names; *name != NULL; name++)
        if (csv_find(r, *name) >= 0)
            return *name;
    return NULL;
}

static int find_roles(const struct chunk *c, const struct csv_record *r,
                      int *role, struct err *e)
{
    const struct votelog_options *o = c->o;
    for (int k = 0; k < ROLE_N; k++)
        role[k] = -1;
    for (size_t k = 0; k < N_ROLES; k++)
        if (role[ROLES[k].role] < 0)
            role[ROLES[k].role] = csv_find(r, ROLES[k].name);
    bool has_verdict = role[ROLE_WINNER] >= 0 || role[ROLE_SHARE] >= 0 ||
                       role[ROLE_PREFERENCE] >= 0 ||
                       (role[ROLE_WON_A] >= 0 && role[ROLE_WON_B] >= 0);
    if (role[ROLE_A] < 0)
        return missing_column(c, r, "model_a", e);
    if (role[ROLE_B] < 0)
        return missing_column(c, r, "model_b", e);
    if (!has_verdict)
        return missing_column(c, r, "winner", e);
    if (o->voters && role[ROLE_VOTER] < 0)
        return missing_column(c, r, "voter", e);
    if (!o->voters)
        role[ROLE_VOTER] = o->people ? csv_find(r, "voter") : -1;
    if (find_asked(c, r, o->category, &role[ROLE_CATEGORY], e) != 0 ||
        find_asked(c, r, o->judge != NULL ? "battle_id" : NULL,
                   &role[ROLE_BATTLE], e) != 0)
        return -1;
    if (o->count == NULL)
        c->log->unread_count = find_unread_count(r);
    return find_asked(c, r, o->count, &role[ROLE_COUNT], e);
}

static void want(struct votelog_columns *columns, int column)
{
    if (column >= columns->n_wanted)
        columns->n_wanted = column + 1;
}

/* Two columns of one name that is read: one of them would be lost. */
static int check_once(const struct chunk *c, const struct csv_record *r,
                      int column, struct err *e)
{
    if (column < 0 || csv_find_again(r, column) < 0)
        return 0;
    return err_set(e, ERR_FORMAT, "%s:1: two columns are called \"%.*s\"; take "
                   "one of them out of the file", c->path,
                   (int)r->fields[column].n, r->fields[column].s);
}

static int find_wanted(struct chunk *c, const struct csv_record *r,
                       struct votelog_columns *out, struct err *e)
{
    out->text[0] = out->text[1] = -1;
    if (find_roles(c, r, out->role, e) != 0)
        return -1;
    out->is_usual = true;
    for (int k = 0; k < ROLE_N; k++) {
        if (check_once(c, r, out->role[k], e) != 0)
            return -1;
        want(out, out->role[k]);
        out->is_usual = out->is_usual && (k == ROLE_A || k == ROLE_B ||
                                          k == ROLE_WINNER || out->role[k] < 0);
    }
    return 0;
}

/* The header's names move when the window does. */
static void copy_header(struct csv_record *r, struct buf *names)
{
    for (int i = 0; i < r->n; i++)
        buf_add(names, r->fields[i].s, r->fields[i].n);
    size_t at = 0;
    for (int i = 0; i < r->n; i++) {
        r->fields[i].s = names->data + at;
        at += r->fields[i].n;
    }
}

static int read_features_header(struct chunk *c, struct csv_record *r,
                                struct votelog_columns *out, struct err *e)
{
    struct buf names;
    enum look *looks = mem_calloc((size_t)r->n, sizeof(*looks));
    buf_init(&names, WINDOW_MAX_BYTES);
    copy_header(r, &names);
    int status = look_at_rows(c, out->separator, r->n, looks, e);
    if (status == 0)
        find_features(c->log, r, looks, out);
    for (int k = 0; k < out->n_numbers; k++) {
        want(out, out->feature[k][0]);
        want(out, out->feature[k][1]);
    }
    for (int side = 0; side < 2 && status == 0; side++) {
        status = check_once(c, r, out->text[side], e);
        want(out, out->text[side]);
    }
    buf_free(&names);
    free(looks);
    return status;
}

static bool is_model_column(const struct csv_field *f)
{
    for (size_t k = 0; k < N_ROLES; k++)
        if ((ROLES[k].role == ROLE_A || ROLES[k].role == ROLE_B) &&
            csv_is_named(f, ROLES[k].name))
            return true;
    return false;
}

int votelog_csv_begin(struct window *w, const char *path,
                      bool (*is_known)(const struct csv_field *f),
                      char *separator, uint64_t *line, struct err *e)
{
    for (;;) {
        unsigned n_lines;
        const char *s = w->data + w->begin;
        size_t n = w->end - w->begin;
        size_t skip = csv_skip_preamble(s, n, separator, &n_lines);
        if (w->at_end || memchr(s + skip, '\n', n - skip) != NULL) {
            if (*separator == 0)
                *separator = csv_guess_separator(s + skip, n - skip, is_known);
            w->begin += skip;
            *line += n_lines;
            return 0;
        }
        if (window_more(w, path, e) != 0)
            return -1;
    }
}

int votelog_csv_header(struct chunk *c, struct votelog_columns *out,
                       struct err *e)
{
    struct csv_record r = {.cap = MAX_COLUMNS};
    memset(out, 0, sizeof(*out));
    if (votelog_csv_begin(&c->window, c->path, is_model_column,
                          &out->separator, &c->line, e) != 0)
        return -1;
    r.fields = mem_calloc((size_t)r.cap, sizeof(*r.fields));
    int status = votelog_csv_record(&c->window, out->separator, c->path, &r, e);
    if (status == 0)
        status = err_set(e, ERR_FORMAT, "%s: no header", c->path);
    if (r.n > MAX_COLUMNS && status > 0)
        status = err_set(e, ERR_FORMAT, "%s:1: more than %d columns", c->path,
                         MAX_COLUMNS);
    if (status > 0) {
        for (int i = 0; i < r.n; i++)
            csv_unquote(&r.fields[i]);
        c->line += r.n_lines;
        status = find_wanted(c, &r, out, e);
        if (status == 0 && c->o->features)
            status = read_features_header(c, &r, out, e);
    }
    free(r.fields);
    return status < 0 ? -1 : 0;
}
