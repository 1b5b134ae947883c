/* The CSV form: RFC 4180, and what is met in its place (bare LF, a BOM, ; or
 * tab for the comma, no final line break, blank lines, blanks at a field). */
#include "arena/votelog/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

enum { MAX_COLUMNS = 4096 };

struct field {
    char *s;
    size_t n;
    bool is_quoted;
    bool has_quotes; /* "" inside stand for one */
};

struct record {
    struct field *fields; /* the first `cap` of them */
    int cap, n;           /* n counts those beyond cap too */
    size_t size;          /* bytes, line break included */
    unsigned n_lines;
    const char *fault;    /* NULL: well formed */
};

/* Reads the field at s[0..end), where *end can be written, and returns where
 * it stops: at the separator, the line break, or the end. */
static char *plain_field(char *s, char *end, char separator, struct field *f)
{
    char *p = s;
    *end = '\n';
    while (*p != separator && *p != '\n')
        p++;
    *f = (struct field){.s = s, .n = (size_t)(p - s)};
    if (*p == '\n' && f->n > 0 && p[-1] == '\r')
        f->n--; /* at the end of the file too */
    return p;
}

/* The same where it begins with a quote; NULL where the quote is not closed
 * before the end. */
static char *quoted_field(char *s, char *end, char separator, struct field *f,
                          struct record *r)
{
    *f = (struct field){.s = s + 1, .is_quoted = true};
    for (char *p = s + 1; p < end; p++) {
        if (*p == '\n')
            r->n_lines++;
        if (*p != '"')
            continue;
        if (p + 1 < end && p[1] == '"') {
            f->has_quotes = true;
            p++;
            continue;
        }
        f->n = (size_t)(p - f->s);
        p++;
        if (p < end && *p == '\r' && (p + 1 == end || p[1] == '\n'))
            p++;
        if (p < end && *p != separator && *p != '\n') {
            r->fault = "text behind a closing quote";
            while (p < end && *p != separator && *p != '\n')
                p++;
        }
        return p;
    }
    return NULL;
}

/* Reads the record at the front of the window.  1; 0 where the window ends
 * before it does and more may come. */
static int scan_record(const struct votelog_window *w, char separator,
                       struct record *r)
{
    char *s = w->data + w->begin, *end = w->data + w->end;
    r->n = 0;
    r->n_lines = 0;
    r->fault = NULL;
    for (char *p = s;; p++) {
        struct field spare;
        struct field *f = r->n < r->cap ? &r->fields[r->n] : &spare;
        r->n++;
        if (p < end && *p == '"') {
            char *quote = p;
            p = quoted_field(p, end, separator, f, r);
            if (p == NULL && w->at_end) {
                r->fault = "a quote that is never closed";
                f->n = (size_t)(end - quote - 1);
                p = end;
            }
        } else {
            p = plain_field(p, end, separator, f);
        }
        if (p == NULL || (p >= end && !w->at_end))
            return 0;
        if (p >= end || *p == '\n') {
            r->size = (size_t)(p - s) + (p < end);
            r->n_lines += p < end;
            return 1;
        }
    }
}

/* The same for a window without a quote, where a record is a line: the
 * library's memchr looks at 16 bytes or more at a time.  Fields beyond `cap`
 * are not looked for. */
static int scan_line(const struct votelog_window *w, char separator,
                     struct record *r)
{
    char *s = w->data + w->begin, *end = w->data + w->end;
    char *stop = memchr(s, '\n', (size_t)(end - s));
    if (stop == NULL)
        return scan_record(w, separator, r);
    r->size = (size_t)(stop - s) + 1;
    r->n_lines = 1;
    r->fault = NULL;
    if (stop > s && stop[-1] == '\r')
        stop--;
    for (r->n = 0; r->n < r->cap;) {
        char *p = memchr(s, separator, (size_t)(stop - s));
        char *field_end = p != NULL ? p : stop;
        r->fields[r->n++] =
            (struct field){.s = s, .n = (size_t)(field_end - s)};
        if (p == NULL)
            break;
        s = p + 1;
    }
    return 1;
}

static void trim(struct field *f)
{
    while (f->n > 0 && (f->s[f->n - 1] == ' ' || f->s[f->n - 1] == '\t'))
        f->n--;
    for (; f->n > 0 && (*f->s == ' ' || *f->s == '\t'); f->n--)
        f->s++;
}

/* Turns "" into ", in place; blanks around a field count within quotes only. */
static void unquote(struct field *f)
{
    if (!f->is_quoted)
        trim(f);
    if (!f->has_quotes)
        return;
    size_t to = 0;
    for (size_t i = 0; i < f->n; i++) {
        f->s[to++] = f->s[i];
        if (f->s[i] == '"' && i + 1 < f->n && f->s[i + 1] == '"')
            i++;
    }
    f->n = to;
    f->has_quotes = false;
}

/* The next record, moved out of the window (its fields stay there until the
 * next call).  1; 0 at the end; -1. */
static int next_record(struct votelog_window *w, char separator,
                       const char *path, struct record *r, struct err *e)
{
    for (;;) {
        int whole = 0;
        if (w->begin < w->end)
            whole = w->has_quote ? scan_record(w, separator, r)
                                 : scan_line(w, separator, r);
        if (whole) {
            w->begin += r->size;
            return 1;
        }
        if (w->at_end)
            return 0;
        /* The record is scanned again from its start: a pipe gives little at a
         * time, so wait until there is twice as much. */
        size_t wanted = 2 * (w->end - w->begin);
        do {
            if (votelog_window_more(w, path, e) != 0)
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

static bool is_named(const struct field *f, const char *name)
{
    return f->n == strlen(name) && strncasecmp(f->s, name, f->n) == 0;
}

static int find_column(const struct record *r, const char *name)
{
    for (int i = 0; i < r->n; i++)
        if (is_named(&r->fields[i], name))
            return i;
    return -1;
}

static bool has_feature(const struct votelog *log, const char *name)
{
    for (size_t k = 0; k < log->n_features; k++)
        if (strcasecmp(log->features[k], name) == 0)
            return true;
    return false;
}

/* Columns NAME_a and NAME_b with numbers of the answers. */
static void find_features(const struct record *r, struct votelog *log,
                          struct votelog_columns *c)
{
    for (int i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        if (f->n < 3 || memcmp(f->s + f->n - 2, "_a", 2) != 0 ||
            i == c->role[ROLE_A] || i == c->role[ROLE_WON_A] ||
            log->n_features == VOTELOG_MAX_FEATURES)
            continue;
        char *name = mem_strndup(f->s, f->n);
        name[f->n - 1] = 'b';
        int other = find_column(r, name);
        name[f->n - 2] = '\0';
        if (other < 0 || has_feature(log, name)) { /* the first one wins */
            free(name);
            continue;
        }
        c->feature[log->n_features][0] = i;
        c->feature[log->n_features][1] = other;
        log->features[log->n_features++] = name;
    }
}

static int missing_column(const struct votelog_part *p, const struct record *r,
                          const char *name, struct err *e)
{
    struct buf has;
    for (int i = 0; i < r->n; i++)
        if (memchr(r->fields[i].s, '\r', r->fields[i].n) != NULL)
            return err_set(e, ERR_FORMAT, "%s: its lines end in CR alone; "
                           "convert them to LF", p->path);
    buf_init(&has, 160);
    for (int i = 0; i < r->n; i++) {
        buf_addf(&has, "%s%.*s", i ? ", " : "", (int)r->fields[i].n,
                 r->fields[i].s);
    }
    err_set(e, ERR_FORMAT, "%s:1: no column %s; a battle log has model_a, "
            "model_b and winner; this file has %s%s", p->path, name, has.data,
            has.overflow ? ", ..." : "");
    buf_free(&has);
    return -1;
}

static int find_wanted(const struct votelog_part *p, const struct record *r,
                       struct votelog_columns *c, struct err *e)
{
    const struct votelog_options *o = p->o;
    for (int k = 0; k < ROLE_N; k++)
        c->role[k] = -1;
    for (size_t k = 0; k < N_ROLES; k++)
        if (c->role[ROLES[k].role] < 0)
            c->role[ROLES[k].role] = find_column(r, ROLES[k].name);
    if (c->role[ROLE_A] < 0)
        return missing_column(p, r, "model_a", e);
    if (c->role[ROLE_B] < 0)
        return missing_column(p, r, "model_b", e);
    bool split = c->role[ROLE_WON_A] >= 0 && c->role[ROLE_WON_B] >= 0;
    if (c->role[ROLE_WINNER] < 0 && !split)
        return missing_column(p, r, "winner", e);
    if (o->voters && c->role[ROLE_VOTER] < 0)
        return missing_column(p, r, "voter", e);
    if (!o->voters)
        c->role[ROLE_VOTER] = -1;
    if (o->category != NULL) {
        c->role[ROLE_CATEGORY] = find_column(r, o->category);
        if (c->role[ROLE_CATEGORY] < 0)
            return missing_column(p, r, o->category, e);
    }
    if (o->count != NULL) {
        c->role[ROLE_COUNT] = find_column(r, o->count);
        if (c->role[ROLE_COUNT] < 0)
            return missing_column(p, r, o->count, e);
    }
    if (o->features)
        find_features(r, p->log, c);
    for (int k = 0; k < ROLE_N; k++)
        if (c->role[k] >= c->n_wanted)
            c->n_wanted = c->role[k] + 1;
    for (size_t k = 0; k < p->log->n_features; k++)
        for (int side = 0; side < 2; side++)
            if (c->feature[k][side] >= c->n_wanted)
                c->n_wanted = c->feature[k][side] + 1;
    return 0;
}

/* How well a separator cuts a line into columns: those that are the models
 * count most, then how many there are. */
static size_t judge_separator(const char *s, size_t n, char separator)
{
    const char *end = s + n;
    size_t score = 0;
    for (bool more = true; more; score++) {
        const char *stop = memchr(s, separator, (size_t)(end - s));
        more = stop != NULL;
        stop = more ? stop : end;
        struct field f = {.s = (char *)s, .n = (size_t)(stop - s)};
        while (f.n > 0 && strchr(" \t\r\"", *f.s) != NULL)
            f.s++, f.n--;
        while (f.n > 0 && strchr(" \t\r\"", f.s[f.n - 1]) != NULL)
            f.n--;
        for (size_t k = 0; k < N_ROLES; k++)
            if ((ROLES[k].role == ROLE_A || ROLES[k].role == ROLE_B) &&
                is_named(&f, ROLES[k].name))
                score += 1 << 24;
        s = stop + 1;
    }
    return score;
}

/* Whichever of , ; and tab cuts the first line that is not blank best. */
static char guess_separator(const struct votelog_window *w)
{
    const char *s = w->data + w->begin;
    size_t n = w->end - w->begin;
    for (; n > 0 && (*s == '\r' || *s == '\n'); s++)
        n--;
    const char *line_end = memchr(s, '\n', n);
    if (line_end != NULL)
        n = (size_t)(line_end - s);
    size_t commas = judge_separator(s, n, ',');
    size_t semicolons = judge_separator(s, n, ';');
    size_t tabs = judge_separator(s, n, '\t');
    if (commas >= semicolons && commas >= tabs)
        return ',';
    return semicolons > tabs ? ';' : '\t';
}

int votelog_csv_header(struct votelog_part *p, struct votelog_columns *out,
                       struct err *e)
{
    struct record r = {.cap = MAX_COLUMNS};
    memset(out, 0, sizeof(*out));
    out->separator = guess_separator(&p->window);
    r.fields = mem_calloc((size_t)r.cap, sizeof(*r.fields));
    int status;
    do { /* blank lines may come first */
        status = next_record(&p->window, out->separator, p->path, &r, e);
        p->line += status > 0 ? r.n_lines : 0;
    } while (status > 0 && r.n == 1 && r.fields[0].n == 0);
    if (status == 0)
        status = err_set(e, ERR_FORMAT, "%s: no header", p->path);
    if (r.n > MAX_COLUMNS && status > 0)
        status = err_set(e, ERR_FORMAT, "%s:1: more than %d columns", p->path,
                         MAX_COLUMNS);
    if (status > 0) {
        for (int i = 0; i < r.n; i++)
            unquote(&r.fields[i]);
        status = find_wanted(p, &r, out, e);
    }
    free(r.fields);
    return status < 0 ? -1 : 0;
}

/* --- rows -------------------------------------------------------------- */

static bool is_one(struct record *r, int column)
{
    if (column < 0)
        return false;
    unquote(&r->fields[column]);
    return r->fields[column].n >= 1 && r->fields[column].s[0] == '1';
}

static bool read_verdict(struct votelog_part *p, struct record *r,
                         uint64_t line, enum rating_outcome *out)
{
    const int *role = p->columns->role;
    if (role[ROLE_WINNER] >= 0) {
        struct field *f = &r->fields[role[ROLE_WINNER]];
        unquote(f);
        if (votelog_outcome(f->s, f->n, out))
            return true;
        votelog_reject(p, line, "unknown winner label '%.*s'",
                       f->n > 40 ? 40 : (int)f->n, f->s);
        return false;
    }
    bool a = is_one(r, role[ROLE_WON_A]), b = is_one(r, role[ROLE_WON_B]);
    bool tied = is_one(r, role[ROLE_TIED]);
    *out = a ? RATING_FIRST : b ? RATING_SECOND : RATING_TIE;
    if (a + b + tied == 1)
        return true;
    votelog_reject(p, line, "%s of winner_model_a, winner_model_b and "
                   "winner_tie is 1",
                   a + b + tied > 0 ? "more than one" : "none");
    return false;
}

static bool read_name(struct votelog_part *p, struct record *r, int column,
                      uint64_t line, struct names *names, const char *what,
                      uint32_t *out)
{
    if (column < 0)
        return true;
    struct field *f = &r->fields[column];
    unquote(f);
    return votelog_name(p, line, names, what, f->s, f->n, out);
}

/* Who voted, and of what category the row is, where that is asked for. */
static bool read_names(struct votelog_part *p, struct record *r, uint64_t line,
                       struct votelog_vote *v)
{
    const int *role = p->columns->role;
    return read_name(p, r, role[ROLE_VOTER], line, &p->voters, "voter",
                     &v->voter) &&
           read_name(p, r, role[ROLE_CATEGORY], line, &p->categories,
                     "category", &v->category);
}

/* No sum over a file may come near to wrapping round. */
#define MAX_COUNTED (UINT64_MAX / 16)

static bool read_count(struct votelog_part *p, struct field *f, uint64_t line,
                       uint64_t *out)
{
    unquote(f);
    uint64_t n = 0;
    size_t i = 0;
    for (; i < f->n && f->s[i] >= '0' && f->s[i] <= '9'; i++) {
        if (n > MAX_COUNTED / 10)
            break;
        n = 10 * n + (uint64_t)(f->s[i] - '0');
    }
    int shown = f->n > 40 ? 40 : (int)f->n;
    if (i < f->n || n == 0) {
        votelog_reject(p, line, "'%.*s' is not a count", shown, f->s);
        return false;
    }
    if (n > MAX_COUNTED - p->n_counted) {
        votelog_reject(p, line, "with %.*s more there are too many votes to "
                       "count", shown, f->s);
        return false;
    }
    p->n_counted += n;
    *out = n;
    return true;
}

static float read_number(struct field *f)
{
    char text[64], *end;
    unquote(f);
    if (f->n == 0 || f->n >= sizeof(text))
        return NAN;
    memcpy(text, f->s, f->n);
    text[f->n] = '\0';
    double v = strtod(text, &end);
    return *end == '\0' ? votelog_number(v) : NAN;
}

static void read_features(struct votelog_part *p, struct record *r)
{
    float *x = votelog_next_x(p);
    for (size_t k = 0; k < p->log->n_features; k++)
        for (int side = 0; side < 2; side++)
            *x++ = read_number(&r->fields[p->columns->feature[k][side]]);
}

/* One row: a vote, a rejection, or nothing (a blank line).  -1: no memory. */
static int read_row(struct votelog_part *p, struct record *r, uint64_t line)
{
    const struct votelog_columns *c = p->columns;
    if (r->n == 1 && r->fields[0].n == 0 && r->fault == NULL)
        return 0;
    if (r->fault != NULL || r->n < c->n_wanted) {
        if (r->fault != NULL)
            votelog_reject(p, line, "%s", r->fault);
        else
            votelog_reject(p, line, "%d columns where %d are needed", r->n,
                           c->n_wanted);
        return 0;
    }
    struct votelog_vote *v = votelog_next(p);
    if (v == NULL)
        return -1;
    struct field *a = &r->fields[c->role[ROLE_A]];
    struct field *b = &r->fields[c->role[ROLE_B]];
    unquote(a);
    unquote(b);
    if ((v->a = votelog_model(p, line, a->s, a->n)) == VOTELOG_NONE ||
        (v->b = votelog_model(p, line, b->s, b->n)) == VOTELOG_NONE)
        return 0;
    if (v->a == v->b) {
        votelog_reject(p, line, "self-play");
        return 0;
    }
    if (!read_verdict(p, r, line, &v->outcome) || !read_names(p, r, line, v))
        return 0;
    if (c->role[ROLE_COUNT] >= 0 &&
        !read_count(p, &r->fields[c->role[ROLE_COUNT]], line, &v->times))
        return 0;
    if (p->x != NULL)
        read_features(p, r);
    votelog_keep(p);
    return 0;
}

/* Where the window's first unread byte stands in the file. */
static off_t position(const struct votelog_window *w)
{
    return w->at - (off_t)(w->end - w->begin);
}

/* Skips to behind the first line break at or after `from` - 1: where a row
 * begins, unless a quoted field stands across. */
static int skip_to_row(struct votelog_part *p)
{
    struct votelog_window *w = &p->window;
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
        if (votelog_window_more(w, p->path, &p->error) != 0)
            return -1;
    }
    p->first = position(w);
    return 0;
}

static int open_stretch(struct votelog_part *p, off_t end)
{
    if (p->window.data != NULL) /* a pipe: what was read of it goes on */
        return 0;
    bool known = p->first >= 0;
    if (votelog_window_open(&p->window, p->window.fd,
                            known ? p->first : p->from - 1, end,
                            &p->error) != 0)
        return -1;
    return known ? 0 : skip_to_row(p);
}

void votelog_csv_rows(struct votelog_part *p)
{
    struct record r = {.cap = p->columns->n_wanted};
    r.fields = mem_calloc((size_t)r.cap, sizeof(*r.fields));
    p->status = open_stretch(p, p->window.stop);
    bool pipe = p->window.at < 0;
    while (p->status == 0) {
        if (!pipe && position(&p->window) >= p->to)
            break;
        p->status = next_record(&p->window, p->columns->separator, p->path,
                                &r, &p->error);
        if (p->status <= 0)
            break;
        p->status = read_row(p, &r, p->line + 1);
        p->line += r.n_lines;
    }
    if (p->status == 0)
        p->status = votelog_flush(p);
    p->after = position(&p->window);
    free(r.fields);
}
