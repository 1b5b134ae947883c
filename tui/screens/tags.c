#include "tui/screens/tags.h"

#include <stdlib.h>
#include <string.h>

#include "arena/store/reasons.h"
#include "base/mem.h"
#include "tui/clean.h"
#include "tui/screens/chooser.h"

struct tag {
    char *word;
    bool marked;
};

struct tags {
    const char *title;
    struct tag *list;
    size_t n;
    tags_take *take;
    void *owner;
};

/* The tag of a word of n bytes, which is put into the list if it is new. */
static struct tag *find_tag(struct tags *t, const char *word, size_t n)
{
    for (size_t i = 0; i < t->n; i++)
        if (strncmp(t->list[i].word, word, n) == 0 &&
            t->list[i].word[n] == '\0')
            return &t->list[i];
    t->list = mem_grow(t->list, t->n, sizeof(*t->list));
    t->list[t->n] = (struct tag){mem_strndup(word, n), false};
    return &t->list[t->n++];
}

static void mark_all(struct tags *t, const char *tags)
{
    while (*tags != '\0') {
        size_t n = strcspn(tags, ",");
        if (n > 0)
            find_tag(t, tags, n)->marked = true;
        tags += n + (tags[n] == ',');
    }
}

static size_t count(const void *owner)
{
    const struct tags *t = owner;
    return t->n;
}

static int fit(const void *owner, size_t i, const char *words)
{
    const struct tags *t = owner;
    return choice_fit_text(t->list[i].word, words);
}

static void head(const void *owner, size_t n_found, struct heading *h)
{
    const struct tags *t = owner;
    size_t n = 0;
    (void)n_found;
    for (size_t i = 0; i < t->n; i++)
        n += t->list[i].marked;
    buf_add_str(&h->left, t->title);
    buf_addf(&h->right, "%zu marked", n);
}

static void draw_row(const void *owner, size_t i, struct draw *d,
                     const struct area *line, bool selected)
{
    const struct tags *t = owner;
    const struct tag *tag = &t->list[i];
    enum style style = selected      ? STYLE_CURSOR
                       : tag->marked ? STYLE_STRONG
                                     : STYLE_NORMAL;
    struct buf text;
    buf_init(&text, 4 * REASONS_MAX_BYTES);
    buf_addf(&text, "[%c] ", tag->marked ? 'x' : ' ');
    clean_text(tag->word, strlen(tag->word), true, &text);
    draw_fit(d, line, 0, 1, line->columns - 2, style, text.data);
    buf_free(&text);
}

/* A word that is in no row becomes one. */
static void turn(void *owner, size_t row, const char *words)
{
    struct tags *t = owner;
    if (row != CHOOSER_NONE) {
        t->list[row].marked = !t->list[row].marked;
        return;
    }
    char *word = mem_strdup(words);
    for (char *comma = word; (comma = strchr(comma, ',')) != NULL;)
        *comma = ' ';
    find_tag(t, word, strlen(word))->marked = true;
    free(word);
}

static void closed(void *owner, struct ui *ui, size_t row, const char *words)
{
    (void)words;
    struct tags *t = owner;
    struct buf tags;
    (void)ui;
    (void)row;
    buf_init(&tags, REASONS_MAX_BYTES + 2); /* one too long is refused later */
    for (size_t i = 0; i < t->n; i++)
        if (t->list[i].marked)
            buf_addf(&tags, "%s%s", tags.len > 0 ? "," : "", t->list[i].word);
    t->take(t->owner, tags.data);
    buf_free(&tags);
}

static void free_tags(void *owner)
{
    struct tags *t = owner;
    for (size_t i = 0; i < t->n; i++)
        free(t->list[i].word);
    free(t->list);
    free(t);
}

static const struct chooser_kind kind = {
    .use = EDIT_MARKS,
    .none = "Enter takes this as a word of your own.",
    .count = count,
    .fit = fit,
    .draw_row = draw_row,
    .head = head,
    .turn = turn,
    .closed = closed,
    .free = free_tags,
};

void tags_open(struct ui *ui, const char *title, char *const *words,
               size_t n_words, const char *marked, tags_take *take,
               void *owner)
{
    struct tags *t = mem_calloc(1, sizeof(*t));
    *t = (struct tags){.title = title, .take = take, .owner = owner};
    for (size_t i = 0; i < n_words; i++)
        find_tag(t, words[i], strlen(words[i]));
    mark_all(t, marked);
    chooser_open(ui, &kind, t);
}
