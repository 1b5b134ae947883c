/* leaderboard: ratings of all models: a table, intervals, who beat whom, and
 * how a rating went. */
#include "tui/screens/leaderboard_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/screens/pick.h"
#include "tui/shell.h"

#define COURSE_STEPS 400 /* of a line, at most */
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* The states of the bindings, as bits. */
enum {
    ON_TABLE = 1 << BOARD_TABLE,
    ON_INTERVALS = 1 << BOARD_INTERVALS,
    ON_MATRIX = 1 << BOARD_MATRIX,
    ON_COURSE = 1 << BOARD_COURSE,
    ON_SPEED = 1 << BOARD_SPEED,
    ON_COST = 1 << BOARD_COST,
    ON_PLOTS = ON_SPEED | ON_COST,
    ON_RATINGS = ON_TABLE | ON_INTERVALS | ON_MATRIX | ON_PLOTS,
    ON_BT = 1 << BOARD_N_VIEWS, /* with a view of ratings */
    ON_ELO = 2 << BOARD_N_VIEWS,
};

static const struct binding bindings[] = {
    {ACT_VIEW, "Tab v", ON_TABLE, "intervals", "the intervals as bars"},
    {ACT_VIEW, "Tab v", ON_INTERVALS, "head to head", "who beat whom"},
    {ACT_VIEW, "Tab v", ON_MATRIX, "course", "how the ratings went"},
    {ACT_VIEW, "Tab v", ON_COURSE, "speed", "the ratings against the speed"},
    {ACT_VIEW, "Tab v", ON_SPEED, "cost", "the ratings against the cost"},
    {ACT_VIEW, "Tab v", ON_COST, "table", "the table"},
    {ACT_METHOD, "m", ON_BT, "running Elo",
     "the running Elo instead of the estimate from all votes"},
    {ACT_METHOD, "m", ON_ELO, "Bradley-Terry",
     "the estimate from all votes instead of the running Elo"},
    {ACT_LEAVE, "Esc", BINDING_ALWAYS, "back", "back"},
    {ACT_CATEGORY, "c", ON_RATINGS, "category",
     "votes on prompts of one category"},
    {ACT_VOTER, "w", ON_RATINGS, "who", "votes of one person or judge"},
    {ACT_SINCE, "s", ON_RATINGS, "since", "votes of the last days"},
    {ACT_OPEN, "Enter", ON_RATINGS, NULL, "how this model's rating went"},
    {ACT_DOWN, "j Down", ON_COURSE | ON_PLOTS, "next model",
     "the next model"},
    {ACT_DOWN, "j Down", ON_RATINGS & ~ON_PLOTS, NULL, "the next model"},
    {ACT_UP, "k Up", BINDING_ALWAYS, NULL, "the model before"},
    {ACT_RIGHT, "l Right", ON_MATRIX, NULL, "the next opponent"},
    {ACT_LEFT, "h Left", ON_MATRIX, NULL, "the opponent before"},
    {ACT_PAGE_DOWN, "PgDn Space", BINDING_ALWAYS, NULL, "a page down"},
    {ACT_PAGE_UP, "PgUp", BINDING_ALWAYS, NULL, "a page up"},
    {ACT_TOP, "g Home", BINDING_ALWAYS, NULL, "to the top"},
    {ACT_END, "G End", BINDING_ALWAYS, NULL, "to the end"},
    {.action = ACT_NONE},
};

/* --- reading ------------------------------------------------------------ */

static bool is_filtered(const struct leaderboard_screen *l)
{
    const struct board_filter *f = &l->filter;
    return f->category != NULL || f->voter != NULL || f->since_ms != 0;
}

/* Reads the board as method and filter say.  On failure the old one stays. */
static int load(struct leaderboard_screen *l, struct err *e)
{
    struct arena *a = l->ui->arena;
    struct leaderboard_params p = {
        .method = l->method, .bt = bt_defaults(), .elo = a->config.elo};
    struct store_filter filter = {.category = l->filter.category,
                                  .voter = l->filter.voter,
                                  .since_ms = l->filter.since_ms};
    struct rating_counts counts;
    struct leaderboard board;
    struct matrix matrix;
    p.bt.differences = a->config.n_models <= LEADERBOARD_TIERS_MOST;
    if (leaderboard_load(&board, &counts, a->store, &filter, &p, e) != 0)
        return -1;
    int result = matrix_init(&matrix, &board, &counts, e);
    rating_counts_free(&counts);
    if (result != 0) {
        leaderboard_free(&board);
        return -1;
    }
    leaderboard_free(&l->board);
    free(l->matrix.cells);
    l->board = board;
    l->matrix = matrix;
    list_init(&l->rows, board.n_rows);
    list_init(&l->columns, board.n_rows);
    list_select(&l->columns, 1);
    return 0;
}

static int read_course(struct leaderboard_screen *l, struct err *e)
{
    struct store *s = l->ui->arena->store;
    struct store_model *models;
    size_t n;
    if (l->course.n_models > 0)
        return 0;
    if (store_list_models(s, &models, &n, e) != 0)
        return -1;
    int result = store_course(s, models, n, COURSE_STEPS, &l->course, e);
    store_free_models(models, n);
    return result;
}

static void leaderboard_close(void *self)
{
    struct leaderboard_screen *l = self;
    leaderboard_free(&l->board);
    free(l->matrix.cells);
    store_free_course(&l->course);
    free(l->filter.category);
    free(l->filter.voter);
    free(l);
}

static int leaderboard_open(void **self, struct ui *ui, const void *arg,
                            struct err *e)
{
    (void)arg;
    struct leaderboard_screen *l = mem_calloc(1, sizeof(*l));
    l->ui = ui;
    l->method = LEADERBOARD_BT;
    l->before = BOARD_COURSE;
    if (load(l, e) != 0) {
        leaderboard_close(l);
        return -1;
    }
    *self = l;
    return 0;
}

/* --- which votes count -------------------------------------------------- */

/* Takes a filter if the board can be read with it; returns whether. */
static bool set_filter(struct leaderboard_screen *l, struct board_filter new)
{
    struct board_filter old = l->filter;
    enum leaderboard_method method = l->method;
    struct err e;
    l->filter = new;
    if (is_filtered(l))
        l->method = LEADERBOARD_BT; /* the running Elo is over all votes */
    if (load(l, &e) == 0)
        return true;
    l->filter = old;
    l->method = method;
    ui_say_error(l->ui, &e);
    return false;
}

/* The first row of each list means all. */
static char *picked(size_t row, const char *text)
{
    return row == 0 ? NULL : mem_strdup(text);
}

static void take_category(void *owner, size_t row, const char *text)
{
    struct leaderboard_screen *l = owner;
    struct board_filter new = l->filter;
    char *old = new.category;
    new.category = picked(row, text);
    free(set_filter(l, new) ? old : new.category);
}

static void take_voter(void *owner, size_t row, const char *text)
{
    struct leaderboard_screen *l = owner;
    struct board_filter new = l->filter;
    char *old = new.voter;
    new.voter = picked(row, text);
    free(set_filter(l, new) ? old : new.voter);
}

static const struct {
    const char *text;
    int days;
} times[] = {{"votes of all time", 0},
             {"the last 24 hours", 1},
             {"the last 7 days", 7},
             {"the last 30 days", 30},
             {"the last 365 days", 365}};

static void take_since(void *owner, size_t row, const char *text)
{
    struct leaderboard_screen *l = owner;
    struct board_filter new = l->filter;
    (void)text;
    new.since_ms = row == 0 ? 0 : clock_wall_ms() - times[row].days * DAY_MS;
    set_filter(l, new);
}

/* Lets the person pick out of names of the store. */
static void pick_name(struct leaderboard_screen *l, const char *title,
                      const char *all,
                      int (*list)(struct store *s, char ***names, size_t *n,
                                  struct err *e),
                      pick_take *take)
{
    struct pick_list items = {NULL, 0};
    struct err e;
    char **names;
    size_t n;
    if (list(l->ui->arena->store, &names, &n, &e) != 0) {
        ui_say_error(l->ui, &e);
        return;
    }
    pick_list_add(&items, all, NULL);
    for (size_t i = 0; i < n; i++)
        pick_list_add(&items, names[i], names[i][0] == '\0' ? "(none)" : NULL);
    store_free_names(names, n);
    pick_open(l->ui, title, &items, take, l);
}

static void pick_since(struct leaderboard_screen *l)
{
    struct pick_list items = {NULL, 0};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        pick_list_add(&items, times[i].text, NULL);
    pick_open(l->ui, "since", &items, take_since, l);
}

/* --- what the loop asks ------------------------------------------------- */

static unsigned leaderboard_state(const void *self)
{
    const struct leaderboard_screen *l = self;
    unsigned view = 1u << l->view;
    if ((view & (ON_TABLE | ON_INTERVALS | ON_PLOTS)) == 0)
        return view;
    return view | (l->method == LEADERBOARD_BT ? ON_BT : ON_ELO);
}

static void leaderboard_head(void *self, struct heading *h)
{
    static const char *const titles[] = {
        [BOARD_TABLE] = "leaderboard",
        [BOARD_INTERVALS] = "intervals",
        [BOARD_MATRIX] = "head to head",
        [BOARD_COURSE] = "course",
        [BOARD_SPEED] = "rating against speed",
        [BOARD_COST] = "rating against cost",
    };
    const struct leaderboard_screen *l = self;
    bool elo = l->method == LEADERBOARD_ELO || l->view == BOARD_COURSE;
    uint64_t n = l->view == BOARD_COURSE ? l->course.n_votes : l->board.n_votes;
    buf_add_str(&h->left, titles[l->view]);
    buf_addf(&h->right, "%s  %" PRIu64 " vote%s",
             elo ? "running Elo" : "Bradley-Terry", n, plural_s(n));
}

static void draw_filter(const struct leaderboard_screen *l, struct draw *d,
                        const struct area *a)
{
    const struct board_filter *f = &l->filter;
    char since[CLOCK_TEXT_BYTES] = "";
    struct buf text, clean;
    if (!is_filtered(l))
        return;
    buf_init(&text, 1 << 16);
    buf_init(&clean, 1 << 16);
    if (f->since_ms != 0)
        clock_format(f->since_ms, since);
    if (f->category != NULL)
        buf_addf(&text, "  category %s",
                 f->category[0] != '\0' ? f->category : "none");
    if (f->voter != NULL)
        buf_addf(&text, "  by %s", f->voter);
    if (f->since_ms != 0)
        buf_addf(&text, "  since %s", since);
    clean_text(text.data, text.len, true, &clean);
    int end = draw_text(d, a, 0, 0, STYLE_STRONG, "Only votes:");
    draw_fit(d, a, 0, end, a->columns - end, STYLE_NORMAL, clean.data);
    buf_free(&clean);
    buf_free(&text);
}

static void leaderboard_draw(void *self, struct draw *d, const struct area *a)
{
    static void (*const draws[])(struct leaderboard_screen *, struct draw *,
                                 const struct area *) = {
        [BOARD_TABLE] = leaderboard_draw_table,
        [BOARD_INTERVALS] = leaderboard_draw_intervals,
        [BOARD_MATRIX] = leaderboard_draw_matrix,
        [BOARD_COURSE] = leaderboard_draw_course,
        [BOARD_SPEED] = leaderboard_draw_trade,
        [BOARD_COST] = leaderboard_draw_trade,
    };
    struct leaderboard_screen *l = self;
    struct area above = {a->row, a->column + 1, 1, a->columns - 2};
    struct area in = {a->row + 1, a->column + 1, a->rows - 1, a->columns - 2};
    if (l->view != BOARD_COURSE) /* which is of all votes */
        draw_filter(l, d, &above);
    if (l->board.n_rows > 0)
        draws[l->view](l, d, &in);
    else
        draw_text(d, &in, 0, 1, STYLE_NORMAL,
                  is_filtered(l) ? "No rated vote is of this kind."
                                 : "No vote has been rated yet.");
}

static void show_view(struct leaderboard_screen *l, enum board_view view)
{
    struct err e;
    if (view == BOARD_COURSE && read_course(l, &e) != 0)
        ui_say_error(l->ui, &e);
    else
        l->view = view;
}

/* Back to the view that the course was opened from, else to the screen below.
 */
static void leave(struct leaderboard_screen *l)
{
    if (l->view == BOARD_COURSE && l->before != BOARD_COURSE)
        l->view = l->before;
    else
        ui_pop(l->ui);
}

static void switch_method(struct leaderboard_screen *l)
{
    enum leaderboard_method before = l->method;
    struct err e;
    if (is_filtered(l)) {
        ui_say(l->ui, STYLE_NORMAL, "The running Elo is over all votes: take "
               "back category, who and since first.");
        return;
    }
    l->method = before == LEADERBOARD_BT ? LEADERBOARD_ELO : LEADERBOARD_BT;
    if (load(l, &e) == 0)
        return;
    l->method = before;
    ui_say_error(l->ui, &e);
}

static void leaderboard_act(void *self, enum action action)
{
    struct leaderboard_screen *l = self;
    size_t against = l->columns.at;
    switch (action) {
    case ACT_RIGHT: list_select(&l->columns, against + 1); break;
    case ACT_LEFT: list_select(&l->columns, against - (against > 0)); break;
    case ACT_LEAVE: leave(l); break;
    case ACT_OPEN:
        l->before = l->view;
        show_view(l, BOARD_COURSE);
        break;
    case ACT_VIEW:
        l->before = BOARD_COURSE;
        show_view(l, (enum board_view)((l->view + 1) % BOARD_N_VIEWS));
        break;
    case ACT_METHOD: switch_method(l); break;
    case ACT_CATEGORY:
        pick_name(l, "category", "votes of all categories",
                  store_list_categories, take_category);
        break;
    case ACT_VOTER:
        pick_name(l, "who voted", "votes of all people", store_list_voters,
                  take_voter);
        break;
    case ACT_SINCE: pick_since(l); break;
    default: list_act(&l->rows, action);
    }
}

static void leaderboard_command(const void *self, struct buf *out)
{
    static const char *const svg[] = {[BOARD_INTERVALS] = "intervals",
                                      [BOARD_COURSE] = "history",
                                      [BOARD_SPEED] = "speed",
                                      [BOARD_COST] = "cost"};
    const struct leaderboard_screen *l = self;
    char since[CLOCK_TEXT_BYTES];
    buf_add_str(out, "leaderboard");
    clock_format(l->filter.since_ms, since);
    shell_add_option(out, "--category", l->filter.category);
    shell_add_option(out, "--voter", l->filter.voter);
    shell_add_option(out, "--since", l->filter.since_ms != 0 ? since : NULL);
    if (l->view == BOARD_MATRIX)
        buf_add_str(out, " --matrix");
    else if (l->view != BOARD_TABLE)
        buf_addf(out, " --svg %s", svg[l->view]);
    if (l->method == LEADERBOARD_ELO)
        buf_add_str(out, " --method elo");
}

const struct screen screen_leaderboard = {
    .name = "leaderboard",
    .bindings = bindings,
    .open = leaderboard_open,
    .close = leaderboard_close,
    .state = leaderboard_state,
    .head = leaderboard_head,
    .draw = leaderboard_draw,
    .act = leaderboard_act,
    .command = leaderboard_command,
};
