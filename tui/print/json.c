#include "tui/print/ratings_private.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

static void json_against(struct buf *out, const struct bt_difference *d)
{
    json_key(out, "against");
    buf_add_char(out, '{');
    json_put_number(out, "difference", d->points);
    json_put_number(out, "lower", d->lower);
    json_put_number(out, "upper", d->upper);
    json_put_number(out, "se", d->se);
    json_put_number(out, "probability", d->probability);
    buf_add_char(out, '}');
}

static void json_per_answer(struct buf *out, const struct store_per_answer *x)
{
    json_put_number(out, "seconds_per_answer", x->seconds);
    json_put_number(out, "cost_per_answer", x->cost);
    json_put_whole(out, "answers", x->n);
    json_put_whole(out, "answers_timed", x->n_timed);
    json_put_whole(out, "answers_priced", x->n_priced);
}

static void json_row(struct buf *out, const struct leaderboard *l,
                     const struct leaderboard_row *row)
{
    buf_add_char(out, '{');
    json_put_text(out, "name", row->name);
    json_put_number(out, "rating", row->rating);
    json_put_number(out, "lower", row->lower);
    json_put_number(out, "upper", row->upper);
    json_put_number(out, "se", row->se);
    if (row->rank > 0)
        json_put_whole(out, "rank", row->rank);
    else
        buf_add_str(out, ",\"rank\":null");
    if (row->tier > 0)
        json_put_whole(out, "tier", row->tier);
    if (row->rank_best > 0) {
        json_put_whole(out, "rank_best", row->rank_best);
        json_put_whole(out, "rank_worst", row->rank_worst);
    }
    json_put_whole(out, "votes", row->votes);
    json_put_whole(out, "wins", row->wins);
    json_put_whole(out, "losses", row->losses);
    json_put_whole(out, "ties", row->ties);
    json_put_whole(out, "both_bad", row->bad);
    if (l->n_weighted > 0) {
        json_put_whole(out, "weighted", row->weighted);
        json_put_number(out, "share_won", row->share_won);
    }
    if (row->component == BT_NO_COMPONENT)
        buf_add_str(out, ",\"group\":null");
    else
        json_put_whole(out, "group", row->component + 1);
    buf_addf(out, ",\"bounded\":%s,\"preliminary\":%s",
             l->method == LEADERBOARD_ELO ? "null"
             : row->bounded               ? "true"
                                          : "false",
             row->preliminary ? "true" : "false");
    if (l->has_usage) {
        json_put_number(out, "cost_per_1k", row->usage.cost_per_1k);
        json_put_number(out, "first_ms", row->usage.first_ms);
        json_put_number(out, "tokens_per_second", row->usage.tokens_per_second);
    }
    if (l->has_per_answer)
        json_per_answer(out, &row->per_answer);
    if (l->against >= 0)
        json_against(out, &row->against);
    buf_add_char(out, '}');
}

static void json_options(struct buf *out, const struct leaderboard *l)
{
    if (l->method == LEADERBOARD_ELO) {
        buf_add_char(out, '{');
        json_put_number(out, "k", l->elo.k);
        json_put_number(out, "base", l->elo.base);
        json_put_number(out, "scale", l->elo.scale);
        json_put_number(out, "start", l->elo.start);
        buf_add_char(out, '}');
        return;
    }
    buf_addf(out, "{\"ties\":\"%s\",\"ci\":\"%s\",\"center\":\"%s\"",
             ratings_ties_name(l->bt.ties), ratings_ci_name(l->bt.ci),
             ratings_center_name(l->bt.center));
    json_put_number(out, "start", l->bt.start);
    json_put_number(out, "scale", l->bt.scale);
    json_put_number(out, "prior", l->prior);
    json_put_number(out, "ridge", l->bt.ridge);
    json_put_whole(out, "reweight", l->bt.reweight);
    buf_addf(out, ",\"cluster\":\"%s\"",
             l->bt.ballots != NULL ? "voter"
             : l->judge != NULL && l->cluster == JUDGED_BY_PROMPT ? "prompt"
                                                                  : "none");
    json_put_bool(out, "position", l->bt.position);
    buf_addf(out, ",\"prior_automatic\":%s",
             l->bt.prior < 0 ? "true" : "false");
    const char *anchor = ratings_model_name(l, l->bt.anchor);
    if (anchor != NULL) {
        json_put_text(out, "anchor", anchor);
        json_put_number(out, "anchor_score", l->bt.anchor_score);
    }
    if (l->against >= 0) {
        const char *name = ratings_model_name(l, l->against);
        json_put_text(out, "against", name);
    }
    if (!isnan(l->tie_parameter))
        json_put_number(out, "tie_parameter", l->tie_parameter);
    if (l->bt.ci == BT_CI_BOOTSTRAP) {
        json_put_whole(out, "rounds", (uint64_t)l->bt.rounds);
        json_put_whole(out, "rounds_failed", l->n_rounds_failed);
        json_put_whole(out, "seed", l->bt.seed);
    }
    buf_add_char(out, '}');
}

static void json_matrix(struct buf *out, const struct matrix *m,
                        const struct leaderboard *l)
{
    buf_add_str(out, ",\"matrix\":[");
    for (size_t i = 0; i < m->n; i++) {
        for (size_t k = i + 1; k < m->n; k++) {
            const struct matrix_cell *c = &m->cells[i * m->n + k];
            if (c->wins + c->losses + c->ties + c->bad == 0)
                continue;
            json_comma(out);
            buf_add_char(out, '{');
            json_put_text(out, "model", l->rows[i].name);
            json_put_text(out, "opponent", l->rows[k].name);
            json_put_whole(out, "wins", c->wins);
            json_put_whole(out, "losses", c->losses);
            json_put_whole(out, "ties", c->ties);
            json_put_whole(out, "both_bad", c->bad);
            buf_add_char(out, '}');
        }
    }
    buf_add_char(out, ']');
}

/* The weighted votes, which no pair's record holds. */
static void json_weighted(struct buf *out, const struct ratings_view *v)
{
    const struct rating_counts *c = v->counts;
    buf_add_str(out, ",\"weighted\":[");
    for (size_t i = 0; i < c->n_weighted; i++) {
        const struct rating_weighted *w = &c->weighted[i];
        const char *first = ratings_model_name(v->board, w->first);
        const char *second = ratings_model_name(v->board, w->second);
        json_comma(out);
        buf_add_char(out, '{');
        json_put_text(out, "model", first);
        json_put_text(out, "opponent", second);
        json_put_number(out, "share", 0.5 + w->lean);
        json_put_whole(out, "votes", w->n);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void json_effects(struct buf *out, const struct ratings_view *v)
{
    buf_add_str(out, ",\"style\":{");
    for (size_t k = 0; k < v->n_effects; k++) {
        const struct style_effect *x = &v->effects[k];
        json_comma(out);
        json_add_string(out, v->features[k], strlen(v->features[k]));
        buf_add_str(out, ":{\"effect\":");
        json_add_number(out, x->points);
        json_put_number(out, "lower", x->lower);
        json_put_number(out, "upper", x->upper);
        json_put_number(out, "se", x->se);
        json_put_number(out, "deviation", x->deviation);
        json_put_whole(out, "missing", x->n_missing);
        buf_add_char(out, '}');
    }
    buf_add_char(out, '}');
}

static void json_lead(struct buf *out, const struct leaderboard *l)
{
    const char *leader = ratings_model_name(l, l->lead.leader);
    const char *next = ratings_model_name(l, l->lead.next);
    json_key(out, "lead");
    buf_add_char(out, '{');
    json_put_text(out, "model", leader);
    json_put_whole(out, "votes", l->lead.n_votes);
    json_put_text(out, "next", next);
    buf_add_char(out, '}');
}

static void json_judge(struct buf *out, const struct leaderboard *l)
{
    json_key(out, "judge");
    buf_add_char(out, '{');
    json_put_text(out, "name", l->judge);
    json_put_whole(out, "votes", l->worth.n_votes);
    json_put_whole(out, "shared", l->worth.n_shared);
    json_put_whole(out, "judged", l->worth.n_judged);
    json_put_whole(out, "apart", l->worth.n_apart);
    json_put_number(out, "weight", l->worth.weight);
    json_put_number(out, "worth", l->worth.worth);
    if (l->temperature > 0)
        json_put_number(out, "temperature", l->temperature);
    buf_add_char(out, '}');
}

void ratings_print_json(const struct ratings_view *v, const struct matrix *m,
                        struct buf *out)
{
    const struct leaderboard *l = v->board;
    buf_addf(out, "{\"method\":\"%s\",\"n_votes\":%llu,\"models\":[",
             l->method == LEADERBOARD_ELO ? "elo" : "bt",
             (unsigned long long)l->n_votes);
    for (size_t i = 0; i < l->n_rows; i++) {
        json_comma(out);
        json_row(out, l, &l->rows[i]);
    }
    buf_add_str(out, "],\"components\":");
    if (l->method == LEADERBOARD_ELO)
        buf_add_str(out, "null"); /* one scale for all, met or not */
    else
        buf_addf(out, "%u", l->n_components);
    json_key(out, "position");
    buf_add_char(out, '{');
    json_put_number(out, "advantage", l->position);
    json_put_number(out, "se", l->position_se);
    json_put_whole(out, "first_wins", l->n_first);
    json_put_whole(out, "second_wins", l->n_second);
    buf_add_str(out, "},\"options\":");
    json_options(out, l);
    if (v->n_effects > 0)
        json_effects(out, v);
    if (l->scale.n_parts >= 2) {
        json_key(out, "one_scale");
        buf_add_char(out, '{');
        json_put_whole(out, "categories", (int64_t)l->scale.n_parts);
        json_put_number(out, "p", l->scale.p);
        buf_add_char(out, '}');
    }
    if (l->judge != NULL)
        json_judge(out, l);
    if (l->lead.n_votes > 0 && l->method == LEADERBOARD_BT)
        json_lead(out, l);
    if (v->n_excluded > 0) {
        buf_add_str(out, ",\"excluded\":{");
        for (size_t i = 0; i < v->n_excluded; i++) {
            json_comma(out);
            json_add_string(out, v->excluded[i].what,
                            strlen(v->excluded[i].what));
            buf_addf(out, ":%llu", (unsigned long long)v->excluded[i].n);
        }
        if (l->bt.ties == BT_TIES_DROP)
            json_put_whole(out, "ties", l->n_dropped);
        buf_add_char(out, '}');
    }
    if (m != NULL)
        json_matrix(out, m, l);
    if (m != NULL && l->n_weighted > 0)
        json_weighted(out, v);
    buf_add_str(out, "}\n");
}
