#include "tui/print/agreement.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "arena/store/voter.h"
#include "base/json.h"
#include "base/plural.h"
#include "tui/clean.h"

/* --- text ----------------------------------------------------------------- */

static void add_kappa(const struct kappa *k, struct buf *out)
{
    buf_addf(out, "alike on %.0f of %.0f (%.0f%%)", k->n_same, k->n,
             100 * k->n_same / k->n);
    if (isnan(k->kappa))
        buf_add_str(out, "; no kappa: all votes are alike");
    else
        buf_addf(out, ", kappa %.2f", k->kappa);
    if (!isnan(k->lower))
        buf_addf(out, " (95%% %.2f to %.2f)", k->lower, k->upper);
}

/* "TEXT 61% of 28 (95% 43 to 77)". */
static void add_taste(const char *text, const struct agreement_taste *t,
                      struct buf *out)
{
    struct proportion p = proportion_of(t->n_won, t->n);
    buf_addf(out, "%s %.0f%% of %" PRIu64 " (95%% %.0f to %.0f)", text,
             100 * p.share, t->n, 100 * p.lower, 100 * p.upper);
}

static void add_line(const char *text, const struct agreement_taste *t,
                     const struct agreement_taste *people, struct buf *out)
{
    if (t->n == 0)
        return;
    buf_add_str(out, "  ");
    add_taste(text, t, out);
    if (people != NULL && people->n > 0)
        add_taste("; people", people, out);
    buf_add_char(out, '\n');
}

static bool is_chance(const struct kappa *k)
{
    return isnan(k->lower) || k->lower <= 0;
}

static void add_people(const struct agreement_voter *v, struct buf *out)
{
    buf_addf(out, "people: %" PRIu64 " vote%s\n", v->n,
             plural_s(v->n));
    if (v->with_people.n > 0) {
        buf_add_str(out, "  with each other: ");
        add_kappa(&v->with_people, out);
        buf_add_char(out, '\n');
    }
    add_line("side A won", &v->first, NULL, out);
    add_line("the longer answer won", &v->longer, NULL, out);
}

static void add_order(const struct agreement_voter *v, struct buf *out)
{
    if (v->n_swapped == 0)
        return;
    struct proportion p = proportion_of(v->n_consistent, v->n_swapped);
    buf_addf(out, "  both orders: the same verdict on %" PRIu64 " of %" PRIu64
             " (%.0f%%); %.0f%% went to the answer shown first\n",
             v->n_consistent, v->n_swapped, 100 * p.share,
             100 * v->shown_first);
}

static void add_judge(const struct agreement_voter *v,
                      const struct agreement_voter *people, struct buf *out)
{
    const char *bare = voter_bare_judge(v->name);
    buf_add_str(out, "judge ");
    clean_text(bare, strlen(bare), true, out);
    buf_addf(out, ": %" PRIu64 " vote%s\n  with people: ", v->n,
             plural_s(v->n));
    if (v->with_people.n == 0) {
        buf_add_str(out, "no battle that both voted on\n");
    } else {
        add_kappa(&v->with_people, out);
        buf_add_str(out, is_chance(&v->with_people)
                             ? "\n  this judge knows nothing of your taste: "
                               "chance alone could agree as much\n"
                             : "\n");
    }
    for (size_t i = 0; i < v->n_categories; i++) {
        const char *name = v->categories[i].name;
        buf_add_str(out, "    ");
        clean_text(name[0] ? name : "(no category)",
                   strlen(name[0] ? name : "(no category)"), true, out);
        buf_add_str(out, ": ");
        add_kappa(&v->categories[i].with_people, out);
        buf_add_char(out, '\n');
    }
    add_order(v, out);
    add_line("the longer answer won", &v->longer, &people->longer, out);
    if (v->family != NULL) {
        struct buf text;
        buf_init(&text, 200);
        buf_addf(&text, "its own kind (%s) won", v->family);
        add_line(text.data, &v->kin, &v->kin_people, out);
        buf_free(&text);
    }
}

/* --- JSON ----------------------------------------------------------------- */

static void json_kappa(const struct kappa *k, struct buf *out)
{
    buf_add_char(out, '{');
    json_put_number(out, "n", k->n);
    json_put_number(out, "same", k->n_same);
    json_put_number(out, "kappa", k->kappa);
    json_put_number(out, "lower", k->lower);
    json_put_number(out, "upper", k->upper);
    buf_add_char(out, '}');
}

static void json_taste(const char *key, const struct agreement_taste *t,
                       struct buf *out)
{
    json_key(out, key);
    buf_add_char(out, '{');
    json_put_whole(out, "won", (int64_t)t->n_won);
    json_put_whole(out, "n", (int64_t)t->n);
    buf_add_char(out, '}');
}

static void json_voter(const struct agreement_voter *v, struct buf *out)
{
    bool judge = v->name != NULL;
    buf_add_char(out, '{');
    json_put_text(out, "voter", judge ? v->name : "human");
    json_put_whole(out, "votes", (int64_t)v->n);
    json_key(out, "with_people");
    json_kappa(&v->with_people, out);
    if (judge)
        json_put_bool(out, "no_better_than_chance", is_chance(&v->with_people));
    json_taste("first", &v->first, out);
    json_taste("longer", &v->longer, out);
    if (judge) {
        json_taste("own_kind", &v->kin, out);
        json_taste("own_kind_by_people", &v->kin_people, out);
        json_put_whole(out, "both_orders", (int64_t)v->n_swapped);
        json_put_whole(out, "same_in_both", (int64_t)v->n_consistent);
        json_put_number(out, "shown_first", v->shown_first);
        json_key(out, "categories");
        buf_add_char(out, '{');
        for (size_t i = 0; i < v->n_categories; i++) {
            json_comma(out);
            json_add_string(out, v->categories[i].name,
                            strlen(v->categories[i].name));
            buf_add_char(out, ':');
            json_kappa(&v->categories[i].with_people, out);
        }
        buf_add_char(out, '}');
    }
    buf_add_char(out, '}');
}

void agreement_print(const struct agreement *a, bool json, struct buf *out)
{
    if (json) {
        buf_add_str(out, "{\"agreement\":[");
        for (size_t i = 0; i < a->n; i++) {
            json_comma(out);
            json_voter(&a->voters[i], out);
        }
        buf_add_str(out, "]}\n");
        return;
    }
    add_people(&a->voters[0], out);
    for (size_t i = 1; i < a->n; i++)
        add_judge(&a->voters[i], &a->voters[0], out);
    if (a->n == 1)
        buf_add_str(out, "no judge has voted; \"arena judge RUN --judge M\" "
                         "lets one\n");
}
