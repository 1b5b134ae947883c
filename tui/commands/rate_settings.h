/* rate_settings: what `arena rate` was asked for, and whether that goes
 * together. */
#ifndef TUI_COMMANDS_RATE_SETTINGS_H
#define TUI_COMMANDS_RATE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "tui/options.h"

enum rate_method { METHOD_BT, METHOD_ELO };
enum rate_cluster { CLUSTER_NONE, CLUSTER_VOTER, CLUSTER_PROMPT };

struct rate_settings {
    int method, ties, ci, center, cluster;
    int64_t n_rounds; /* 0: not given */
    int64_t reweight, n_threads;
    double prior, ridge, k;
    const char *anchor, *by, *count, *against, *judge, *baseline;
    bool position, style, ranks, matrix, csv, md;
};

extern const struct option_spec rate_options[];

/* As they are if nothing is given. */
struct rate_settings rate_defaults(void);

/* 0, or -1 with ERR_USAGE if options exclude each other, one of them would do
 * nothing, or a number is out of range. */
int rate_check_settings(const struct rate_settings *set, bool json,
                        struct err *e);

#endif
