#include "tui/print/rejected.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/plural.h"
#include "tui/clean.h"

void rejected_print(const struct votelog *log, const char *path)
{
    struct buf line;
    buf_init(&line, 4096);
    for (size_t i = 0; i < log->n_shown; i++) {
        const struct votelog_reject *x = &log->shown[i];
        buf_clear(&line);
        clean_text(path, strlen(path), true, &line);
        if (x->object > 0)
            buf_addf(&line, ": object %" PRIu64 " (line %" PRIu64 "): ",
                     x->object, x->line);
        else
            buf_addf(&line, ":%" PRIu64 ": ", x->line);
        clean_text(x->reason, strlen(x->reason), true, &line);
        fprintf(stderr, "%s\n", line.data);
    }
    if (log->n_rejected > log->n_shown)
        fprintf(stderr, "... and %" PRIu64 " more\n",
                log->n_rejected - log->n_shown);
    if (log->unread_count != NULL) {
        buf_clear(&line);
        clean_text(path, strlen(path), true, &line);
        fprintf(stderr, "%s: %s %s is not read, each %s is one vote; ",
                line.data, log->is_json_count ? "the key" : "column",
                log->unread_count, log->is_json_count ? "object" : "row");
        if (log->is_json_count)
            fputs("counts are read from CSV only\n", stderr);
        else
            fprintf(stderr, "\"arena rate --count %s\" counts it\n",
                    log->unread_count);
    }
    buf_free(&line);
}

int rejected_tell(const struct votelog *log, const char *path, struct err *e)
{
    uint64_t n = log->n_rejected + log->n_votes + log->n_skipped;
    if (log->n_rejected == 0)
        return 0;
    for (int k = 0; k < VOTELOG_N_MARKS; k++)
        n += log->n_marked[k];
    return err_set(e, ERR_PARTIAL, "%s: %" PRIu64 " of %" PRIu64
                   " row%s could not be used", path, log->n_rejected, n,
                   plural_s(n));
}
