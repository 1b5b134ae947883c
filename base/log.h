/* log: what went on, for whoever looks for a fault later.
 *
 * Lines go to a file ($XDG_STATE_HOME/arena/log), never to the terminal.
 * Nothing is written before log_open.  Never log keys, prompts, answers, or,
 * before the vote, which model is on which side.  Any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* Opens (appends to) the file; a file that cannot be opened means no log. */
void log_open(const char *path);

/* One line with a time stamp; control characters become '?'. */
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
