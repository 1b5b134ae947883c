/* lmarena: reading Chatbot Arena's logs in each shape that was published: the
 * cleaned form and its newer sets, the raw log, and the table of 55k battles,
 * whose rows come as objects of texts.  docs/FORMS.md lists the keys. */
#ifndef ARENA_EXCHANGE_LMARENA_H
#define ARENA_EXCHANGE_LMARENA_H

#include "arena/exchange/form.h"

/* As exchange_form.value and exchange_form.is_column. */
int lmarena_value(struct import *x, const cJSON *o, struct err *e);
bool lmarena_is_column(const struct csv_field *f);

#endif
