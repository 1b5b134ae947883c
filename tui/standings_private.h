/* standings_private: what both files of the standings ask of them. */
#ifndef TUI_STANDINGS_PRIVATE_H
#define TUI_STANDINGS_PRIVATE_H

#include "tui/standings.h"

double standings_rating_of(const struct standings *s, uint32_t model);

/* Place of the i-th in the order; 0: none. */
uint32_t standings_rank_of(const struct standings *s, size_t i);

/* Times that a beat b, and that they tied, on either side. */
uint64_t standings_wins_over(const struct standings *s, uint32_t a,
                             uint32_t b);
uint64_t standings_ties_with(const struct standings *s, uint32_t a,
                             uint32_t b);

#endif
