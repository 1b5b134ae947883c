/* looking_back: what history, show and undo share. */
#ifndef TUI_COMMANDS_LOOKING_BACK_H
#define TUI_COMMANDS_LOOKING_BACK_H

#include "arena/store/store.h"
#include "base/buf.h"
#include "tui/command.h"

/* The battle number in argv[1].  0, or -1 with ERR_USAGE. */
int looking_back_id(const struct invocation *in, int64_t *id, struct err *e);

/* One battle, freed with store_free_entries(entry, 1), or NULL. */
struct store_entry *looking_back_find(struct store *s, int64_t battle_id,
                                      struct err *e);

/* How a battle stands: its verdict, or the state it is in. */
const char *looking_back_outcome(const struct store_entry *entry);

/* Appends a battle's members, without the braces around them. */
void looking_back_json(const struct store_entry *entry, struct buf *out);

#endif
