#include "tui/print/accuracy.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/plural.h"
#include "tui/print/table.h"
#include "tui/terminal/tty.h"

#define MAX_CATEGORIES 8 /* that have a column of their own */
#define CATEGORY_COLUMNS 12

/* --- tables --------------------------------------------------------------- */

struct scored {
    size_t model;
    struct accuracy_count count;
    struct proportion share;
};

static int best_first(const void *x, const void *y)
{
    const struct scored *a = x, *b = y;
    double p = a->count.n > 0 ? a->share.share : -1;
    double q = b->count.n > 0 ? b->share.share : -1;
    if (p != q)
        return p < q ? 1 : -1;
    return (a->model > b->model) - (a->model < b->model);
}

static struct scored *score(const struct accuracy_view *v)
{
    struct scored *out = mem_calloc(v->n_models + 1, sizeof(*out));
    for (size_t i = 0; i < v->n_models; i++) {
        out[i].model = v->models[i];
        out[i].count = accuracy_count(v->accuracy, v->models[i], ACCURACY_ALL);
        out[i].share = proportion_of(out[i].count.n_right, out[i].count.n);
    }
    qsort(out, v->n_models, sizeof(*out), best_first);
    return out;
}

static const char *name_of(const struct accuracy_view *v, size_t model)
{
    return v->arena->config.models[model].name;
}

static void add_category(const struct accuracy_view *v, struct table *t,
                         size_t model, size_t category)
{
    struct accuracy_count c = accuracy_count(v->accuracy, model, category);
    table_addf(t, "%zu/%zu", c.n_right, c.n);
}

static void print_shares(const struct accuracy_view *v,
                         const struct scored *scored, struct buf *out)
{
    struct table_column columns[4 + MAX_CATEGORIES] = {
        {"Model", false, TABLE_NAME},
        {"Right", true, 0},
        {"%", true, 0},
        {"95% interval", true, 0},
    };
    size_t n_categories = v->accuracy->categories->n;
    if (n_categories < 2 || n_categories > MAX_CATEGORIES)
        n_categories = 0;
    for (size_t c = 0; c < n_categories; c++)
        columns[4 + c] = (struct table_column){
            names_get(v->accuracy->categories, (uint32_t)c, NULL), true,
            CATEGORY_COLUMNS};
    struct table t;
    table_init(&t, columns, 4 + n_categories);
    t.width = tty_columns(STDOUT_FILENO);
    for (size_t i = 0; i < v->n_models; i++) {
        const struct scored *s = &scored[i];
        table_add(&t, name_of(v, s->model));
        table_addf(&t, "%zu/%zu", s->count.n_right, s->count.n);
        if (s->count.n > 0)
            table_addf(&t, "%.1f", 100 * s->share.share);
        else
            table_add(&t, "-");
        table_addf(&t, "%.1f to %.1f", 100 * s->share.lower,
                   100 * s->share.upper);
        for (size_t c = 0; c < n_categories; c++)
            add_category(v, &t, s->model, c);
    }
    table_print(&t, TABLE_TEXT, out);
    table_free(&t);
}

static void print_differences(const struct accuracy_view *v,
                              const struct scored *scored, struct buf *out)
{
    static const struct table_column columns[] = {
        {"Against the first", false, TABLE_NAME},
        {"Only first right", true, 0},
        {"Only it right", true, 0},
        {"Difference", true, 0},
        {"95% interval", true, 0},
        {"p", true, 0},
    };
    struct table t;
    table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
    t.width = tty_columns(STDOUT_FILENO);
    for (size_t i = 1; i < v->n_models; i++) {
        struct proportion_pairs n = accuracy_compare(
            v->accuracy, scored[i].model, scored[0].model);
        struct proportion_difference d = proportion_compare(&n);
        if (n.n_both + n.n_first + n.n_second + n.n_neither == 0)
            continue;
        table_add(&t, name_of(v, scored[i].model));
        table_addf(&t, "%zu", (size_t)n.n_second);
        table_addf(&t, "%zu", (size_t)n.n_first);
        table_addf(&t, "%+.1f", 100 * d.difference);
        table_addf(&t, "%+.1f to %+.1f", 100 * d.lower, 100 * d.upper);
        table_addf(&t, "%.2g", d.p);
    }
    if (t.n_cells > 0) {
        buf_add_char(out, '\n');
        table_print(&t, TABLE_TEXT, out);
    }
    table_free(&t);
}

static void print_directions(const struct accuracy_view *v,
                             const struct scored *scored, struct buf *out)
{
    static const struct table_column columns[] = {
        {"Facts asked both ways", false, TABLE_NAME},
        {"Both right", true, 0},
        {"Only the first way", true, 0},
        {"Only the second", true, 0},
        {"Neither", true, 0},
    };
    struct table t;
    if (v->accuracy->n_pairs == 0)
        return;
    table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
    t.width = tty_columns(STDOUT_FILENO);
    for (size_t i = 0; i < v->n_models; i++) {
        struct proportion_pairs n =
            accuracy_directions(v->accuracy, scored[i].model);
        table_add(&t, name_of(v, scored[i].model));
        table_addf(&t, "%zu", (size_t)n.n_both);
        table_addf(&t, "%zu", (size_t)n.n_first);
        table_addf(&t, "%zu", (size_t)n.n_second);
        table_addf(&t, "%zu", (size_t)n.n_neither);
    }
    buf_add_char(out, '\n');
    table_print(&t, TABLE_TEXT, out);
    table_free(&t);
}

void accuracy_print(const struct accuracy_view *v, struct buf *out)
{
    if (v->accuracy->n_checked == 0)
        return;
    struct scored *scored = score(v);
    buf_addf(out, "\nright answers to the %zu prompt%s with a reference:\n",
             v->accuracy->n_checked, plural_s(v->accuracy->n_checked));
    print_shares(v, scored, out);
    print_differences(v, scored, out);
    print_directions(v, scored, out);
    if (v->accuracy->n_for_judges > 0)
        plural_add(out, v->accuracy->n_for_judges,
                   "[reference is|references are] too long to be compared; "
                   "[it is|they are] for a judge\n");
    free(scored);
}

/* --- JSON ----------------------------------------------------------------- */

static void add_share(struct buf *out, struct accuracy_count c)
{
    struct proportion p = proportion_of(c.n_right, c.n);
    json_put_whole(out, "right", (int64_t)c.n_right);
    json_put_whole(out, "answered", (int64_t)c.n);
    json_put_number(out, "share", p.share);
    json_put_number(out, "lower", p.lower);
    json_put_number(out, "upper", p.upper);
}

static void add_counts(struct buf *out, const struct proportion_pairs *n)
{
    json_put_whole(out, "both", (int64_t)n->n_both);
    json_put_whole(out, "first_only", (int64_t)n->n_first);
    json_put_whole(out, "second_only", (int64_t)n->n_second);
    json_put_whole(out, "neither", (int64_t)n->n_neither);
}

static void add_model(const struct accuracy_view *v, size_t model,
                      struct buf *out)
{
    const struct accuracy *a = v->accuracy;
    buf_add_char(out, '{');
    json_put_text(out, "name", name_of(v, model));
    add_share(out, accuracy_count(a, model, ACCURACY_ALL));
    buf_add_str(out, ",\"categories\":{");
    for (size_t c = 0; c < a->categories->n; c++) {
        const char *name = names_get(a->categories, (uint32_t)c, NULL);
        json_comma(out);
        json_add_string(out, name, strlen(name));
        buf_add_str(out, ":{");
        add_share(out, accuracy_count(a, model, c));
        buf_add_char(out, '}');
    }
    buf_add_char(out, '}');
    if (a->n_pairs > 0) {
        struct proportion_pairs n = accuracy_directions(a, model);
        buf_add_str(out, ",\"directions\":{");
        add_counts(out, &n);
        buf_add_char(out, '}');
    }
    buf_add_char(out, '}');
}

static void add_pair(const struct accuracy_view *v, size_t first,
                     size_t second, struct buf *out)
{
    struct proportion_pairs n = accuracy_compare(v->accuracy, first, second);
    struct proportion_difference d = proportion_compare(&n);
    buf_add_char(out, '{');
    json_put_text(out, "first", name_of(v, first));
    json_put_text(out, "second", name_of(v, second));
    add_counts(out, &n);
    json_put_number(out, "difference", d.difference);
    json_put_number(out, "lower", d.lower);
    json_put_number(out, "upper", d.upper);
    json_put_number(out, "p", d.p);
    buf_add_char(out, '}');
}

void accuracy_add_json(const struct accuracy_view *v, struct buf *out)
{
    buf_addf(out, "{\"prompts\":%zu,\"references_for_judges\":%zu,\"models\":[",
             v->accuracy->n_checked, v->accuracy->n_for_judges);
    for (size_t i = 0; i < v->n_models; i++) {
        json_comma(out);
        add_model(v, v->models[i], out);
    }
    buf_add_str(out, "],\"pairs\":[");
    for (size_t i = 0; i < v->n_models; i++) {
        for (size_t j = i + 1; j < v->n_models; j++) {
            json_comma(out);
            add_pair(v, v->models[i], v->models[j], out);
        }
    }
    buf_add_str(out, "]}");
}
