#include "tui/widgets/choice.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define WORDS_BYTES 128
#define LETTERS_APART 4 /* bytes a letter, on average */

static bool has(const char *text, const char *word, size_t n)
{
    for (; *text != '\0'; text++)
        if (strncasecmp(text, word, n) == 0)
            return true;
    return n == 0;
}

static bool has_each(const char *text, const char *words)
{
    while (*words != '\0') {
        size_t n = strcspn(words, " ");
        if (!has(text, words, n))
            return false;
        words += n + strspn(words + n, " ");
    }
    return true;
}

/* Whether letters stand in a text in this order from its start, near enough to
 * be meant: a long text has any letters somewhere. */
static bool has_letters(const char *text, const char *letters)
{
    size_t left = LETTERS_APART * strlen(letters);
    for (; *text != '\0' && *letters != '\0' && left > 0; text++, left--)
        letters += strncasecmp(text, letters, 1) == 0;
    return *letters == '\0';
}

int choice_fit_text(const char *text, const char *words)
{
    if (has(text, words, strlen(words)))
        return 3;
    if (has_each(text, words))
        return 2;
    for (; *text != '\0'; text++)
        if (strncasecmp(text, words, 1) == 0 && has_letters(text, words))
            return 1;
    return 0;
}

void choice_init(struct choice *c, enum edit_use use)
{
    *c = (struct choice){.found = NULL};
    edit_init(&c->words, use, WORDS_BYTES);
}

void choice_free(struct choice *c)
{
    edit_free(&c->words);
    free(c->found);
}

static int by_fit(const void *a, const void *b)
{
    const struct choice_found *x = a, *y = b;
    if (x->fit != y->fit)
        return x->fit > y->fit ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

void choice_narrow(struct choice *c, size_t n, choice_fit *fit,
                   const void *owner)
{
    size_t n_found = 0;
    c->found = mem_realloc(c->found, n + 1, sizeof(*c->found));
    for (size_t i = 0; i < n; i++) {
        int how = fit(owner, i, c->words.text.data);
        if (how > 0)
            c->found[n_found++] = (struct choice_found){i, how};
    }
    qsort(c->found, n_found, sizeof(*c->found), by_fit);
    list_init(&c->list, n_found);
}

bool choice_act(struct choice *c, enum action action)
{
    return list_act(&c->list, action);
}

size_t choice_row(const struct choice *c)
{
    return c->list.n > 0 ? c->found[c->list.at].row : SIZE_MAX;
}

struct drawn {
    const struct choice *choice;
    list_draw_row *draw_row;
    const void *owner;
};

static void draw_found(const void *arg, size_t i, struct draw *d,
                       const struct area *line, bool selected)
{
    const struct drawn *of = arg;
    of->draw_row(of->owner, of->choice->found[i].row, d, line, selected);
}

void choice_draw(struct choice *c, struct draw *d, const struct area *a,
                 const char *sign, const char *none, list_draw_row *draw_row,
                 const void *owner)
{
    struct area words = {a->row, a->column + 2, 1, a->columns - 3};
    struct area rows = {a->row + 2, a->column, a->rows - 2, a->columns};
    struct drawn drawn = {c, draw_row, owner};
    draw_text(d, a, 0, 1, STYLE_KEY, sign);
    edit_draw(&c->words, d, &words);
    list_draw(&c->list, d, &rows, draw_found, &drawn);
    if (c->list.n == 0)
        draw_text(d, &rows, 0, 1, STYLE_FAINT, none);
}
