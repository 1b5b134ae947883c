/* bt_place: what tests of rating/bt share: plain parameters, and a fit that
 * must succeed. */
#ifndef TESTS_UNIT_BT_PLACE_H
#define TESTS_UNIT_BT_PLACE_H

#include "tests/unit/test.h"

#include "rating/fit/bt.h"

static const double POINTS = 173.71779276130073; /* 400 / ln 10 */

static inline struct bt_params plain(void)
{
    struct bt_params p = bt_defaults();
    p.prior = 0;
    p.center = BT_CENTER_MEAN;
    return p;
}

static inline struct bt_result fit(const struct rating_counts *c,
                                   const struct bt_params *p)
{
    struct bt_result r;
    struct err why = {.code = ERR_NONE};
    if (bt_fit(c, p, &r, &why) != 0)
        fail_msg("bt_fit: %s", why.text);
    return r;
}

#endif
