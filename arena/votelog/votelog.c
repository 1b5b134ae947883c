#include "arena/votelog/votelog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena/votelog/chunk.h"
#include "arena/votelog/columns.h"
#include "arena/votelog/json.h"
#include "arena/votelog/rounds.h"
#include "base/mem.h"
#include "base/utf8.h"

static int read_csv(struct chunk *whole, off_t size, struct err *e)
{
    struct votelog_columns columns;
    if (votelog_csv_header(whole, &columns, e) != 0)
        return -1;
    whole->columns = &columns;
    return rounds_read(whole, size, e);
}

static int read_json(struct chunk *whole, struct err *e)
{
    int status = chunk_start(whole, e);
    if (status == 0)
        status = votelog_json_rows(whole, e);
    if (status == 0)
        status = chunk_join(whole, 0, e);
    return status;
}

/* The first byte that is not blank; -1: there is none; -2: e is set. */
static int first_byte(struct chunk *whole, struct err *e)
{
    struct window *w = &whole->window;
    for (;;) {
        const char *s = w->data + w->begin;
        size_t n = w->end - w->begin;
        size_t skip = strspn(s, " \t\r\n");
        if (skip < n)
            return (unsigned char)s[skip];
        if (w->at_end)
            return -1;
        if (window_more(w, whole->path, e) != 0)
            return -2;
        w->data[w->end] = '\0';
    }
}

/* Reads what the first bytes say it is. */
static int read_form(struct chunk *whole, off_t size, struct err *e)
{
    struct window *w = &whole->window;
    w->data[0] = '\0';
    if (window_begin(&whole->window, whole->path, e) != 0)
        return -1;
    int byte = first_byte(whole, e);
    if (byte == -2)
        return -1;
    if (byte == -1)
        return err_set(e, ERR_FORMAT, "%s: the file is empty; a battle log "
                       "has a line with model_a,model_b,winner first",
                       whole->path);
    enum votelog_form form = whole->o->form;
    if (form == VOTELOG_AUTO)
        form = byte == '[' || byte == '{' ? VOTELOG_JSON : VOTELOG_CSV;
    return form == VOTELOG_CSV ? read_csv(whole, size, e)
                               : read_json(whole, e);
}

/* Names that no row has without blanks are shown as the first row has them. */
static void find_shown_names(struct votelog *log)
{
    const struct names *blank = &log->spelling.blank;
    if (blank->n == 0)
        return;
    log->shown_names = mem_calloc(log->models.n, sizeof(*log->shown_names));
    for (uint32_t i = 0; i < blank->n; i++) {
        size_t n, n_name;
        const char *s = names_get(blank, i, &n);
        n_name = n;
        const char *name = utf8_trim(s, &n_name);
        uint32_t model = names_find(&log->models, name, n_name);
        if (model != NAMES_NONE && !log->spelling.is_plain[model] &&
            log->shown_names[model] == NULL)
            log->shown_names[model] = mem_strndup(s, n);
    }
}

const char *votelog_model_name(const struct votelog *log, uint32_t model)
{
    if (log->shown_names != NULL && log->shown_names[model] != NULL)
        return log->shown_names[model];
    return names_get(&log->models, model, NULL);
}

const char *votelog_told_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "stdin" : path;
}

int votelog_read(struct votelog *log, const char *path,
                 const struct votelog_options *o,
                 const struct votelog_sink *sink, struct err *e)
{
    memset(log, 0, sizeof(*log));
    names_init(&log->models, VOTELOG_MAX_MODELS);
    names_init(&log->voters, NAMES_NONE - 1);
    names_init(&log->categories, NAMES_NONE - 1);
    names_init(&log->battles, NAMES_NONE - 1);
    names_init(&log->spelling.blank, VOTELOG_MAX_MODELS);
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = votelog_told_name(path);
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        err_set(e, ERR_FAILURE, "%s: cannot open: %s", name, strerror(errno));
        if (fd >= 0 && !is_stdin)
            close(fd);
        return -1;
    }
    struct chunk *whole = mem_calloc(1, sizeof(*whole));
    whole->log = log;
    whole->o = o;
    whole->sink = sink;
    whole->path = name;
    bool seekable = S_ISREG(st.st_mode) && !is_stdin;
    int status = window_open(&whole->window, fd, seekable ? 0 : -1,
                             seekable ? st.st_size : 0, e);
    if (status == 0)
        status = read_form(whole, st.st_size, e);
    if (status == 0)
        find_shown_names(log);
    chunk_close(whole);
    free(whole);
    if (!is_stdin)
        close(fd);
    return status;
}

void votelog_free(struct votelog *log)
{
    names_free(&log->voters);
    names_free(&log->categories);
    names_free(&log->battles);
    chunk_forget_maps(log);
    for (size_t i = 0; log->shown_names != NULL && i < log->models.n; i++)
        free(log->shown_names[i]);
    free(log->shown_names);
    names_free(&log->models);
    log->shown_names = NULL;
    names_free(&log->spelling.blank);
    free(log->spelling.is_plain);
    log->spelling.is_plain = NULL;
    for (size_t i = 0; i < log->n_features; i++)
        free(log->features[i]);
    log->n_features = 0;
}
