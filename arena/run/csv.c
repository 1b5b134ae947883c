#include "arena/run/csv.h"

#include <stdlib.h>
#include <string.h>

#include "arena/run/jsonl.h"
#include "arena/run/reference.h"
#include "base/csv.h"
#include "base/mem.h"
#include "base/plural.h"

#define MAX_COLUMNS 1000
#define MAX_CELL_BYTES ((size_t)16 << 20)

enum column { COLUMN_PROMPT, COLUMN_INPUT, COLUMN_CONTEXT, COLUMN_ID,
              COLUMN_CATEGORY,
              COLUMN_SYSTEM, COLUMN_REFERENCE, COLUMN_ANSWER, COLUMN_MODEL,
              N_COLUMNS };

#define PROMPT_NAMES                                                           \
    "prompt, question, instruction, input, text, turns or messages"

/* Of several names for one column the first that the header has counts. */
static const struct name {
    const char *name;
    enum column column;
} NAMES[] = {
    {"prompt", COLUMN_PROMPT},      {"question", COLUMN_PROMPT},
    {"instruction", COLUMN_PROMPT}, {"input", COLUMN_PROMPT},
    {"text", COLUMN_PROMPT},        {"turns", COLUMN_PROMPT},
    {"messages", COLUMN_PROMPT},
    {"question_id", COLUMN_ID},     {"uid", COLUMN_ID},
    {"id", COLUMN_ID},              {"prompt_id", COLUMN_ID},
    {"category", COLUMN_CATEGORY},  {"system", COLUMN_SYSTEM},
    {"system_prompt", COLUMN_SYSTEM}, {"reference", COLUMN_REFERENCE},
};

/* Those of finished answers. */
static const struct name ANSWER_NAMES[] = {
    {"answer", COLUMN_ANSWER},     {"output", COLUMN_ANSWER},
    {"response", COLUMN_ANSWER},   {"completion", COLUMN_ANSWER},
    {"model", COLUMN_MODEL},       {"model_id", COLUMN_MODEL},
    {"generator", COLUMN_MODEL},
};

struct table {
    char *bytes;             /* a copy, which fields are unquoted in */
    char *s, *end;           /* what is not read yet */
    char separator;
    struct csv_record record;
    int n_columns;           /* of the header */
    int column[N_COLUMNS];   /* the place of each of ours; -1: not there */
    bool has_turns;          /* the prompts must be lists of turns */
    bool has_solutions;      /* "answer", in place of references */
    size_t line;             /* of s */
};

static bool is_prompt_column(const struct csv_field *f)
{
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
        if (NAMES[i].column == COLUMN_PROMPT && csv_is_named(f, NAMES[i].name))
            return true;
    return false;
}

/* The next record, unquoted; false at the end. */
static bool next_record(struct table *t)
{
    if (t->s == t->end)
        return false;
    csv_scan(&t->record, t->s, (size_t)(t->end - t->s), t->separator, true);
    t->s += t->record.n_bytes;
    t->line += t->record.n_lines;
    for (int i = 0; i < t->record.n && i < MAX_COLUMNS; i++)
        csv_unquote(&t->record.fields[i]);
    return true;
}

static void find_column(struct table *t, const struct name *name)
{
    if (t->column[name->column] < 0)
        t->column[name->column] = csv_find(&t->record, name->name);
}

static void find_columns(struct table *t)
{
    for (int k = 0; k < N_COLUMNS; k++)
        t->column[k] = -1;
    if (t->record.n > MAX_COLUMNS || t->record.fault != NULL)
        return;
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
        find_column(t, &NAMES[i]);
    for (size_t i = 0; i < sizeof(ANSWER_NAMES) / sizeof(ANSWER_NAMES[0]); i++)
        find_column(t, &ANSWER_NAMES[i]);
    t->has_solutions = t->column[COLUMN_REFERENCE] < 0 &&
                       csv_find(&t->record, "answer") >= 0;
    int prompt = t->column[COLUMN_PROMPT];
    if (prompt < 0)
        return;
    /* As in JSON, an input or a context stands below its instruction. */
    const struct csv_field *name = &t->record.fields[prompt];
    if (csv_is_named(name, "instruction") || csv_is_named(name, "question")) {
        t->column[COLUMN_INPUT] = csv_find(&t->record, "input");
        t->column[COLUMN_CONTEXT] = csv_find(&t->record, "context");
    }
    t->has_turns =
        csv_is_named(name, "turns") || csv_is_named(name, "messages");
}

/* Reads the header.  0, or -1: no memory. */
static int open_table(struct table *t, const char *s, size_t n)
{
    unsigned n_lines;
    *t = (struct table){.bytes = mem_try(n + 1, 1)};
    if (t->bytes == NULL)
        return -1;
    memcpy(t->bytes, s, n);
    t->s = t->bytes + csv_skip_preamble(t->bytes, n, &t->separator, &n_lines);
    t->end = t->bytes + n;
    t->line = 1 + n_lines;
    if (t->separator == 0)
        t->separator = csv_guess_separator(t->s, (size_t)(t->end - t->s),
                                           is_prompt_column);
    t->record.cap = MAX_COLUMNS;
    t->record.fields = mem_calloc(MAX_COLUMNS, sizeof(*t->record.fields));
    bool any = next_record(t);
    find_columns(t);
    t->n_columns = any ? t->record.n : 0;
    return 0;
}

static void close_table(struct table *t)
{
    free(t->record.fields);
    free(t->bytes);
}

/* --- is it a table? ------------------------------------------------------ */

/* Whether a cell could be the name of a column: a few words. */
static bool is_title(const struct csv_field *f)
{
    for (size_t i = 0; i < f->n; i++)
        if ((unsigned char)f->s[i] < 0x80 && strchr(".?!:;\n", f->s[i]) != NULL)
            return false;
    return f->n > 0 && f->n <= 40;
}

static bool is_number(const struct csv_field *f)
{
    for (size_t i = 0; i < f->n; i++)
        if ((f->s[i] < '0' || f->s[i] > '9') && f->s[i] != '.')
            return false;
    return f->n > 0;
}

/* Whether the rows below a header that names no prompts are a table's all the
 * same: each has as many cells, and tabs, quotes or numbers in a column say
 * that they were not written as sentences. */
static bool has_rows(struct table *t)
{
    bool is_numbered[MAX_COLUMNS], is_tabular = t->separator == '\t';
    size_t n_rows = 0;
    for (int i = 0; i < t->record.n; i++) {
        is_numbered[i] = true;
        if (!is_title(&t->record.fields[i]))
            return false;
    }
    while (next_record(t)) {
        if (csv_is_blank(&t->record))
            continue;
        if (t->record.n != t->n_columns || t->record.fault != NULL)
            return false;
        for (int i = 0; i < t->record.n; i++) {
            is_numbered[i] = is_numbered[i] && is_number(&t->record.fields[i]);
            is_tabular = is_tabular || t->record.fields[i].is_quoted;
        }
        n_rows++;
    }
    for (int i = 0; i < t->n_columns; i++)
        is_tabular = is_tabular || is_numbered[i];
    return n_rows > 0 && is_tabular;
}

enum table_kind prompts_table_kind(const char *s, size_t n)
{
    struct table t;
    enum table_kind kind = TABLE_NONE;
    if (open_table(&t, s, n) == 0) {
        if (t.column[COLUMN_PROMPT] >= 0)
            kind = TABLE_PROMPTS;
        else if (t.n_columns > 1 && t.n_columns <= MAX_COLUMNS && has_rows(&t))
            kind = TABLE_HEADLESS;
    }
    close_table(&t);
    return kind;
}

/* --- reading it ---------------------------------------------------------- */

/* A cell of one of our columns, or NULL if it is empty or not there. */
static const struct csv_field *cell(const struct table *t, enum column column)
{
    if (t->column[column] < 0)
        return NULL;
    const struct csv_field *f = &t->record.fields[t->column[column]];
    return f->n == 0 ? NULL : f;
}

static char *text_of(const struct table *t, enum column column)
{
    const struct csv_field *f = cell(t, column);
    return f == NULL ? NULL : mem_strndup(f->s, f->n);
}

/* Whether a list is of texts or messages, so that it is no prompt itself. */
static bool is_list_of_turns(const cJSON *list)
{
    const cJSON *turn;
    cJSON_ArrayForEach(turn, list)
        if (!cJSON_IsString(turn) && json_get(turn, "content") == NULL)
            return false;
    return list != NULL && list->child != NULL;
}

/* Reads a cell with a list of turns as JSON.  1; 0: it is none, nor need be;
 * -1 with e. */
static int read_turns(struct prompts_reader *r, const struct table *t,
                      const struct csv_field *f, struct prompt *p,
                      struct err *e)
{
    struct err found;
    cJSON *list = f->s[0] == '[' || t->has_turns
                      ? json_parse_python(f->s, f->n, MAX_CELL_BYTES, "",
                                          &found)
                      : NULL;
    int result = 0;
    if (t->has_turns ? list != NULL : is_list_of_turns(list))
        result = prompts_read_turns(r, list, p, e) == 0 ? 1 : -1;
    else if (t->has_turns)
        result = reader_fail(r, e, "the turns are no JSON list of texts");
    cJSON_Delete(list);
    return result;
}

static int read_words(struct prompts_reader *r, const struct table *t,
                      struct prompt *p, struct err *e)
{
    const struct csv_field *f = cell(t, COLUMN_PROMPT);
    if (f == NULL)
        return 0; /* reader_add says that it is empty */
    int turns = read_turns(r, t, f, p, e);
    if (turns != 0)
        return turns > 0 ? 0 : -1;
    struct buf text;
    buf_init(&text, f->n + MAX_CELL_BYTES);
    buf_add(&text, f->s, f->n);
    for (enum column k = COLUMN_INPUT; k <= COLUMN_CONTEXT; k++) {
        const struct csv_field *about = cell(t, k);
        if (about == NULL)
            continue;
        buf_add_str(&text, "\n\n");
        buf_add(&text, about->s, about->n);
    }
    prompt_add_turn(p, text.data, text.len);
    int result = text.overflow ? reader_fail(r, e, "a cell of more than %zu MB",
                                             MAX_CELL_BYTES >> 20)
                               : 0;
    buf_free(&text);
    return result;
}

/* Spreadsheets leave rows of empty cells at the end. */
static bool is_empty_row(const struct csv_record *record)
{
    for (int i = 0; i < record->n && i < record->cap; i++)
        if (record->fields[i].n > 0)
            return false;
    return record->fault == NULL;
}

static int take_row(struct prompts_reader *r, const struct table *t,
                    struct prompt *p, struct err *e)
{
    char *answer = text_of(t, COLUMN_ANSWER), *model = text_of(t, COLUMN_MODEL);
    int result = r->taker->row(r->taker->arg, r, p, answer, model, e);
    free(answer);
    free(model);
    return result;
}

static int read_record(struct prompts_reader *r, const struct table *t,
                       struct err *e)
{
    const struct csv_record *record = &t->record;
    if (is_empty_row(record))
        return 0;
    if (record->fault != NULL)
        return reader_fail(r, e, "%s", record->fault);
    if (record->n != t->n_columns)
        return reader_fail(r, e, "%d field%s, the header has %d", record->n,
                           plural_s((uint64_t)record->n), t->n_columns);
    struct prompt p = {.id = text_of(t, COLUMN_ID),
                       .category = text_of(t, COLUMN_CATEGORY),
                       .system = text_of(t, COLUMN_SYSTEM)};
    if (read_words(r, t, &p, e) != 0) {
        prompt_free(&p);
        return -1;
    }
    if (r->taker != NULL)
        return take_row(r, t, &p, e);
    char *reference = text_of(t, COLUMN_REFERENCE);
    if (reference != NULL && p.n_turns > 0)
        prompt_add_reference(&p, p.n_turns - 1, reference);
    char *solution = t->has_solutions ? text_of(t, COLUMN_ANSWER) : NULL;
    if (solution != NULL)
        prompts_read_solution(&p, solution);
    free(solution);
    free(reference);
    return reader_add(r, &p, e);
}

static int no_column(struct prompts_reader *r, const struct table *t,
                     const char *what, struct err *e)
{
    struct buf has;
    buf_init(&has, 160);
    for (int i = 0; i < t->record.n && i < MAX_COLUMNS; i++)
        buf_addf(&has, "%s%.*s", i > 0 ? ", " : "",
                 (int)(t->record.fields[i].n > 40 ? 40 : t->record.fields[i].n),
                 t->record.fields[i].s);
    for (size_t i = 0; i < has.len; i++)
        if (has.data[i] == '\n' || has.data[i] == '\r')
            has.data[i] = ' ';
    reader_fail(r, e, "a table without %s; its header is %s%s", what, has.data,
                has.overflow ? ", ..." : "");
    buf_free(&has);
    return -1;
}

/* Finished answers need an answer, and to what. */
static int check_answers(struct prompts_reader *r, const struct table *t,
                         struct err *e)
{
    if (t->column[COLUMN_ANSWER] < 0)
        return no_column(r, t, "a column answer, output, response or "
                         "completion", e);
    if (t->column[COLUMN_PROMPT] < 0 && t->column[COLUMN_ID] < 0)
        return no_column(r, t, "a column of prompts or ids", e);
    return 0;
}

/* Two columns of one name that is read: one of them would be lost. */
static int check_names(struct prompts_reader *r, const struct table *t,
                       struct err *e)
{
    for (int k = 0; k < N_COLUMNS; k++) {
        int i = t->column[k];
        if (i >= 0 && csv_find_again(&t->record, i) >= 0)
            return reader_fail(r, e, "two columns are called \"%.*s\"",
                               (int)t->record.fields[i].n,
                               t->record.fields[i].s);
    }
    return 0;
}

int prompts_read_csv(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e)
{
    struct table t;
    int result = open_table(&t, s, n);
    r->line = t.line - t.record.n_lines;
    if (result != 0)
        err_set(e, ERR_FAILURE, "%s: not enough memory", r->name);
    else if (r->taker != NULL)
        result = check_answers(r, &t, e);
    else if (t.column[COLUMN_PROMPT] < 0)
        result = no_column(r, &t, "a column " PROMPT_NAMES, e);
    if (result == 0)
        result = check_names(r, &t, e);
    while (result == 0) {
        r->line = t.line;
        if (!next_record(&t))
            break;
        result = read_record(r, &t, e);
    }
    close_table(&t);
    return result;
}
