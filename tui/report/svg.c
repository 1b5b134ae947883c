#include "tui/report/report_private.h"

#include <math.h>
#include <stdio.h>

#include "tui/print/markup.h"

#define TICKS 6 /* about so many on an axis */

void svg_begin(struct buf *out, double width, double height, const char *title,
               bool alone)
{
    buf_addf(out, "<svg %sviewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
             "height=\"%.0f\" role=\"img\">\n<title>",
             alone ? "xmlns=\"http://www.w3.org/2000/svg\" " : "", width,
             height, width, height);
    markup_add_text(title, out);
    buf_add_str(out, "</title>\n");
    if (alone)
        buf_addf(out, "<style>\n%s</style>\n<rect class=\"paper\" "
                 "width=\"100%%\" height=\"100%%\"/>\n", report_style);
}

void svg_end(struct buf *out)
{
    buf_add_str(out, "</svg>\n");
}

static void begin_text(struct buf *out, double x, double y, const char *class)
{
    buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
}

void svg_text(struct buf *out, double x, double y, const char *class,
              const char *text)
{
    begin_text(out, x, y, class);
    markup_add_text(text, out);
    buf_add_str(out, "</text>\n");
}

void svg_name(struct buf *out, double x, double y, const char *class,
              const char *name, int columns)
{
    begin_text(out, x, y, class);
    buf_add_str(out, "<title>");
    markup_add_text(name, out);
    buf_add_str(out, "</title>");
    markup_add_name(name, columns, out);
    buf_add_str(out, "</text>\n");
}

void svg_line(struct buf *out, double x1, double y1, double x2, double y2,
              const char *class)
{
    buf_addf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
             "class=\"%s\"/>\n", x1, y1, x2, y2, class);
}

void svg_point(struct buf *out, double x, double y, const char *class,
               const char *about)
{
    buf_addf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" class=\"%s\">"
             "<title>", x, y, class);
    markup_add_text(about, out);
    buf_add_str(out, "</title></circle>\n");
}

/* --- axes --------------------------------------------------------------- */

void svg_widen(struct svg_axis *a, double value)
{
    if (isnan(value))
        return;
    a->from = isnan(a->from) || value < a->from ? value : a->from;
    a->to = isnan(a->to) || value > a->to ? value : a->to;
}

double svg_at(const struct svg_axis *a, double value)
{
    double share = a->log ? log(value / a->from) / log(a->to / a->from)
                          : (value - a->from) / (a->to - a->from);
    return a->low_px + share * (a->high_px - a->low_px);
}

/* 1, 2 or 5 times a power of ten: the distance of ticks of a linear axis. */
static double step_of(const struct svg_axis *a)
{
    double rough = (a->to - a->from) / TICKS;
    double power = pow(10, floor(log10(rough)));
    double times = rough / power;
    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

/* Ticks of a log axis: powers of ten and, if these are few, 2 and 5 of them. */
static double log_tick(const struct svg_axis *a, double above, bool same)
{
    bool dense = a->to / a->from < 1000;
    double power = pow(10, floor(log10(above) + 1e-9));
    static const double times[] = {1, 2, 5, 10};
    for (int i = 0; i < 4; i++) {
        bool skip = !dense && (i == 1 || i == 2);
        double tick = power * times[i];
        if (!skip && (tick > above * (1 + 1e-9) ||
                      (same && tick >= above * (1 - 1e-9))))
            return tick;
    }
    return 20 * power; /* cannot be: 10 * power is above */
}

/* The first round value at or above `value`. */
static double first_tick(const struct svg_axis *a, double value)
{
    if (a->log)
        return log_tick(a, value, true);
    double step = step_of(a);
    return step * ceil(value / step - 1e-9);
}

static double next_tick(const struct svg_axis *a, double tick)
{
    if (a->log)
        return log_tick(a, tick, false);
    double step = step_of(a);
    return step * round(tick / step + 1);
}

/* "1050", "0.25": as exact as the ticks of the axis are far apart. */
static void tick_text(const struct svg_axis *a, double tick, char out[32])
{
    double fine = a->log ? tick : step_of(a);
    int digits = fine >= 1 ? 0 : (int)ceil(-log10(fine) - 1e-9);
    snprintf(out, 32, "%.*f", digits < 9 ? digits : 9, tick);
}

void svg_grid_rows(struct buf *out, const struct svg_axis *y, double edge_px,
                   double end_px)
{
    char text[32];
    for (double t = first_tick(y, y->from); t <= y->to; t = next_tick(y, t)) {
        double at = svg_at(y, t);
        tick_text(y, t, text);
        svg_line(out, edge_px, at, end_px, at, "grid");
        svg_text(out, edge_px - 8, at + 4, "faint end", text);
    }
}

void svg_grid_columns(struct buf *out, const struct svg_axis *x, double top_px,
                      double bottom_px)
{
    char text[32];
    for (double t = first_tick(x, x->from); t <= x->to; t = next_tick(x, t)) {
        double at = svg_at(x, t);
        tick_text(x, t, text);
        svg_line(out, at, top_px, at, bottom_px, "grid");
        svg_text(out, at, bottom_px + 18, "faint middle", text);
    }
}
