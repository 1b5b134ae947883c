/* CSV (RFC 4180): a row a vote.
 *
 * A spreadsheet runs a cell that begins with = + - @, a tab or a carriage
 * return as a formula.  Such a cell gets a ' in front, and so does one that
 * begins with ' before such a character; reading takes one ' away again. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/exchange/own.h"
#include "arena/exchange/rows.h"
#include "arena/store/voter.h"
#include "arena/votelog/labels.h"
#include "base/mem.h"

/* In the order in which they are written. */
enum column {
    BATTLE_ID,
    MODEL_A,
    MODEL_B,
    WINNER,
    VOTER,
    CATEGORY,
    PROMPT,
    ANSWER_A,
    ANSWER_B,
    TURNS,
    CREATED_MS,
    N_COLUMNS
};

static const char *const names[N_COLUMNS] = {
    "battle_id", "model_a",  "model_b",  "winner", "voter",      "category",
    "prompt",    "answer_a", "answer_b", "turns",  "created_ms",
};

/* Whether a spreadsheet would take this for a formula, or a ' of ours for one
 * of its own. */
static bool is_formula(const char *s, size_t n)
{
    size_t at = 0;
    while (at < n && s[at] == '\'')
        at++;
    return at < n && strchr("=+-@\t\r", s[at]) != NULL && s[at] != '\0';
}

/* --- out ---------------------------------------------------------------- */

static void add_cell(struct buf *out, const char *s)
{
    if (out->len > 0 && out->data[out->len - 1] != '\n')
        buf_add_char(out, ',');
    buf_add_char(out, '"');
    if (is_formula(s, strlen(s)))
        buf_add_char(out, '\'');
    for (; *s != '\0'; s++) {
        if (*s == '"')
            buf_add_char(out, '"');
        buf_add_char(out, *s);
    }
    buf_add_char(out, '"');
}

static int begin(struct export *x, struct err *e)
{
    (void)e;
    for (int i = 0; i < N_COLUMNS; i++)
        buf_addf(&x->row, "%s%s", i > 0 ? "," : "", names[i]);
    buf_add_str(&x->row, "\r\n");
    return 0;
}

/* Of several turns the texts of the last one. */
static void add_row(struct export *x, const struct bulk_battle *b,
                    const struct talk *t, const struct bulk_vote *v)
{
    struct buf *out = &x->row;
    bool has_text = t->n > 0;
    const struct store_answer *const *last =
        has_text ? (const struct store_answer *const *)t->turns[t->n - 1]
                 : NULL;
    buf_addf(out, "%" PRId64, b->number);
    add_cell(out, b->model[0]);
    add_cell(out, b->model[1]);
    add_cell(out, own_winners[v->verdict]);
    add_cell(out, v->voter);
    add_cell(out, b->category);
    add_cell(out, has_text ? last[0]->prompt : b->prompt);
    add_cell(out, has_text ? last[0]->text : "");
    add_cell(out, has_text ? last[1]->text : "");
    buf_addf(out, ",%zu,%" PRId64 "\r\n", t->n, v->created_ms);
    x->counts->n_rows++;
}

/* --- in ----------------------------------------------------------------- */

struct reader {
    struct import *x;
    struct window window;
    struct rows rows;
    int at[N_COLUMNS]; /* place of each column, or -1 */
};

static bool is_known(const struct csv_field *f)
{
    for (int i = 0; i < N_COLUMNS; i++)
        if (csv_is_named(f, names[i]))
            return true;
    return false;
}

/* Columns that are not read are refused: what they say would be lost. */
static int read_header(struct reader *r, const char *path, struct err *e)
{
    struct csv_record header;
    if (rows_begin(&r->rows, &r->window, path, is_known, &header, e) != 0)
        return -1;
    for (int k = 0; k < header.n; k++)
        if (!is_known(&header.fields[k]))
            return err_set(e, ERR_FORMAT,
                           "%s: column \"%.*s\" is not one that "
                           "is read; take it out of the file, or use \"arena "
                           "rate\"",
                           path, (int)header.fields[k].n, header.fields[k].s);
    for (int i = 0; i < N_COLUMNS; i++) {
        r->at[i] = csv_find(&header, names[i]);
        if (r->at[i] < 0 && i >= MODEL_A && i <= WINNER)
            return err_set(e, ERR_FORMAT, "%s: there is no column %s", path,
                           names[i]);
    }
    return 0;
}

/* A cell as a text of its own; "" if the column is not there. */
static char *cell(struct reader *r, const struct csv_record *record,
                  enum column column)
{
    if (r->at[column] < 0)
        return mem_strdup("");
    struct csv_field f = record->fields[r->at[column]];
    if (f.n > 0 && f.s[0] == '\'' && is_formula(f.s, f.n)) {
        f.s++;
        f.n--;
    }
    return mem_strndup(f.s, f.n);
}

static int refuse(struct err *e, const char *why)
{
    err_set(e, ERR_FORMAT, "%s", why);
    return 1;
}

static bool parse_time(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    *out = n;
    return errno == 0 && end != text && *end == '\0';
}

static int store_cells(struct reader *r, char *const text[N_COLUMNS],
                       struct err *e)
{
    struct bulk_vote v = import_vote(r->x, NULL, r->x->now_ms);
    struct store_answer answers[2];
    bool has_text = text[ANSWER_A][0] != '\0' || text[ANSWER_B][0] != '\0';
    if (!votelog_outcome(text[WINNER], strlen(text[WINNER]), &v.verdict))
        return refuse(e, "its winner is not a verdict that we know");
    if (text[CREATED_MS][0] != '\0' &&
        !parse_time(text[CREATED_MS], &v.created_ms))
        return refuse(e, "created_ms is not a whole number");
    if (strcmp(text[TURNS], "") != 0 && strcmp(text[TURNS], "0") != 0 &&
        strcmp(text[TURNS], "1") != 0)
        return refuse(e, "it is the end of a longer conversation, of which "
                         "CSV has only the last turn");
    char *voter = voter_of(text[VOTER][0] != '\0' ? text[VOTER] : "unknown");
    v.voter = voter;
    for (int side = 0; side < 2; side++) {
        answers[side] =
            (struct store_answer){.side = side,
                                  .turn = 1,
                                  .round = 1,
                                  .prompt = text[PROMPT],
                                  .text = text[side ? ANSWER_B : ANSWER_A],
                                  .thinking = "",
                                  .settings = ""};
        answer_end_init(&answers[side].end);
        answers[side].end.finish = FINISH_STOP;
    }
    struct bulk_battle b = import_voted(&v);
    b.model[0] = text[MODEL_A];
    b.model[1] = text[MODEL_B];
    b.prompt = text[PROMPT];
    b.category = text[CATEGORY];
    b.answers = answers;
    b.n_answers = has_text ? 2 : 0;
    int result = import_battle(r->x, &b, e);
    free(voter);
    return result;
}

static int take_row(struct reader *r, const struct csv_record *record,
                    const char *fault, struct err *e)
{
    char *text[N_COLUMNS];
    if (fault != NULL)
        return refuse(e, fault);
    for (int i = 0; i < N_COLUMNS; i++)
        text[i] = cell(r, record, (enum column)i);
    int result = store_cells(r, text, e);
    for (int i = 0; i < N_COLUMNS; i++)
        free(text[i]);
    return result;
}

static int read_rows(struct reader *r, struct err *e)
{
    struct csv_record record;
    struct err why;
    const char *fault;
    uint64_t line;
    int status, result = 0;
    while ((status = rows_next(&r->rows, &record, &line, &fault, e)) == 1) {
        if (!import_is_new(r->x))
            continue;
        if ((result = take_row(r, &record, fault, &why)) == 1)
            import_reject(r->x, line, &why);
        else if (result == 0)
            result = import_pause(r->x, &why);
        if (result < 0) {
            if (e != NULL)
                *e = why;
            return -1;
        }
    }
    return status;
}

static int read_csv(struct import *x, const char *path, struct err *e)
{
    struct reader r = {.x = x};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_FAILURE, "%s: cannot open: %s", path,
                       strerror(errno));
    int result = window_open(&r.window, fd, -1, 0, e);
    if (result == 0) {
        result = window_begin(&r.window, path, e);
        if (result == 0)
            result = read_header(&r, path, e);
        if (result == 0)
            result = read_rows(&r, e);
        window_close(&r.window);
    }
    close(fd);
    return result;
}

const struct exchange_form exchange_csv = {
    .name = "csv",
    .begin = begin,
    .vote = add_row,
    .read = read_csv,
};
