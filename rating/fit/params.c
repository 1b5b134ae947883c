#include "rating/fit/params.h"

struct bt_params bt_defaults(void)
{
    return (struct bt_params){
        .ties = BT_TIES_HALF,
        .ci = BT_CI_SANDWICH,
        .center = BT_CENTER_WEIGHTED,
        .start = 1000,
        .scale = 400,
        .prior = -1,
        .anchor = -1,
        .anchor_score = 1000,
        .rounds = 1000,
        .seed = 1,
    };
}
