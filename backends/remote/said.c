#include "backends/remote/said.h"

#include <string.h>

#include "backends/remote/fault.h"
#include "base/log.h"

/* Read of a line: a key at the end of what is kept is known only whole. */
#define SAID_READ_BYTES (4 * SAID_LINE_BYTES)

void said_init(struct said *s, const char *name, int max_logged)
{
    *s = (struct said){.name = name, .max_logged = max_logged};
    buf_init(&s->line, SAID_READ_BYTES);
}

void said_free(struct said *s)
{
    buf_free(&s->line);
}

void said_clear(struct said *s)
{
    buf_clear(&s->line);
    s->last[0] = '\0';
    s->n_logged = 0;
}

void said_end(struct said *s)
{
    char line[SAID_LINE_BYTES];
    fault_line(line, sizeof(line), s->line.data, s->line.len, s->key);
    buf_clear(&s->line);
    if (line[0] == '\0')
        return;
    memcpy(s->last, line, sizeof(line));
    if (s->n_logged++ < s->max_logged)
        log_line("%s: %s", s->name, s->last);
}

void said_add(struct said *s, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            said_end(s);
        else
            buf_add_char(&s->line, bytes[i]);
    }
}
