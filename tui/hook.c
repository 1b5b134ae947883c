#include "tui/hook.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FINISH_MS 5000
#define STEP_MS 10

static int failed(struct child *c, struct err *e)
{
    const char *said = child_last_line(c);
    return err_set(e, ERR_FAILURE, "vote_hook failed (status %d)%s%s",
                   c->status, said[0] != '\0' ? ": " : "", said);
}

/* Takes out those that have ended.  -1 if one failed. */
static int collect(struct hooks *h, struct err *e)
{
    int result = 0;
    size_t kept = 0;
    for (size_t i = 0; i < h->n; i++) {
        struct child *c = &h->running[i];
        if (!child_poll(c)) {
            h->running[kept++] = *c;
            continue;
        }
        if (c->status != 0 && result == 0)
            result = failed(c, e);
        child_free(c);
    }
    h->n = kept;
    return result;
}

/* A file that is already deleted, with the line in it. */
static FILE *line_in_file(const char *json)
{
    FILE *file = tmpfile();
    bool written = file != NULL && fputs(json, file) >= 0 &&
                   putc('\n', file) != EOF && fflush(file) == 0;
    if (written)
        rewind(file);
    else if (file != NULL)
        fclose(file);
    return written ? file : NULL;
}

int hooks_start(struct hooks *h, char *const *argv, const char *json,
                struct err *e)
{
    if (argv == NULL)
        return 0;
    int result = collect(h, e);
    if (h->n == HOOK_MOST)
        return err_set(e, ERR_FAILURE, "vote_hook: %d of them still run, so "
                       "it was not told of this vote", HOOK_MOST);
    FILE *file = line_in_file(json);
    if (file == NULL)
        return err_set(e, ERR_FAILURE, "vote_hook: no temporary file: %s",
                       strerror(errno));
    struct child *c = &h->running[h->n];
    if (child_start_with(c, (const char *const *)argv, fileno(file), e) == 0)
        h->n++;
    else
        result = -1;
    fclose(file);
    return result;
}

int hooks_finish(struct hooks *h, struct err *e)
{
    int result = collect(h, e);
    for (int ms = 0; h->n > 0 && ms < FINISH_MS; ms += STEP_MS) {
        poll(NULL, 0, STEP_MS);
        if (collect(h, result == 0 ? e : NULL) != 0)
            result = -1;
    }
    if (h->n > 0 && result == 0)
        result = err_set(e, ERR_FAILURE, "vote_hook still ran after %d s, and "
                         "was ended", FINISH_MS / 1000);
    while (h->n > 0)
        child_free(&h->running[--h->n]);
    return result;
}
