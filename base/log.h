/* log: what went on, for whoever looks for a fault later.
 *
 * Lines go to a file ($XDG_STATE_HOME/arena/log), never to the terminal.
 * Nothing is written before log_open.  Never log keys, prompts, answers, or,
 * before the vote, which model is on which side.  Any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

/* Opens (appends to) the file; a file that cannot be opened means no log. */
void log_open(const char *path);

/* From the first log_hold on, lines wait in memory, for what programs print
 * may name a model.  When every hold is released they are written; those since
 * the first hold are lost if one was released with `forget`, because its names
 * stay hidden.  What does not fit into LOG_HELD_BYTES is lost, too. */
#define LOG_HELD_BYTES (1u << 18)
void log_hold(void);
void log_release(bool forget);

/* One line with a time stamp; control characters become '?'. */
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
