/* The system text that a chat program has for conversations without one.
 *
 * It stands in the program as literals, in one of a few ways; the program is
 * not run for it.  What is put together in a way that is not known here gives
 * none, and the conversation goes without. */
#include "backends/engine/chat/chat.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define MAX_SYSTEM_BYTES 65536

/* --- literals ---------------------------------------------------------- */

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t\n");
}

/* Reads the string literal at p (newlines are written out already), appends
 * what it says, and returns what follows it; NULL: p is at no literal. */
static const char *read_literal(const char *p, struct buf *out)
{
    char quote = *p;
    if (quote != '\'' && quote != '"')
        return NULL;
    for (p++; *p != '\0' && *p != quote; p++) {
        if (*p == '\\' && (p[1] == '\'' || p[1] == '"' || p[1] == '\\'))
            p++;
        buf_add_char(out, *p);
    }
    return *p == quote ? p + 1 : NULL;
}

/* Appends a part of a date; false: none that is known.  The forms stand here
 * and not in the file's own text, which came with a download. */
static bool add_date_part(char part, const struct tm *day, struct buf *out)
{
    char text[64];
    size_t n = 0;
    switch (part) {
    case 'A': n = strftime(text, sizeof(text), "%A", day); break;
    case 'B': n = strftime(text, sizeof(text), "%B", day); break;
    case 'b': n = strftime(text, sizeof(text), "%b", day); break;
    case 'd': n = strftime(text, sizeof(text), "%d", day); break;
    case 'm': n = strftime(text, sizeof(text), "%m", day); break;
    case 'Y': n = strftime(text, sizeof(text), "%Y", day); break;
    }
    buf_add(out, text, n);
    return n > 0;
}

struct tm chat_today(void)
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm day = {0};
    gmtime_r(&now, &day);
    return day;
}

/* Reads `strftime_now('%d %B %Y')` and appends today's date so; NULL: p is at
 * something else. */
static const char *read_date(const char *p, struct buf *out)
{
    static const char call[] = "strftime_now(";
    if (strncmp(p, call, strlen(call)) != 0)
        return NULL;
    struct buf form;
    buf_init(&form, 100);
    const char *end = read_literal(skip_blanks(p + strlen(call)), &form);
    end = end != NULL ? skip_blanks(end) : "";
    bool known = *end == ')' && form.len > 0 && !form.overflow;
    struct tm day = chat_today();
    for (size_t i = 0; known && i < form.len; i++) {
        if (form.data[i] == '%')
            known = add_date_part(form.data[++i], &day, out);
        else
            buf_add_char(out, form.data[i]);
    }
    buf_free(&form);
    return known ? end + 1 : NULL;
}

/* A sum of literals and dates up to the end of its tag, as
 * "It is " + strftime_now("%Y") + "." %}.  The caller frees; NULL: it has other
 * parts, or says nothing. */
static char *read_sum(const char *p)
{
    struct buf out;
    buf_init(&out, MAX_SYSTEM_BYTES);
    do {
        p = skip_blanks(p);
        const char *next = read_literal(p, &out);
        p = next != NULL ? next : read_date(p, &out);
        p = p != NULL ? skip_blanks(p) : NULL;
    } while (p != NULL && *p++ == '+');
    bool whole = p != NULL && (strncmp(p - 1, "%}", 2) == 0 ||
                               strncmp(p - 1, "-%}", 3) == 0);
    if (whole && out.len > 0 && !out.overflow)
        return buf_detach(&out);
    buf_free(&out);
    return NULL;
}

/* --- the ways ---------------------------------------------------------- */

/* A literal that opens the turn, says something and closes it:
 * '<|im_start|>system\nYou are …<|im_end|>\n'.  Where a program puts a variable
 * there, a quote or a brace stands in between. */
static char *find_turn(const struct chat_template *t, const char *program)
{
    const char *open = t->system[0], *close = t->system[1];
    size_t n_close = strlen(close);
    while (n_close > 0 && close[n_close - 1] == '\n')
        n_close--; /* it may be another literal */
    if (*open == '\0' || n_close == 0)
        return NULL;
    for (const char *p = program; (p = strstr(p, open)) != NULL;) {
        p += strlen(open);
        size_t n = strcspn(p, "'\"{}<");
        if (n > 0 && strncmp(p + n, close, n_close) == 0)
            return mem_strndup(p, n);
        p += n; /* what else opens before it ends there as well */
    }
    return NULL;
}

/* {% set default_system_message = 'You are …' %} */
static char *find_variable(const char *program)
{
    const char *name = "system_message = ";
    char *text = NULL;
    for (const char *p = program;
         text == NULL && (p = strstr(p, name)) != NULL;) {
        p += strlen(name);
        text = read_sum(p);
    }
    return text;
}

/* What Granite 3 adds where there are neither tools nor documents. */
static char *add_granite_end(char *text, const char *program)
{
    static const char quoted[] = "\" You are a helpful AI assistant.\"";
    if (text == NULL || strstr(program, quoted) == NULL)
        return text;
    struct buf all;
    buf_init(&all, MAX_SYSTEM_BYTES + sizeof(quoted));
    buf_addf(&all, "%s%.*s", text, (int)sizeof(quoted) - 3, quoted + 1);
    free(text);
    return buf_detach(&all);
}

/* A literal of its own that begins so. */
static char *find_sentence(const char *program, const char *begin)
{
    struct buf out;
    const char *p = strstr(program, begin);
    if (p == NULL)
        return NULL;
    buf_init(&out, MAX_SYSTEM_BYTES);
    if (read_literal(p, &out) != NULL && !out.overflow)
        return buf_detach(&out);
    buf_free(&out);
    return NULL;
}

/* SmolLM3 has one for each mode, the one for thinking first, as literals that
 * end in blank lines. */
static char *find_smollm3(const char *program, bool thinking)
{
    const char *begin = "\"You are ", *first = strstr(program, begin);
    if (first == NULL)
        return NULL;
    char *text = find_sentence(thinking ? first : first + 1, begin);
    size_t n = text != NULL ? strlen(text) : 0;
    while (n > 0 && text[n - 1] == '\n')
        text[--n] = '\0';
    return text;
}

char *chat_system_text(const struct chat_template *t, const char *program,
                       bool thinking)
{
    if ((t->traits & CHAT_FILE_SYSTEM) == 0)
        return NULL;
    if (t->traits & CHAT_SMOLLM3_HEADER)
        return find_smollm3(program, thinking);
    char *text = find_turn(t, program);
    if (text == NULL)
        text = add_granite_end(find_variable(program), program);
    if (text == NULL)
        text = find_sentence(program, "'You are an AI programming assistant");
    return text;
}
