/* agreement: what `arena leaderboard --agreement` prints. */
#ifndef TUI_PRINT_AGREEMENT_H
#define TUI_PRINT_AGREEMENT_H

#include <stdbool.h>

#include "arena/agreement.h"
#include "base/buf.h"

void agreement_print(const struct agreement *a, bool json, struct buf *out);

#endif
