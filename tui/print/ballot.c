#include "tui/print/ballot.h"

#include <string.h>

#include "arena/store/reasons.h"
#include "arena/store/verdict.h"
#include "base/utf8.h"

void ballot_init(struct ballot *b)
{
    *b = (struct ballot){.word = BALLOT_UNKNOWN};
    buf_init(&b->tags, REASONS_MAX_BYTES);
    buf_init(&b->comment, REASONS_MAX_BYTES);
}

void ballot_free(struct ballot *b)
{
    buf_free(&b->tags);
    buf_free(&b->comment);
}

/* The keys of the screen, and the words of `record`; case does not matter. */
static enum ballot_word read_word(const char *s, size_t n,
                                  enum rating_outcome *verdict)
{
    static const struct {
        const char *word;
        enum rating_outcome verdict;
    } short_words[] = {
        {"1", RATING_FIRST}, {"2", RATING_SECOND}, {"t", RATING_TIE},
        {"=", RATING_TIE},   {"x", RATING_BAD},    {"0", RATING_BAD},
    };
    char word[8] = "";
    if (n >= sizeof(word))
        return BALLOT_UNKNOWN;
    for (size_t i = 0; i < n; i++)
        word[i] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] | 0x20 : s[i]);
    if (verdict_parse(word, verdict))
        return BALLOT_VOTE;
    for (size_t i = 0; i < sizeof(short_words) / sizeof(short_words[0]); i++)
        if (strcmp(short_words[i].word, word) == 0) {
            *verdict = short_words[i].verdict;
            return BALLOT_VOTE;
        }
    return strcmp(word, "s") == 0 || strcmp(word, "skip") == 0
               ? BALLOT_SKIP
               : BALLOT_UNKNOWN;
}

/* Tags are parted by commas; who writes "#clear #short" means two as well. */
static void read_tags(const char *s, size_t n, struct buf *out)
{
    for (size_t at = 0; at < n;) {
        size_t n_tag = 0;
        while (at + n_tag < n && strchr(",#", s[at + n_tag]) == NULL)
            n_tag++;
        size_t n_word = n_tag;
        const char *word = utf8_trim(s + at, &n_word);
        if (n_word > 0 && out->len > 0)
            buf_add_char(out, ',');
        buf_add(out, word, n_word);
        at += n_tag + 1;
    }
}

void ballot_read(struct ballot *b, const char *line)
{
    size_t n = strcspn(line, "#;"), n_word = n;
    const char *word = utf8_trim(line, &n_word), *why = line + n;
    buf_clear(&b->tags);
    buf_clear(&b->comment);
    b->word = read_word(word, n_word, &b->verdict);
    if (*why == '#') {
        size_t n_tags = strcspn(why, ";");
        read_tags(why, n_tags, &b->tags);
        why += n_tags;
    }
    if (*why == ';') {
        size_t n_comment = strlen(++why);
        const char *comment = utf8_trim(why, &n_comment);
        buf_add(&b->comment, comment, n_comment);
    }
    if (b->tags.overflow || b->comment.overflow)
        b->word = BALLOT_UNKNOWN;
}
