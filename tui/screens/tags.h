/* tags: marks on a list of words, with room for words of one's own.  UI thread.
 */
#ifndef TUI_SCREENS_TAGS_H
#define TUI_SCREENS_TAGS_H

#include <stddef.h>

#include "tui/widgets/ui.h"

/* Called when the person has closed the list: "clear,short" was marked, valid
 * for this call. */
typedef void tags_take(void *owner, const char *tags);

/* Opens the list: the words, and `marked` ("clear,short"), which are marked to
 * begin with. */
void tags_open(struct ui *ui, const char *title, char *const *words,
               size_t n_words, const char *marked, tags_take *take,
               void *owner);

#endif
