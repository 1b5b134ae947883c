#include "tui/options.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

#define OPTION_NAME_BYTES 64
#define OPTION_HELP_COLUMN 26
#define OPTION_LINE_COLUMNS 79

/* The state of one pass over a command line. */
struct options_walk {
    const struct option_spec *specs, *other;
    void *settings;
    bool lenient;
    int argc;
    char **argv;
    int from, to; /* the next word to read; the place of the next to keep */
};

static const struct option_spec *find_name(const struct option_spec *specs,
                                           const char *name, size_t n)
{
    for (; specs != NULL && specs->name != NULL; specs++)
        if (strlen(specs->name) == n && memcmp(specs->name, name, n) == 0)
            return specs;
    return NULL;
}

static const struct option_spec *find_letter(const struct option_spec *specs,
                                             char letter)
{
    for (; specs != NULL && specs->name != NULL; specs++)
        if (specs->letter == letter)
            return specs;
    return NULL;
}

static int tell_range(const struct option_spec *o, const char *value,
                      struct err *e)
{
    if (o->max == INT64_MAX)
        return err_set(e, ERR_USAGE, "--%s: %s is less than %" PRId64, o->name,
                       value, o->min);
    return err_set(e, ERR_USAGE,
                   "--%s: %s is not within %" PRId64 " to %" PRId64, o->name,
                   value, o->min, o->max);
}

static int set_whole(const struct option_spec *o, int64_t *to,
                     const char *value, struct err *e)
{
    char *end;
    errno = 0;
    long long v = strtoll(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0)
        return err_set(e, ERR_USAGE, "--%s: \"%s\" is not a whole number",
                       o->name, value);
    if ((o->min != 0 || o->max != 0) && (v < o->min || v > o->max))
        return tell_range(o, value, e);
    *to = v;
    return 0;
}

static int set_number(const struct option_spec *o, double *to,
                      const char *value, struct err *e)
{
    char *end;
    double v = strtod(value, &end);
    if (end == value || *end != '\0' || !isfinite(v))
        return err_set(e, ERR_USAGE, "--%s: \"%s\" is not a number", o->name,
                       value);
    if ((o->min != 0 || o->max != 0) &&
        (v < (double)o->min || v > (double)o->max))
        return tell_range(o, value, e);
    *to = v;
    return 0;
}

static int set_choice(const struct option_spec *o, int *to, const char *value,
                      struct err *e)
{
    size_t n = strlen(value);
    int which = 0;
    for (const char *word = o->value; word != NULL; which++) {
        size_t n_word = strcspn(word, "|");
        if (n == n_word && memcmp(word, value, n) == 0) {
            *to = which;
            return 0;
        }
        word = word[n_word] == '|' ? word + n_word + 1 : NULL;
    }
    return err_set(e, ERR_USAGE, "--%s: \"%s\" is none of %s", o->name, value,
                   o->value);
}

static int set_option(struct options_walk *w, const struct option_spec *o,
                      const char *value, struct err *e)
{
    void *to = (char *)w->settings + o->offset;
    switch (o->kind) {
    case OPTION_FLAG: *(bool *)to = true; return 0;
    case OPTION_COUNT: ++*(int *)to; return 0;
    case OPTION_TEXT: *(const char **)to = value; return 0;
    case OPTION_WHOLE: return set_whole(o, to, value, e);
    case OPTION_NUMBER: return set_number(o, to, value, e);
    case OPTION_CHOICE: return set_choice(o, to, value, e);
    }
    return 0;
}

static void keep(struct options_walk *w)
{
    w->argv[w->to++] = w->argv[w->from++];
}

/* Keeps an option in argv, with its value if that is a separate word. */
static void keep_option(struct options_walk *w, const struct option_spec *o,
                        bool has_value)
{
    keep(w);
    if (o->value != NULL && !has_value && w->from < w->argc)
        keep(w);
}

static int refuse(struct options_walk *w, const char *arg, struct err *e)
{
    char name[OPTION_NAME_BYTES] = "";
    if (arg[1] == '-')
        strncat(name, arg + 2, strcspn(arg + 2, "="));
    struct nearest n;
    nearest_init(&n, name);
    const struct option_spec *tables[] = {w->specs, w->other};
    for (int t = 0; t < 2 && name[0] != '\0'; t++)
        for (const struct option_spec *o = tables[t]; o && o->name; o++)
            nearest_offer(&n, o->name);
    if (n.best != NULL)
        return err_set(e, ERR_USAGE, "unknown option %s; did you mean --%s?",
                       arg, n.best);
    return err_set(e, ERR_USAGE, "unknown option %s", arg);
}

static int walk_long(struct options_walk *w, struct err *e)
{
    const char *arg = w->argv[w->from];
    size_t n = strcspn(arg + 2, "=");
    const char *value = arg[2 + n] == '=' ? arg + 2 + n + 1 : NULL;
    const struct option_spec *o = find_name(w->specs, arg + 2, n);
    if (o == NULL) {
        o = find_name(w->other, arg + 2, n);
        if (o == NULL && !w->lenient)
            return refuse(w, arg, e);
        if (o == NULL)
            keep(w);
        else
            keep_option(w, o, value != NULL);
        return 0;
    }
    w->from++;
    if (o->value == NULL && value != NULL)
        return err_set(e, ERR_USAGE, "--%s takes no value", o->name);
    if (o->value != NULL && value == NULL) {
        if (w->from == w->argc)
            return err_set(e, ERR_USAGE, "--%s needs a value (%s)", o->name,
                           o->value);
        value = w->argv[w->from++];
    }
    return set_option(w, o, value, e);
}

/* One word of short options: flags, of which the last may take a value. */
static int walk_short(struct options_walk *w, struct err *e)
{
    const char *arg = w->argv[w->from], *p = arg + 1;
    if (find_letter(w->specs, *p) == NULL) {
        const struct option_spec *o = find_letter(w->other, *p);
        if (o == NULL && !w->lenient)
            return refuse(w, arg, e);
        if (o == NULL)
            keep(w);
        else
            keep_option(w, o, p[1] != '\0');
        return 0;
    }
    w->from++;
    while (*p != '\0') {
        const struct option_spec *o = find_letter(w->specs, *p++);
        if (o == NULL)
            return refuse(w, arg, e);
        const char *value = NULL;
        if (o->value != NULL) {
            value = *p != '\0' ? p : w->from < w->argc ? w->argv[w->from++]
                                                       : NULL;
            p = "";
            if (value == NULL)
                return err_set(e, ERR_USAGE, "-%c needs a value (%s)",
                               o->letter, o->value);
        }
        if (set_option(w, o, value, e) != 0)
            return -1;
    }
    return 0;
}

int options_parse(const struct option_spec *specs, void *settings,
                  const struct option_spec *other, bool lenient, int *argc,
                  char **argv, struct err *e)
{
    struct options_walk w = {
        .specs = specs, .other = other, .settings = settings,
        .lenient = lenient, .argc = *argc, .argv = argv, .from = 1, .to = 1,
    };
    int result = 0;
    while (result == 0 && w.from < w.argc) {
        const char *arg = argv[w.from];
        if (arg[0] != '-' || arg[1] == '\0') {
            keep(&w);
        } else if (strcmp(arg, "--") == 0) {
            if (lenient)
                keep(&w);
            else
                w.from++;
            break;
        } else if (arg[1] == '-') {
            result = walk_long(&w, e);
        } else {
            result = walk_short(&w, e);
        }
    }
    while (w.from < w.argc)
        keep(&w);
    if (w.to < *argc)
        argv[w.to] = NULL;
    *argc = w.to;
    return result;
}

int options_first_operand(const struct option_spec *specs, int argc,
                          char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (strcmp(arg, "--") == 0)
            return i + 1;
        if (arg[0] != '-' || arg[1] == '\0')
            return i;
        bool is_long = arg[1] == '-';
        const struct option_spec *o =
            is_long ? find_name(specs, arg + 2, strlen(arg + 2))
                    : find_letter(specs, arg[1]);
        if (o != NULL && o->value != NULL && (is_long || arg[2] == '\0'))
            i++;
    }
    return argc;
}

/* The words from the help's column on, broken before the 80th. */
static void add_help_words(const char *help, struct buf *out)
{
    size_t column = OPTION_HELP_COLUMN;
    while (*help != '\0') {
        size_t n = strcspn(help, " ");
        bool first = column == OPTION_HELP_COLUMN;
        if (!first && column + 1 + n > OPTION_LINE_COLUMNS) {
            buf_addf(out, "\n%*s", OPTION_HELP_COLUMN, "");
            column = OPTION_HELP_COLUMN;
            first = true;
        }
        buf_addf(out, "%s%.*s", first ? "" : " ", (int)n, help);
        column += n + !first;
        help += n + strspn(help + n, " ");
    }
    buf_add_char(out, '\n');
}

void options_help(const struct option_spec *specs, struct buf *out)
{
    for (const struct option_spec *o = specs; o && o->name != NULL; o++) {
        size_t start = out->len;
        if (o->letter != 0)
            buf_addf(out, "  -%c, --%s", o->letter, o->name);
        else
            buf_addf(out, "  --%s", o->name);
        if (o->value != NULL)
            buf_addf(out, " %s", o->value);
        size_t used = out->len - start;
        if (used + 2 > OPTION_HELP_COLUMN)
            buf_addf(out, "\n%*s", OPTION_HELP_COLUMN, "");
        else
            buf_addf(out, "%*s", (int)(OPTION_HELP_COLUMN - used), "");
        add_help_words(o->help, out);
    }
}
