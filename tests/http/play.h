/* play: turns a case (tests/http/faults.h) into the bytes that a server of a
 * protocol (tests/http/protocols.h) sends. */
#ifndef TESTS_HTTP_PLAY_H
#define TESTS_HTTP_PLAY_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/http/faults.h"
#include "tests/http/protocols.h"

#define PLAY_MAX_BYTES (64u << 20)

/* Puts `text` in place of the "%" of a part. */
static inline void play_part(struct buf *out, const char *part,
                             const char *text, size_t n_text)
{
    const char *gap = strchr(part, '%');
    size_t n = gap ? (size_t)(gap - part) : strlen(part);
    buf_add(out, part, n);
    if (gap != NULL) {
        buf_add(out, text, n_text);
        buf_add_str(out, gap + 1);
    }
}

static inline void play_long(struct buf *out, const char *part, size_t n)
{
    char *text = malloc(n + 1);
    memset(text, 'a', n);
    play_part(out, part, text, n);
    free(text);
}

/* One that is neither the protocol's nor noise is harmless, whatever a reader
 * makes of it. */
static inline void play_nested(struct buf *out, const struct protocol *p,
                               size_t n)
{
    buf_add_str(out, p->lines ? "{\"x\":" : "data: {\"x\":");
    for (size_t i = 0; i < 2 * n; i++)
        buf_add_char(out, i < n ? '[' : ']');
    buf_add_str(out, p->lines ? "}\n" : "}\n\n");
}

/* A word that stands for other words, or counts.  False: it is a part. */
static inline bool play_word(struct buf *out, const struct protocol *p,
                             const char *word, const char *value, bool *lacks)
{
    size_t n = strtoul(value, NULL, 10);
    const char *comment = p->lines ? "\n" : ": comment\n\n";
    if (strcmp(word, "hello") == 0) {
        buf_add_str(out, p->begin);
        play_part(out, p->text, "H\xC3\xA9", 3);
        play_part(out, p->text, "llo", 3);
    } else if (strcmp(word, "end") == 0) {
        buf_add_str(out, p->finish ? p->finish : "");
        buf_add_str(out, p->marker ? p->marker : "");
    } else if (strcmp(word, "closing") == 0) {
        *lacks = *lacks || !p->closes;
    } else if (strcmp(word, "marked") == 0) {
        *lacks = *lacks || p->marker == NULL;
    } else if (strcmp(word, "comment") == 0) {
        buf_add_str(out, comment);
    } else if (strcmp(word, "flood") == 0) {
        while (n-- > 0)
            buf_add_str(out, comment);
    } else if (strcmp(word, "many") == 0) {
        while (n-- > 0)
            play_long(out, p->text, 1000);
    } else if (strcmp(word, "long") == 0) {
        play_long(out, p->text, n);
    } else if (strcmp(word, "nested") == 0) {
        play_nested(out, p, n);
    } else if (strcmp(word, "cut") == 0) {
        buf_cut(out, out->len - n);
    } else {
        return false;
    }
    return true;
}

static inline const char *play_find(const struct protocol *p, const char *word)
{
    const struct {
        const char *word, *part;
    } parts[] = {
        {"begin", p->begin},     {"text", p->text},
        {"thinking", p->thinking}, {"finish", p->finish},
        {"marker", p->marker},   {"counted", p->counted},
        {"length", p->length},   {"filter", p->filter},
        {"error", p->error},     {"failure", p->failure},
        {"alive", p->alive},     {"empty", p->empty},
        {"unknown", p->unknown}, {"whole", p->whole},
        {"refusal", p->refusal},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strcmp(parts[i].word, word) == 0)
            return parts[i].part;
    abort(); /* a word that is none */
}

/* Appends the bytes of a play.  False: the protocol lacks a part of it. */
static inline bool play_bytes(struct buf *out, const struct protocol *p,
                              const char *play)
{
    bool lacks = false;
    while (*play != '\0') {
        char word[64];
        const char *value = "";
        size_t n = strcspn(play, " "), n_word = strcspn(play, " =");
        if (strncmp(play, "raw=", 4) == 0) {
            buf_add_str(out, play + 4);
            break;
        }
        char *copy = strndup(play, n);
        if (n_word < n)
            value = copy + n_word + 1;
        memcpy(word, play, n_word);
        word[n_word] = '\0';
        if (!play_word(out, p, word, value, &lacks)) {
            const char *part = play_find(p, word);
            lacks = lacks || part == NULL;
            play_part(out, part ? part : "", value, strlen(value));
        }
        free(copy);
        play += n + strspn(play + n, " ");
    }
    return !lacks;
}

/* --- changes ----------------------------------------------------------- */

static inline void play_replace(struct buf *b, const char *from,
                                const char *to, bool once_a_line)
{
    struct buf out;
    size_t n = strlen(from);
    buf_init(&out, PLAY_MAX_BYTES);
    bool done = false; /* in this line */
    for (size_t i = 0; i < b->len;) {
        if (!done && i + n <= b->len && memcmp(b->data + i, from, n) == 0) {
            buf_add_str(&out, to);
            done = once_a_line;
            i += n;
            continue;
        }
        if (b->data[i] == '\n')
            done = false;
        buf_add_char(&out, b->data[i++]);
    }
    buf_free(b);
    *b = out;
}

/* Moves each "event:" line behind the "data:" line that follows it. */
static inline void play_data_first(struct buf *b)
{
    struct buf out;
    buf_init(&out, PLAY_MAX_BYTES);
    const char *name = NULL;
    size_t n_name = 0;
    for (const char *s = b->data; *s != '\0';) {
        size_t n = strcspn(s, "\n") + 1;
        if (strncmp(s, "event:", 6) == 0) {
            name = s;
            n_name = n;
        } else {
            buf_add(&out, s, n);
            if (name != NULL)
                buf_add(&out, name, n_name);
            name = NULL;
        }
        s += n;
    }
    buf_free(b);
    *b = out;
}

static inline void play_chunks(struct buf *b, bool ended)
{
    struct buf out;
    buf_init(&out, PLAY_MAX_BYTES);
    for (size_t i = 0; i < b->len; i += 7) {
        size_t n = b->len - i < 7 ? b->len - i : 7;
        buf_addf(&out, "%zx\r\n", n);
        buf_add(&out, b->data + i, n);
        buf_add_str(&out, "\r\n");
    }
    buf_add_str(&out, ended ? "0\r\n\r\n" : "");
    buf_free(b);
    *b = out;
}

static inline void play_change(struct buf *b, const struct protocol *p,
                               unsigned changes)
{
    static const struct {
        unsigned change;
        const char *from, *to;
        bool once_a_line;
    } rows[] = {
        {COMMENTS, "data:", ": comment\ndata:", true},
        {FIELDS, "data:", "id: 7\nretry: 5\nwhat: data\nonly\ndata:", true},
        {PARTED, ",", "\ndata: ,", true},
        {NO_SPACE, "data: ", "data:", false},
        {SPACES, "data: ", "data:   ", false},
        {NO_BLANKS, "\n\n", "\n", false},
        {BLANKS, "\n\n", "\n\n\n\n\n", false},
        {CRLF, "\n", "\r\n", false},
        {CR, "\n", "\r", false},
    };
    if (changes & DATA_FIRST)
        play_data_first(b);
    while ((changes & NO_LAST) && b->len > 0 && b->data[b->len - 1] == '\n')
        buf_cut(b, b->len - 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* Lines of JSON have no fields. */
        bool fits = !p->lines || rows[i].from[0] == '\n';
        if ((changes & rows[i].change) && fits)
            play_replace(b, rows[i].from, rows[i].to, rows[i].once_a_line);
    }
}

/* --- a reply ----------------------------------------------------------- */

static inline void play_head(struct buf *out, const struct protocol *p,
                             const struct fault_case *c, const char *head,
                             size_t n_body)
{
    if (head == NULL)
        buf_addf(out, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
                      "X-Request-Id: req-%s\r\n", p->type, FAULTS_KEY);
    else
        buf_add_str(out, head);
    if (out->len < 2 || out->data[out->len - 1] != '\n')
        return; /* they do not end */
    if (c->changes & (CHUNKED | UNENDED))
        buf_add_str(out, "Transfer-Encoding: chunked\r\n");
    if (c->changes & (COUNTED | SHORT))
        buf_addf(out, "Content-Length: %zu\r\n",
                 n_body + (c->changes & SHORT ? 100 : 0));
    buf_add_str(out, "\r\n");
}

/* Appends a whole reply, headers included; the body begins at *begin.  False:
 * the protocol lacks a part of it. */
static inline bool play_reply(struct buf *out, const struct protocol *p,
                              const struct fault_case *c, const char *head,
                              const char *play, size_t *begin)
{
    struct buf body;
    buf_init(&body, PLAY_MAX_BYTES);
    bool whole = play_bytes(&body, p, play);
    play_change(&body, p, c->changes);
    if (c->changes & (CHUNKED | UNENDED))
        play_chunks(&body, c->changes & CHUNKED);
    play_head(out, p, c, head, body.len);
    *begin = out->len;
    if (c->changes & MARK)
        buf_add_str(out, "\xEF\xBB\xBF");
    buf_add(out, body.data, body.len);
    buf_free(&body);
    return whole;
}

#endif
