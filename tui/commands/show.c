/* `arena show`: one battle with its answers. */
#include <math.h>
#include <string.h>

#include "arena/blind/blind.h"
#include "backends/chances.h"
#include "base/clock.h"
#include "base/json.h"
#include "tui/clean.h"
#include "tui/commands/looking_back.h"
#include "tui/database.h"
#include "tui/print/chances.h"
#include "tui/print/entries.h"

/* Appends a text of many lines, cleaned, ending in a newline. */
static void add_block(struct buf *out, const char *text)
{
    text += clean_blank_start(text, strlen(text));
    clean_text(text, strlen(text), false, out);
    if (out->len > 0 && out->data[out->len - 1] != '\n')
        buf_add_char(out, '\n');
}

static void add_line(struct buf *out, const char *text)
{
    clean_text(text, strlen(text), true, out);
}

/* --- text ---------------------------------------------------------------- */

static void add_end(struct buf *out, const struct store_answer_row *a)
{
    const struct answer_end *end = &a->end;
    buf_addf(out, "[%s", finish_name(end->finish));
    if (end->finish == FINISH_ERROR) {
        buf_add_str(out, ": ");
        add_line(out, end->error.text);
    }
    if (end->n_out >= 0)
        buf_addf(out, ", %lld tokens", (long long)end->n_out);
    if (end->n_think > 0)
        buf_addf(out, " (%lld of thinking)", (long long)end->n_think);
    if (end->n_in >= 0)
        buf_addf(out, ", %lld read", (long long)end->n_in);
    if (end->n_cached > 0)
        buf_addf(out, " (%lld cached)", (long long)end->n_cached);
    if (end->first_ms >= 0)
        buf_addf(out, ", first after %.1f s", (double)end->first_ms / 1000);
    if (end->total_ms > 0)
        buf_addf(out, ", %.1f s", (double)end->total_ms / 1000);
    if (end->n_out > 0 && end->total_ms > 0)
        buf_addf(out, ", %.0f tokens/s",
                 1000 * (double)end->n_out / (double)end->total_ms);
    if (!isnan(end->cost) && end->cost > 0)
        buf_addf(out, ", cost %.6g", end->cost);
    if (a->chances[0] != '\0') {
        buf_add_str(out, ", ");
        chances_describe(a->chances, out);
    }
    if (end->note[0] != '\0') {
        buf_add_str(out, "; ");
        add_line(out, end->note);
    }
    buf_add_str(out, "]\n");
    if (a->settings[0] != '\0') {
        buf_add_char(out, '[');
        add_line(out, a->settings);
        buf_add_str(out, "]\n");
    }
}

static void add_answer(struct buf *out, const struct blind_battle *b,
                       const struct store_answer_row *a)
{
    if (a->side == 0) {
        buf_addf(out, "\n== turn %d", a->turn);
        if (a->round > 1)
            buf_addf(out, ", answered for the %d. time", a->round);
        buf_add_str(out, " ==\n");
        add_block(out, a->prompt);
    }
    buf_addf(out, "\n-- %c", a->side ? 'B' : 'A');
    if (!b->hidden) {
        buf_add_char(out, ' ');
        add_line(out, b->entry->model[a->side]);
    }
    buf_add_str(out, " --\n");
    add_block(out, a->text);
    if (b->hidden)
        return; /* the rest is not told */
    add_end(out, a);
    if (a->thinking[0] != '\0') {
        buf_add_str(out, "\n-- thinking --\n");
        add_block(out, a->thinking);
    }
}

static void add_head(struct buf *out, const struct store_entry *entry)
{
    char date[CLOCK_TEXT_BYTES];
    clock_format(entry->created_ms, date);
    buf_addf(out, "battle %lld  %s  %s", (long long)entry->battle_id, date,
             looking_back_outcome(entry));
    if (entry->vote_id != 0) {
        buf_add_str(out, " by ");
        add_line(out, entry->voter);
    }
    if (entry->category[0] != '\0') {
        buf_add_str(out, "  category ");
        add_line(out, entry->category);
    }
    buf_add_str(out, entry->compare ? "  compare" : "");
    buf_add_str(out, entry->seen ? "  seen" : "");
    buf_add_str(out, entry->leak ? "  leak" : "");
    buf_add_char(out, '\n');
    for (int side = 0; side < 2; side++) {
        buf_addf(out, "%c  ", side ? 'B' : 'A');
        add_line(out, entry->model[side] ? entry->model[side] : "(blind)");
        buf_add_char(out, '\n');
    }
}

/* Why the vote was given: "why: clear, short; I like it". */
static void add_reason(struct buf *out, const struct reason *r)
{
    struct buf text;
    buf_init(&text, 4 * REASONS_MAX_BYTES);
    entry_reason(r, &text);
    if (text.len > 0)
        buf_addf(out, "why: %s\n", text.data);
    buf_free(&text);
}

/* --- JSON ---------------------------------------------------------------- */

/* A count or a time that may be unknown (-1). */
static void put_known(struct buf *out, const char *key, int64_t n)
{
    if (n >= 0)
        json_put_whole(out, key, n);
}

/* [bytes of the text, probability] of each token. */
static void json_chances(struct buf *out, const char *line)
{
    size_t n;
    double p;
    if (line[0] == '\0')
        return;
    json_key(out, "chances");
    buf_add_char(out, '[');
    while (chances_next(&line, &n, &p)) {
        json_comma(out);
        buf_addf(out, "[%zu,%.3f]", n, p);
    }
    buf_add_char(out, ']');
}

static void json_answer(struct buf *out, const struct store_answer_row *a,
                        bool hidden)
{
    buf_add_char(out, '{');
    json_put_text(out, "side", a->side ? "b" : "a");
    json_put_whole(out, "turn", a->turn);
    json_put_whole(out, "round", a->round);
    json_put_text(out, "prompt", a->prompt);
    json_put_text(out, "text", a->text);
    if (!hidden) {
        json_put_text(out, "thinking", a->thinking);
        json_put_text(out, "settings", a->settings);
        json_put_text(out, "finish", finish_name(a->end.finish));
        json_put_text(out, "error", a->end.error.text);
        put_known(out, "n_in", a->end.n_in);
        put_known(out, "n_cached", a->end.n_cached);
        put_known(out, "n_out", a->end.n_out);
        put_known(out, "n_think", a->end.n_think);
        json_put_number(out, "cost", a->end.cost);
        put_known(out, "load_ms", a->end.load_ms);
        put_known(out, "first_ms", a->end.first_ms);
        put_known(out, "total_ms", a->end.total_ms);
        json_put_text(out, "request_id", a->end.request_id);
        json_put_text(out, "note", a->end.note);
        json_chances(out, a->chances);
    }
    buf_add_char(out, '}');
}

static void add_json(struct buf *out, const struct blind_battle *b)
{
    buf_add_char(out, '{');
    looking_back_json(b->entry, out);
    json_put_text(out, "tags", b->reason.tags);
    json_put_text(out, "comment", b->reason.comment);
    buf_add_str(out, ",\"answers\":[");
    for (size_t i = 0; i < b->n_answers; i++) {
        json_comma(out);
        json_answer(out, &b->answers[i], b->hidden);
    }
    buf_add_str(out, "]}\n");
}

/* --- the command --------------------------------------------------------- */

static int print(struct invocation *in, const struct blind_battle *b,
                 struct err *e)
{
    struct buf out;
    buf_init(&out, 1 << 30);
    if (in->json) {
        add_json(&out, b);
    } else {
        add_head(&out, b->entry);
        add_reason(&out, &b->reason);
        for (size_t i = 0; i < b->n_answers; i++)
            add_answer(&out, b, &b->answers[i]);
    }
    return database_print(&out, e);
}

/* Without a config that can be read, what it would hide cannot be hidden. */
static int show(struct invocation *in, struct store *s, struct err *e)
{
    int64_t id;
    struct config c;
    struct err no_config;
    struct blind_battle b;
    if (looking_back_id(in, &id, e) != 0)
        return -1;
    int found = database_config(in, &c, &no_config);
    int result = blind_read(&b, s, found > 0 ? &c : NULL, id, e);
    if (found > 0)
        config_free(&c);
    if (result != 0)
        return -1;
    if (b.hidden && found < 0) {
        if (e != NULL)
            *e = no_config;
        result = -1;
    } else {
        result = print(in, &b, e);
    }
    blind_free(&b);
    return result;
}

static int run_show(struct invocation *in, struct err *e)
{
    struct store *s;
    if (command_parse(in, NULL, 1, 1, e) != 0 ||
        database_open(&s, in, DATABASE_READ, e) != 0)
        return -1;
    int result = show(in, s, e);
    store_close(s);
    return result;
}

const struct command command_show = {
    .name = "show",
    .summary = "print one battle: prompt, answers, vote",
    .synopsis = "ID",
    .help = "ID is the battle's number in `arena history`.  Without a vote, "
            "what would\ntell the models apart stays hidden.\n",
    .run = run_show,
};
