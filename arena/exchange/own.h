/* own: the words of our own form, for its writer and its reader.
 *
 * The first line is the head: {"type":"arena","schema_version":1,"models":[{
 * "name":…,"description":…}…],"runs":[{"name":…,"settings":…}…]}, in the order
 * of the database, so that a fresh one numbers them alike.  Each other line is
 * a battle with its answers and votes.  "votes" are those that are rated, so
 * that other readers need not know what else there is; "unrated" are the rest.
 * "judgments", if there are any, are what judges said when they were asked.
 * Keys that say nothing (an unknown number, a flag that is not set) are left
 * out.  A text that is no UTF-8 is the one thing that does not come back as it
 * was: each wrong byte becomes U+FFFD, and "chances" and "rhythm", which count
 * its bytes, are left out. */
#ifndef ARENA_EXCHANGE_OWN_H
#define ARENA_EXCHANGE_OWN_H

#include "arena/exchange/form.h"

#define OWN_VERSION 1

/* The words that logs have for a verdict, by rating_outcome. */
extern const char *const own_winners[RATING_N_OUTCOMES];

/* Takes the head or a battle (exchange_form.value). */
int own_take(struct import *x, const cJSON *o, struct err *e);

#endif
