/* votelog_private: what the files of the votelog share. */
#ifndef ARENA_VOTELOG_PRIVATE_H
#define ARENA_VOTELOG_PRIVATE_H

#include <sys/types.h>

#include "arena/votelog/votelog.h"
#include "base/json.h"

#define VOTELOG_BATCH 256                    /* votes handed on at once */
#define VOTELOG_BUFFER_BYTES ((size_t)1 << 18)
#define VOTELOG_ROW_BYTES ((size_t)64 << 20) /* no row is longer */
#define VOTELOG_NAME_BYTES 1024              /* no name is longer */

/* Columns of a CSV file; -1: not there. */
enum votelog_role {
    ROLE_A,
    ROLE_B,
    ROLE_WINNER,
    ROLE_WON_A, /* winner_model_a: 0 or 1 */
    ROLE_WON_B,
    ROLE_TIED,
    ROLE_VOTER,
    ROLE_CATEGORY,
    ROLE_COUNT,
    ROLE_N
};

struct votelog_columns {
    char separator;
    int role[ROLE_N];
    int feature[VOTELOG_MAX_FEATURES][2];
    int n_wanted; /* 1 + the last column that is looked at */
};

/* A window on a file, or on a stretch of it: bytes data[begin, end), with one
 * more that may be written behind them. */
struct votelog_window {
    int fd;
    off_t at, stop;  /* next byte to read, first one not to; at -1: a pipe */
    char *data;
    size_t begin, end, cap;
    bool at_end;     /* nothing more will come */
    bool has_quote;  /* there is one in the window */
};

struct votelog_held {
    struct votelog_vote *votes;
    size_t n, cap;
};

/* One stretch of the file and what came of it.  One thread. */
struct votelog_part {
    struct votelog *log;
    const struct votelog_options *o;
    const struct votelog_sink *sink;
    const struct votelog_columns *columns;
    const char *path;
    int index;
    off_t from, to;      /* rows that begin in [from, to) are its own */
    off_t first, after;  /* where its first row begins, and the row after */
    struct votelog_window window;
    uint64_t line;       /* lines read so far */
    struct names models, voters, categories;
    uint64_t n_votes, n_rejected, n_skipped;
    bool too_many;      /* models, more than there may be */
    uint64_t n_counted; /* sum of the count column; see read_count */
    struct votelog_reject shown[VOTELOG_SHOWN];
    size_t n_shown;
    struct votelog_vote batch[VOTELOG_BATCH];
    size_t n_batch;
    bool holds;          /* votes, till those before them are handed on */
    struct votelog_held held;
    float *x;            /* [VOTELOG_BATCH][n_features][2], or NULL */
    int status;
    struct err error;
};

int votelog_window_open(struct votelog_window *w, int fd, off_t from,
                        off_t stop, struct err *e);
void votelog_window_close(struct votelog_window *w);

/* Brings more bytes, moving those in the window to its front.  0, or -1 with
 * ERR_FORMAT where the row in it is too long, ERR_FAILURE where reading
 * failed.  `path` is for the message. */
int votelog_window_more(struct votelog_window *w, const char *path,
                        struct err *e);

/* The next slot of the batch, zeroed; NULL with part->error where handing on a
 * full batch failed.  A vote counts once votelog_keep is called. */
struct votelog_vote *votelog_next(struct votelog_part *p);
void votelog_keep(struct votelog_part *p);
int votelog_flush(struct votelog_part *p);

/* The features of the vote in the next slot: x[n_features][2]. */
float *votelog_next_x(struct votelog_part *p);

/* A number of an answer; NaN where it is none that could be reckoned with. */
float votelog_number(double v);

/* The number of a model's name, or VOTELOG_NONE with the row rejected. */
uint32_t votelog_model(struct votelog_part *p, uint64_t line, const char *s,
                       size_t n);

/* The number of a voter's or a category's name (`what`, for the message) into
 * *out, VOTELOG_NONE where it is empty; false with the row rejected. */
bool votelog_name(struct votelog_part *p, uint64_t line, struct names *names,
                  const char *what, const char *s, size_t n, uint32_t *out);

/* Rejects a row (printf format). */
void votelog_reject(struct votelog_part *p, uint64_t line, const char *fmt,
                    ...) __attribute__((format(printf, 3, 4)));

/* Reads the header of a CSV file from the window.  0, or -1. */
int votelog_csv_header(struct votelog_part *p, struct votelog_columns *out,
                       struct err *e);
/* Reads a part's rows; part->status tells. */
void votelog_csv_rows(struct votelog_part *p);

/* Reads all of a JSON array or JSONL file. */
int votelog_json_rows(struct votelog_part *p, struct err *e);

/* Hands on the votes in one object of a log. */
int votelog_object(struct votelog_part *p, uint64_t line, const cJSON *o);

/* The names that a JSON log's features have, given its first object. */
int votelog_object_features(struct votelog *log, const cJSON *o);
void votelog_object_x(const struct votelog *log, const cJSON *o, float *x);

#endif
