#include "tui/report/report_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/plural.h"
#include "base/version.h"
#include "tui/print/markup.h"

/* Colours of series are those of Okabe and Ito (2008), which colour-blind
 * people tell apart; two are darkened to be read on white. */
#define LIGHT                                                                 \
    "--paper:#fff;--ink:#1b1f24;--faint:#59636e;--grid:#dde2e7;"              \
    "--won:#0072b2;--lost:#d55e00;--s0:#0072b2;--s1:#d55e00;--s2:#009e73;"    \
    "--s3:#b0558a;--s4:#b07800;--s5:#2f8fc4;--s6:#6b5cc4;--s7:#5c6670"
#define DARK                                                                  \
    "--paper:#15181c;--ink:#e4e8ec;--faint:#9aa5b1;--grid:#30363d;"           \
    "--won:#56b4e9;--lost:#f0883e;--s0:#56b4e9;--s1:#f0883e;--s2:#3ecf9f;"    \
    "--s3:#e29bc4;--s4:#e6b800;--s5:#8ecdf2;--s6:#a89cf0;--s7:#aab4be"

const char report_style[] =
    ":root{color-scheme:light dark;" LIGHT "}\n"
    "@media (prefers-color-scheme:dark){:root{" DARK "}}\n"
    "@media print{:root{" LIGHT "}}\n"
    "svg{font:13px system-ui,sans-serif}\n"
    "svg text{fill:var(--ink)}\n"
    "svg .faint{fill:var(--faint);font-size:12px}\n"
    "svg .end{text-anchor:end}svg .middle{text-anchor:middle}\n"
    "svg .paper{fill:var(--paper)}\n"
    "svg .grid{stroke:var(--grid)}\n"
    "svg .span{stroke:var(--s0);stroke-width:2}\n"
    "svg .open{stroke-dasharray:3 4}\n"
    "svg .point{fill:var(--s0);stroke:var(--s0);stroke-width:2}\n"
    "svg .hollow{fill:var(--paper)}\n"
    "svg .won{fill:var(--won)}svg .lost{fill:var(--lost)}\n"
    "svg .front{fill:none;stroke:var(--faint);stroke-dasharray:2 4}\n"
    "svg .course{fill:none;stroke-width:2}\n"
    "svg .other{stroke:var(--grid);stroke-width:1}\n"
#define SERIES(n)                                                             \
    "svg .course.s" #n "{stroke:var(--s" #n ")}"                              \
    "svg .name.s" #n "{fill:var(--s" #n ")}\n"
    SERIES(0) SERIES(1) SERIES(2) SERIES(3)
    SERIES(4) SERIES(5) SERIES(6) SERIES(7)
#undef SERIES
    ;

static const char page_style[] =
    "body{margin:0 auto;max-width:66rem;padding:1.5rem 1rem;"
    "background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}\n"
    "p{margin:.4rem 0}.faint{color:var(--faint)}\n"
    ".wide{overflow-x:auto}.wide svg{display:block;min-width:40rem}\n"
    "svg{max-width:100%;height:auto}\n"
    "table{border-collapse:collapse;width:100%;"
    "font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.3rem .5rem;border-bottom:1px solid var(--grid);"
    "text-align:left;white-space:nowrap}\n"
    "th{color:var(--faint);font-weight:600}\n"
    ".number{text-align:right}\n"
    "td:nth-child(2){max-width:17rem;overflow:hidden;"
    "text-overflow:ellipsis}\n"
    "@media print{body{max-width:none;padding:0}"
    ".wide{overflow:visible}section{break-inside:avoid}}\n";

/* Nothing is loaded, run, sent or framed; the only style is the page's own. */
#define POLICY                                                                \
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "        \
    "form-action 'none'"

static const char *explain(enum report_plot plot)
{
    static const char *const texts[REPORT_N_PLOTS] = {
        [REPORT_INTERVALS] = "Hollow: preliminary.  Dashed: one bound is "
                             "all that the votes give.",
        [REPORT_MATRIX] = "How many of 100 votes between the two the model "
                          "of the row won, ties as half.",
        [REPORT_HISTORY] = "The running Elo after each vote, of the models "
                           "as they are ranked now.",
        [REPORT_COST] = "Filled: no other model is both better and cheaper.",
        [REPORT_SPEED] = "Filled: no other model is both better and faster.",
        [REPORT_SECONDS] = "Filled: no other model is both better and sooner "
                           "done.",
        [REPORT_PRICE] = "Filled: no other model is both better and cheaper.",
    };
    return texts[plot];
}

static void add_head(const struct report_view *v, struct buf *out)
{
    const struct leaderboard *l = v->ratings->board;
    char date[CLOCK_TEXT_BYTES];
    clock_format(v->made_ms, date);
    buf_add_str(out,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                "<meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY
                "\">\n<meta name=\"viewport\" "
                "content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n"
                "<title>Leaderboard</title>\n<style>\n");
    buf_addf(out, "%s%s</style>\n</head>\n<body>\n<h1>Leaderboard</h1>\n"
             "<p class=\"faint\">%zu model%s, %llu rated vote%s%s",
             report_style, page_style, l->n_rows, plural_s(l->n_rows),
             (unsigned long long)l->n_votes, plural_s(l->n_votes),
             v->scope[0] != '\0' ? " " : "");
    markup_add_text(v->scope, out);
    buf_addf(out, "; made on %s by arena %s</p>\n", date, ARENA_VERSION);
}

/* The lines below the table, each a paragraph. */
static void add_notes(const struct report_view *v, struct buf *out)
{
    struct buf notes;
    buf_init(&notes, 1 << 20);
    ratings_add_footer(v->ratings, &notes);
    for (char *rest, *line = strtok_r(notes.data, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        buf_add_str(out, "<p class=\"faint\">");
        markup_add_text(line, out);
        buf_add_str(out, "</p>\n");
    }
    buf_free(&notes);
}

static int add_plot(const struct report_view *v, enum report_plot plot,
                    struct buf *out, struct err *e)
{
    static const char *const ids[] = {
#define PLOT_ID(NAME, word, title) [REPORT_##NAME] = #word,
        REPORT_PLOTS(PLOT_ID)
#undef PLOT_ID
    };
    if (!plot_is_known(v, plot))
        return 0;
    buf_addf(out, "<section id=\"%s\">\n<h2>%s</h2>\n<div class=\"wide\">\n",
             ids[plot], plot_title(plot));
    if (plot_add(v, plot, false, out, e) != 0)
        return -1;
    buf_addf(out, "</div>\n<p class=\"faint\">%s</p>\n</section>\n",
             explain(plot));
    return 0;
}

int report_add_page(const struct report_view *v, struct buf *out,
                    struct err *e)
{
    add_head(v, out);
    if (v->ratings->board->n_rows == 0) {
        buf_add_str(out, "<p>No vote has been rated yet.</p>\n");
    } else {
        buf_add_str(out, "<section id=\"table\">\n<div class=\"wide\">\n");
        ratings_add_table(v->ratings, TABLE_HTML, out);
        buf_add_str(out, "</div>\n");
        add_notes(v, out);
        buf_add_str(out, "</section>\n");
    }
    for (int plot = 0; plot < REPORT_N_PLOTS; plot++)
        if (add_plot(v, (enum report_plot)plot, out, e) != 0)
            return -1;
    buf_add_str(out, "</body>\n</html>\n");
    return 0;
}

int report_add_svg(const struct report_view *v, enum report_plot plot,
                   struct buf *out, struct err *e)
{
    if (!plot_is_known(v, plot))
        return err_set(e, ERR_USAGE, "no rated vote says anything for the plot "
                       "\"%s\" yet", plot_title(plot));
    return plot_add(v, plot, true, out, e);
}
