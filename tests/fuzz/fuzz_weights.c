/* Any bytes are a list of weights, or one line that says why not; no entry of
 * a list names a file outside the weights folder or an option of pip. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "arena/weights/list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct weights_list l;
    struct err e = {.code = ERR_NONE};
    int fd = fuzz_file(data, size, path);
    if (weights_list_load(&l, path, &e) == 0) {
        for (size_t i = 0; i < l.n; i++) {
            const struct weights_entry *w = &l.entries[i];
            FUZZ_CHECK(strchr(w->file, '/') == NULL && w->file[0] != '.');
            for (size_t k = 0; k < w->n_parts; k++)
                FUZZ_CHECK(w->parts[k].package[0] != '-');
        }
        weights_list_free(&l);
    } else {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
    }
    close(fd);
    return 0;
}
