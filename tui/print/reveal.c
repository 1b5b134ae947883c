#include "tui/print/reveal.h"

#include <langinfo.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arena/store/verdict.h"
#include "base/json.h"
#include "tui/clean.h"
#include "tui/wrap.h"

#define REVEAL_JSON_BYTES (64u << 20)

const char *reveal_verdict(enum rating_outcome verdict)
{
    static const char *const words[RATING_N_OUTCOMES] = {
        [RATING_FIRST] = "You chose A",
        [RATING_SECOND] = "You chose B",
        [RATING_TIE] = "You called it a tie",
        [RATING_BAD] = "You called both bad",
    };
    return words[verdict];
}

bool reveal_is_rated(const struct battle *b)
{
    return !battle_voted_seen(b) && !battle_has_leak(b);
}

const char *reveal_saved(const struct battle *b)
{
    if (battle_voted_seen(b))
        return "Saved. The names were seen: not rated.";
    return battle_has_leak(b) ? "An answer told whose it is: not rated."
                            : "Saved.";
}

bool reveal_is_ascii(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

/* In the order in which they are shown. */
enum item {
    ITEM_TOKENS,
    ITEM_FINISH,
    ITEM_SPEED,
    ITEM_FIRST,
    ITEM_COST,
    ITEM_N
};

#define ITEM_BYTES 40

static void find_items(const struct answer_end *end,
                       char item[ITEM_N][ITEM_BYTES])
{
    double speed = answer_end_speed(end);
    for (int i = 0; i < ITEM_N; i++)
        item[i][0] = '\0';
    if (end->n_out >= 0)
        snprintf(item[ITEM_TOKENS], ITEM_BYTES, "%3lld tok",
                 (long long)end->n_out);
    if (end->finish == FINISH_LENGTH)
        snprintf(item[ITEM_FINISH], ITEM_BYTES, "cut at the limit");
    else if (end->finish != FINISH_STOP && end->finish != FINISH_NONE)
        snprintf(item[ITEM_FINISH], ITEM_BYTES, "%s", finish_name(end->finish));
    if (!isnan(speed))
        snprintf(item[ITEM_SPEED], ITEM_BYTES, "%.0f tok/s", speed);
    if (end->first_ms >= 0)
        snprintf(item[ITEM_FIRST], ITEM_BYTES, "first %.1f s",
                 (double)end->first_ms / 1000);
    if (!isnan(end->cost))
        snprintf(item[ITEM_COST], ITEM_BYTES, "$%.4g", end->cost);
}

/* The columns of the items that are not empty, two spaces between them. */
static int columns_of(char item[ITEM_N][ITEM_BYTES])
{
    int columns = -2;
    for (int i = 0; i < ITEM_N; i++)
        if (item[i][0] != '\0')
            columns += 2 + (int)strlen(item[i]); /* all are ASCII */
    return columns;
}

/* Empties items until the rest fits: what tells least goes first. */
static void drop_items(char item[ITEM_N][ITEM_BYTES], int columns)
{
    static const enum item least[] = {ITEM_COST, ITEM_SPEED, ITEM_FINISH,
                                      ITEM_FIRST, ITEM_TOKENS};
    char *cut = strstr(item[ITEM_FINISH], " at the limit");
    if (columns_of(item) > columns && cut != NULL)
        *cut = '\0'; /* "cut" says it, too */
    for (int i = 0; i < ITEM_N && columns_of(item) > columns; i++)
        item[least[i]][0] = '\0';
}

/* Appends the note behind `before`, if it fits in so many columns. */
static void add_note(const char *note, int columns, const char *before,
                     struct buf *out)
{
    struct buf text;
    if (note[0] == '\0')
        return;
    buf_init(&text, 1024);
    clean_text(note, strlen(note), true, &text);
    if (wrap_columns(text.data, text.len) <= columns)
        buf_addf(out, "%s%s", before, text.data);
    buf_free(&text);
}

void reveal_usage(const struct answer_end *end, int columns, struct buf *out)
{
    char item[ITEM_N][ITEM_BYTES];
    size_t start = out->len;
    find_items(end, item);
    if (end->error.code != ERR_NONE) {
        buf_addf(out, "%s%s%s: ", item[ITEM_TOKENS],
                 item[ITEM_TOKENS][0] ? "  " : "", item[ITEM_FINISH]);
        clean_text(end->error.text, strlen(end->error.text), true, out);
        return;
    }
    if (columns > 0)
        drop_items(item, columns);
    for (int i = 0; i < ITEM_N; i++)
        if (item[i][0] != '\0')
            buf_addf(out, "%s%s", out->len > start ? "  " : "", item[i]);
    add_note(end->note, columns > 0 ? columns - columns_of(item) - 2 : INT_MAX,
             out->len > start ? "  " : "", out);
}

static bool is_rated(const struct battle_reveal_side *side)
{
    return isfinite(side->before) && isfinite(side->after);
}

void reveal_rating(const struct battle_reveal_side *side, bool ascii,
                   struct buf *out)
{
    if (is_rated(side))
        buf_addf(out, "%6.1f %s %6.1f", side->before, ascii ? "->" : "\u2192",
                 side->after);
}

void reveal_change(const struct battle_reveal_side *side, bool ascii,
                   struct buf *out)
{
    if (!is_rated(side))
        return;
    double change = side->after - side->before;
    const char *minus = ascii ? "-" : "\u2212";
    if (fabs(change) < 0.05) /* else "-0.0" would stand there */
        buf_add_str(out, "0.0");
    else
        buf_addf(out, "%s%.1f", change < 0 ? minus : "+", fabs(change));
}

void reveal_json(const struct battle *b, enum battle_side side,
                 const struct battle_reveal_side *known, struct buf *out)
{
    size_t n;
    const char *text = battle_text(b, side, &n);
    const struct answer_end *end = known->end;
    buf_add_char(out, '{');
    json_put_text(out, "model", known->name);
    json_key(out, "text");
    json_add_string(out, text, n);
    json_put_number(out, "before", known->before);
    json_put_number(out, "after", known->after);
    json_put_text(out, "finish", finish_name(end->finish));
    json_put_number(out, "n_in", end->n_in < 0 ? NAN : (double)end->n_in);
    json_put_number(out, "n_out", end->n_out < 0 ? NAN : (double)end->n_out);
    json_put_number(out, "first_ms",
               end->first_ms < 0 ? NAN : (double)end->first_ms);
    json_put_number(out, "total_ms",
               end->total_ms < 0 ? NAN : (double)end->total_ms);
    json_put_number(out, "cost", end->cost);
    if (end->note[0] != '\0')
        json_put_text(out, "note", end->note);
    buf_add_char(out, '}');
}

void reveal_battle_json(const struct battle *b, const char *verdict,
                        struct buf *out)
{
    const struct battle_reveal_side *sides = battle_reveal(b);
    buf_add_char(out, '{');
    json_put_whole(out, "battle", battle_id(b));
    json_put_text(out, "prompt", battle_prompt(b));
    json_put_text(out, "verdict", verdict);
    for (int i = 0; i < SIDE_N && sides != NULL; i++) {
        json_key(out, i == SIDE_A ? "a" : "b");
        reveal_json(b, (enum battle_side)i, &sides[i], out);
    }
    buf_add_char(out, '}');
}

int reveal_tell_hook(struct hooks *h, char *const *argv,
                     const struct battle *b, enum rating_outcome verdict,
                     struct err *e)
{
    struct buf json;
    if (argv == NULL)
        return 0;
    buf_init(&json, REVEAL_JSON_BYTES);
    reveal_battle_json(b, verdict_name(verdict), &json);
    int result = hooks_start(h, argv, json.data, e);
    buf_free(&json);
    return result;
}
