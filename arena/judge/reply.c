#include "arena/judge/reply.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "rating/votes/share.h"

/* What stands in [[…]] at s, which begins with "[["; false: no mark. */
static bool read_mark(enum form_kind kind, const char *s, struct reply *out)
{
    s += 2;
    if (kind == FORM_PAIR) {
        static const char marks[] = "ABC";
        static const struct reply says[] = {{1, 0}, {0, 0}, {0.5, 1}};
        const char *mark = *s == '\0' ? NULL : strchr(marks, *s);
        if (mark == NULL || strncmp(s + 1, "]]", 2) != 0)
            return false;
        *out = says[mark - marks];
        return true;
    }
    char *end;
    if (*s < '0' || *s > '9')
        return false;
    *out = (struct reply){strtod(s, &end), 0};
    return strncmp(end, "]]", 2) == 0 && out->value >= 1 && out->value <= 10;
}

/* Reads the marks of a line.  How many different ones it has, at most 2. */
static int read_line(enum form_kind kind, const char *s, size_t n,
                     struct reply *out)
{
    int n_marks = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        struct reply mark;
        if (s[i] != '[' || s[i + 1] != '[' || !read_mark(kind, s + i, &mark))
            continue;
        if (n_marks > 0 &&
            (mark.value != out->value || mark.tie != out->tie))
            return 2;
        *out = mark;
        n_marks = 1;
    }
    return n_marks;
}

bool reply_read(enum form_kind kind, const char *text, bool whole,
                struct reply *out)
{
    bool found = false, last = false;
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        struct reply line;
        int n_marks = read_line(kind, text, n, &line);
        if (n_marks > 0) {
            found = n_marks == 1;
            *out = line;
            last = true;
        } else if (strspn(text, " \t\r") < n) {
            last = false; /* it went on */
        }
        text += n + (text[n] == '\n');
    }
    return found && (whole || last);
}

#define SCHEMA(marks)                                                      \
    "{\"type\":\"object\",\"properties\":{\"reason\":{\"type\":\"string\"}," \
    "\"verdict\":{\"type\":\"string\",\"enum\":[" marks "]}},"              \
    "\"required\":[\"reason\",\"verdict\"],\"additionalProperties\":false}"

const char *reply_schema(enum form_kind kind)
{
    return kind == FORM_PAIR
               ? SCHEMA("\"[[A]]\",\"[[B]]\",\"[[C]]\"")
               : SCHEMA("\"[[1]]\",\"[[2]]\",\"[[3]]\",\"[[4]]\",\"[[5]]\","
                        "\"[[6]]\",\"[[7]]\",\"[[8]]\",\"[[9]]\",\"[[10]]\"");
}

bool reply_read_json(enum form_kind kind, const char *text, struct reply *out)
{
    cJSON *o = cJSON_ParseWithOpts(text, NULL, true); /* nothing behind it */
    const char *mark = json_get_string(o, "verdict", "");
    const char *end = strstr(mark, "]]");
    bool found = strncmp(mark, "[[", 2) == 0 && end != NULL &&
                 end[2] == '\0' && read_mark(kind, mark, out);
    cJSON_Delete(o);
    return found;
}

static const char *const VERDICTS[] = {"A", "B", "C"};
const struct request_words reply_verdicts = {"[[", VERDICTS, 3};

bool reply_weigh(const double p[ANSWER_MAX_WORDS], struct reply *out)
{
    *out = (struct reply){p[0] + p[2] / 2, p[2]};
    return !isnan(out->value);
}

void reply_combine(enum form_kind kind, bool soft, const double value[2],
                   const double tie[2], enum rating_outcome *verdict,
                   double *share)
{
    if (kind == FORM_SCORE) {
        *verdict = value[0] > value[1]   ? RATING_FIRST
                   : value[0] < value[1] ? RATING_SECOND
                                         : RATING_TIE;
        *share = *verdict == RATING_FIRST    ? 1
                 : *verdict == RATING_SECOND ? 0
                                             : 0.5;
        return;
    }
    *share = (value[0] + value[1]) / 2;
    *verdict = !soft && value[0] != value[1]
                   ? RATING_TIE
                   : share_likeliest(*share, (tie[0] + tie[1]) / 2);
}
