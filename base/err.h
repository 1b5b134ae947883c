/* err: one line that says what failed, where, and what to do about it.
 *
 * The caller owns a `struct err`, passes it as the last argument, and reads
 * it only when the call returned -1. Functions that fail set it and return in
 * one expression:
 *
 *     return err_set(e, ERR_FORMAT, "%s: no tensor %s", path, name);
 *
 * The text is raw: names and messages from files and servers may stand in it.
 * Only tui/clean.c may turn it into something drawn.  Any thread; no globals.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_code {
    ERR_NONE = 0,
    ERR_FAILURE,     /* anything without a code of its own */
    ERR_USAGE,       /* the command line is wrong */
    ERR_CONFIG,      /* arena.json is missing or wrong */
    ERR_AUTH,        /* a key is missing or refused */
    ERR_BACKEND,     /* a model, a server or the network failed */
    ERR_PARTIAL,     /* some items of many failed */
    ERR_DB,          /* the database is locked, damaged, foreign or full */
    ERR_FORMAT,      /* a file from outside is not what it should be */
    ERR_INTERRUPTED, /* the person or a signal ended it */
    ERR_N_CODES
};

#define ERR_TEXT_BYTES 1024

struct err {
    enum err_code code;
    char text[ERR_TEXT_BYTES]; /* one line, NUL-terminated, cut if too long */
};

/* Sets code and text (printf format), line ends as blanks.  `e` may be NULL.
 * Returns -1, always. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "text: " in front of what `e` says, to add the name of the larger thing
 * that failed.  `e` may be NULL.  Returns -1, always. */
int err_wrap(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The process exit status that a code stands for: 0 ok, 1 failure, 2 usage,
 * 3 config, 4 authentication, 5 backend or network, 6 some items failed,
 * 7 database, 130 interrupted. */
int err_exit_status(enum err_code code);

/* The first code with this exit status; ERR_FAILURE if there is none. */
enum err_code err_of_exit_status(int status);

#endif
