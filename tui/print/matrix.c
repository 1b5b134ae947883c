#include "tui/print/matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/plural.h"
#include "tui/print/table.h"

#define NO_ROW SIZE_MAX

static void add_cell(struct matrix *m, size_t row, size_t opponent,
                     const uint64_t n[RATING_N_OUTCOMES])
{
    struct matrix_cell *c = &m->cells[row * m->n + opponent];
    c->wins += n[RATING_FIRST];
    c->losses += n[RATING_SECOND];
    c->ties += n[RATING_TIE];
    c->bad += n[RATING_BAD];
}

int matrix_init(struct matrix *m, const struct leaderboard *l,
                const struct rating_counts *c, struct err *e)
{
    m->n = l->n_rows;
    m->cells = l->n_rows <= SIZE_MAX / sizeof(*m->cells) / (l->n_rows + 1)
                   ? mem_try(l->n_rows * l->n_rows, sizeof(*m->cells))
                   : NULL;
    if (m->cells == NULL)
        return err_set(e, ERR_FAILURE,
                       "no memory for a matrix of %zu models", l->n_rows);
    size_t *row_of = mem_calloc(c->n_models, sizeof(*row_of));
    for (size_t i = 0; i < c->n_models; i++)
        row_of[i] = NO_ROW;
    for (size_t i = 0; i < l->n_rows; i++)
        row_of[l->rows[i].model] = i;
    for (size_t k = 0; k < c->n_cells; k++) {
        const struct rating_cell *cell = &c->cells[k];
        size_t i = row_of[cell->first], j = row_of[cell->second];
        if (i == NO_ROW || j == NO_ROW)
            continue;
        const uint64_t turned[RATING_N_OUTCOMES] = {
            [RATING_FIRST] = cell->n[RATING_SECOND],
            [RATING_SECOND] = cell->n[RATING_FIRST],
            [RATING_TIE] = cell->n[RATING_TIE],
            [RATING_BAD] = cell->n[RATING_BAD],
        };
        add_cell(m, i, j, cell->n);
        add_cell(m, j, i, turned);
    }
    free(row_of);
    return 0;
}

uint64_t matrix_votes(const struct matrix_cell *c)
{
    return c->wins + c->losses + c->ties + c->bad;
}

double matrix_share(const struct matrix_cell *c)
{
    double ties = (double)(c->ties + c->bad), n = (double)matrix_votes(c);
    return n > 0 ? ((double)c->wins + ties / 2) / n : NAN;
}

static bool met(const struct matrix_cell *c)
{
    return matrix_votes(c) > 0;
}

/* A row and a column a model: wins-losses-ties. */
static void print_square(const struct matrix *m, const struct leaderboard *l,
                         enum table_format format, struct buf *out)
{
    struct table_column *columns = mem_calloc(m->n + 2, sizeof(*columns));
    char (*titles)[24] = mem_calloc(m->n + 1, sizeof(*titles));
    columns[0] = (struct table_column){"", true, 0};
    columns[1] = (struct table_column){"wins-losses-ties against", false,
                                       TABLE_NAME};
    struct table t;
    for (size_t i = 0; i < m->n; i++) {
        snprintf(titles[i], sizeof(titles[i]), "%zu", i + 1);
        columns[i + 2] = (struct table_column){titles[i], true, 0};
    }
    table_init(&t, columns, m->n + 2);
    for (size_t i = 0; i < m->n; i++) {
        table_addf(&t, "%zu", i + 1);
        table_add(&t, l->rows[i].name);
        for (size_t k = 0; k < m->n; k++) {
            const struct matrix_cell *c = &m->cells[i * m->n + k];
            if (met(c))
                table_addf(&t, "%llu-%llu-%llu", (unsigned long long)c->wins,
                           (unsigned long long)c->losses,
                           (unsigned long long)(c->ties + c->bad));
            else
                table_add(&t, i == k ? "" : ".");
        }
    }
    table_print(&t, format, out);
    if (format == TABLE_TEXT)
        buf_add_str(out, "wins-losses-ties of the model in the row; both bad "
                         "is among the ties\n");
    if (format == TABLE_TEXT && l->n_weighted > 0)
        plural_add(out, l->n_weighted,
                   "[vote by weight is|votes by weight are] in no record\n");
    table_free(&t);
    free(titles);
    free(columns);
}

static void print_list(const struct matrix *m, const struct leaderboard *l,
                       struct buf *out)
{
    static const struct table_column columns[] = {
        {"model", false, 0}, {"opponent", false, 0}, {"wins", true, 0},
        {"losses", true, 0}, {"ties", true, 0},      {"both_bad", true, 0},
    };
    struct table t;
    table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
    for (size_t i = 0; i < m->n; i++) {
        for (size_t k = 0; k < m->n; k++) {
            const struct matrix_cell *c = &m->cells[i * m->n + k];
            if (!met(c))
                continue;
            table_add(&t, l->rows[i].name);
            table_add(&t, l->rows[k].name);
            table_addf(&t, "%llu", (unsigned long long)c->wins);
            table_addf(&t, "%llu", (unsigned long long)c->losses);
            table_addf(&t, "%llu", (unsigned long long)c->ties);
            table_addf(&t, "%llu", (unsigned long long)c->bad);
        }
    }
    table_print(&t, TABLE_CSV, out);
    table_free(&t);
}

void matrix_print(const struct matrix *m, const struct leaderboard *l,
                  enum table_format format, struct buf *out)
{
    if (format == TABLE_CSV)
        print_list(m, l, out);
    else
        print_square(m, l, format, out);
}
