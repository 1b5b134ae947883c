#include "arena/run/prompts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "arena/run/csv.h"
#include "arena/run/jsonl.h"
#include "arena/run/reader.h"
#include "arena/run/text.h"
#include "base/container.h"
#include "base/gunzip.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"

/* What the end of a file's name says of its form. */
enum named {
    NAMED_NOTHING,
    NAMED_TEXT,
    NAMED_TABLE,
    NAMED_JSON,
    NAMED_YAML,
    NAMED_MARKUP,
};

static const struct extension {
    const char *end;
    enum named named;
} EXTENSIONS[] = {
    {"txt", NAMED_TEXT},  {"text", NAMED_TEXT},   {"md", NAMED_TEXT},
    {"csv", NAMED_TABLE}, {"tsv", NAMED_TABLE},   {"tab", NAMED_TABLE},
    {"json", NAMED_JSON}, {"jsonl", NAMED_JSON},  {"ndjson", NAMED_JSON},
    {"yaml", NAMED_YAML}, {"yml", NAMED_YAML},    {"xml", NAMED_MARKUP},
    {"toml", NAMED_MARKUP}, {"html", NAMED_MARKUP}, {"htm", NAMED_MARKUP},
};

/* Reads "prompts.csv", "prompts.csv.gz". */
static enum named named_form(const char *name)
{
    const char *base = path_name(name);
    size_t n = strlen(base);
    if (n > 3 && strcasecmp(base + n - 3, ".gz") == 0)
        n -= 3;
    for (size_t i = 0; i < sizeof(EXTENSIONS) / sizeof(EXTENSIONS[0]); i++) {
        size_t length = strlen(EXTENSIONS[i].end);
        if (n > length && base[n - length - 1] == '.' &&
            strncasecmp(base + n - length, EXTENSIONS[i].end, length) == 0)
            return EXTENSIONS[i].named;
    }
    return NAMED_NOTHING;
}

/* --- what the content looks like ----------------------------------------- */

static const char *skip_blanks(const char *s, const char *end)
{
    while (s < end && strchr(" \t\r\n", *s) != NULL)
        s++;
    return s;
}

/* A prompt may begin with "[" too; a list of objects begins "[{". */
static bool begins_like_json(const char *s, const char *end)
{
    s = skip_blanks(s, end);
    if (s < end && *s == '[')
        s = skip_blanks(s + 1, end);
    return s < end && *s == '{';
}

/* A document that says so itself. */
static bool begins_like_markup(const char *s, const char *end)
{
    static const char *const begins[] = {"<?xml", "<!doctype"};
    s = skip_blanks(s, end);
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        size_t n = strlen(begins[i]);
        if ((size_t)(end - s) > n && strncasecmp(s, begins[i], n) == 0)
            return true;
    }
    return false;
}

/* "- prompt: …" or "prompts:", perhaps below "---" or a comment. */
static bool begins_like_yaml(const char *s, const char *end)
{
    static const char *const keys[] = {"prompt", "question", "instruction",
                                       "input",  "text",     "turns",
                                       "id",     "category", "messages"};
    s = skip_blanks(s, end);
    while (s < end && (*s == '#' || (end - s > 4 && memcmp(s, "---", 3) == 0 &&
                                     strchr(" \r\n", s[3]) != NULL))) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        s = skip_blanks(newline == NULL ? end : newline, end);
    }
    bool is_item = end - s > 2 && memcmp(s, "- ", 2) == 0;
    s = is_item ? skip_blanks(s + 2, end) : s;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        size_t n = strlen(keys[i]);
        if ((size_t)(end - s) <= n || memcmp(s, keys[i], n) != 0)
            continue;
        const char *after = s + n + (s[n] == 's');
        if (after == end || *after != ':')
            continue;
        after++;
        while (after < end && (*after == ' ' || *after == '\r'))
            after++;
        /* A text may have "question: …"; a key with nothing, |, > is none. */
        if (is_item || after == end || strchr("\n|>", *after) != NULL)
            return true;
    }
    return false;
}

static int contradiction(const struct prompts_reader *r, const char *named,
                         const char *found, struct err *e)
{
    return err_set(e, ERR_FORMAT, "%s: its name says %s, but its content is "
                   "%s; rename it, or say --format", r->name, named, found);
}

static int not_read(const struct prompts_reader *r, const char *what,
                    struct err *e)
{
    return err_set(e, ERR_FORMAT, "%s: %s is not read; prompts are text, JSON "
                   "objects, or a table (CSV) with a header", r->name, what);
}

/* Chooses a form by content, in the light of the name. */
static int choose_format(const struct prompts_reader *r, const char *s,
                         size_t n, enum prompts_format *out, struct err *e)
{
    const char *end = s + n;
    enum named named = named_form(r->name);
    bool is_json = begins_like_json(s, end) && named != NAMED_TEXT;
    if (!is_json && (named == NAMED_JSON || begins_like_json(s, end)))
        is_json = prompts_is_json(s, n);
    enum table_kind kind = is_json ? TABLE_NONE : prompts_table_kind(s, n);
    if (named == NAMED_YAML || (!is_json && begins_like_yaml(s, end)))
        return not_read(r, "YAML", e);
    if (named == NAMED_MARKUP || begins_like_markup(s, end))
        return not_read(r, "XML, HTML or TOML", e);
    if (is_json && named == NAMED_TABLE)
        return contradiction(r, "a table", "JSON", e);
    if (!is_json && named == NAMED_JSON)
        return contradiction(r, "JSON", kind != TABLE_NONE ? "a table" : "not",
                             e);
    *out = is_json                                    ? PROMPTS_JSONL
           : kind != TABLE_NONE || named == NAMED_TABLE ? PROMPTS_CSV
                                                      : PROMPTS_TEXT;
    return 0;
}

/* --- bytes --------------------------------------------------------------- */

/* All forms are UTF-8 text; a binary file is known by its first wrong byte. */
static int check_bytes(struct prompts_reader *r, const char *s, size_t n,
                       struct err *e)
{
    const char *problem = container_problem(s, n);
    if (problem != NULL)
        return err_set(e, ERR_FORMAT, "%s: the file is %s", r->name, problem);
    r->line = 1;
    for (size_t at = 0; at < n;) {
        uint32_t cp;
        size_t length = utf8_decode(s + at, n - at, &cp);
        if (cp == 0)
            return reader_fail(r, e, "has a NUL byte; not a text file");
        if (cp == UTF8_REPLACEMENT && !utf8_valid(s + at, length))
            return reader_fail(r, e, "not UTF-8; save the file as UTF-8");
        r->line += cp == '\n';
        at += length;
    }
    r->line = 1;
    return 0;
}

/* Of the lines, whether or not the last one ends. */
static uint64_t hash_lines(const char *s, size_t n)
{
    uint64_t h = hash_bytes(HASH_START, s, n);
    return n > 0 && s[n - 1] != '\n' ? hash_bytes(h, "\n", 1) : h;
}

/* Makes all line ends LF: CRLF, and CR in a file that has no LF.  Returns the
 * new length. */
static size_t unify_lines(char *s, size_t n)
{
    bool has_lf = memchr(s, '\n', n) != NULL;
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\r' && has_lf && i + 1 < n && s[i + 1] == '\n')
            continue;
        s[to++] = s[i] == '\r' && !has_lf ? '\n' : s[i];
    }
    return to;
}

static int read_form(struct prompts_reader *r, char *s, size_t n,
                     enum prompts_format format, struct err *e)
{
    struct prompts *p = r->out;
    p->format = format;
    n = unify_lines(s, n);
    p->hash = hash_lines(s, n);
    if (n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) {
        s += 3;
        n -= 3;
    }
    if (format == PROMPTS_AUTO && choose_format(r, s, n, &p->format, e) != 0)
        return -1;
    if (r->taker != NULL && p->format == PROMPTS_TEXT)
        return err_set(e, ERR_FORMAT, "%s: neither JSON nor a table (CSV) with "
                       "a header", r->name);
    switch (p->format) {
    case PROMPTS_JSONL:
        return prompts_read_jsonl(r, s, n, e);
    case PROMPTS_CSV:
        return prompts_read_csv(r, s, n, e);
    default:
        return prompts_read_text(r, s, n, e);
    }
}

/* Reads bytes as prompts, or as what the taker makes of them. */
static int parse(struct prompts *p, const char *bytes, size_t n,
                 const char *name, enum prompts_format format,
                 const struct reader_taker *taker, struct err *e)
{
    struct prompts_reader r;
    *p = (struct prompts){.format = format};
    char *copy = mem_try(n + 1, 1);
    if (copy == NULL)
        return err_set(e, ERR_FAILURE, "%s: not enough memory", name);
    memcpy(copy, bytes, n);
    reader_init(&r, p, name);
    r.taker = taker;
    int result = check_bytes(&r, copy, n, e);
    if (result == 0)
        result = read_form(&r, copy, n, format, e);
    if (result == 0 && taker == NULL && p->n == 0)
        result = err_set(e, ERR_FORMAT, "%s: no prompts in it", name);
    reader_free(&r);
    free(copy);
    if (result != 0 || taker != NULL)
        prompts_free(p);
    return result;
}

int prompts_parse(struct prompts *p, const char *bytes, size_t n,
                  const char *name, enum prompts_format format, struct err *e)
{
    return parse(p, bytes, n, name, format, NULL, e);
}

static int too_large(const char *name, struct err *e)
{
    return err_set(e, ERR_FORMAT, "%s: larger than %u MB", name,
                   PROMPTS_MAX_BYTES >> 20);
}

static int unpack(const struct buf *packed, const char *name, struct buf *out,
                  struct err *e)
{
    struct gunzip *g;
    char bytes[1 << 14];
    long n;
    if (gunzip_open(&g, -1, packed->data, packed->len, e) != 0)
        return err_wrap(e, "%s", name);
    while ((n = gunzip_read(g, bytes, sizeof(bytes), e)) > 0 && !out->overflow)
        buf_add(out, bytes, (size_t)n);
    gunzip_close(g);
    if (n < 0)
        return err_wrap(e, "%s", name);
    return out->overflow ? too_large(name, e) : 0;
}

static int read_file(struct prompts *p, const char *path,
                     enum prompts_format format,
                     const struct reader_taker *taker, struct err *e)
{
    struct buf bytes, unpacked;
    buf_init(&bytes, PROMPTS_MAX_BYTES);
    buf_init(&unpacked, PROMPTS_MAX_BYTES);
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = is_stdin ? "stdin" : path;
    int result = is_stdin ? buf_read_fd(&bytes, STDIN_FILENO)
                          : buf_read_file(&bytes, path);
    if (result != 0 && errno == EFBIG)
        too_large(name, e);
    else if (result != 0)
        err_set(e, ERR_FAILURE, "%s: cannot read: %s", path, strerror(errno));
    else if (!gunzip_is(bytes.data, bytes.len))
        result = parse(p, bytes.data, bytes.len, name, format, taker, e);
    else if ((result = unpack(&bytes, name, &unpacked, e)) == 0)
        result =
            parse(p, unpacked.data, unpacked.len, name, format, taker, e);
    buf_free(&bytes);
    buf_free(&unpacked);
    return result;
}

int prompts_read(struct prompts *p, const char *path,
                 enum prompts_format format, struct err *e)
{
    return read_file(p, path, format, NULL, e);
}

int prompts_take(const char *path, const struct reader_taker *taker,
                 struct err *e)
{
    struct prompts none;
    return read_file(&none, path, PROMPTS_AUTO, taker, e);
}
