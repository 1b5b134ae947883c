/* What to ask: the editor and its keys, a prompt of the library, and what kind
 * of prompt it is. */
#include "tui/screens/battle_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/screens/library.h"
#include "tui/screens/pick.h"

const char *battle_screen_category(const struct battle_screen *s)
{
    return s->picked != NULL ? s->picked : s->category;
}

static void take_prompt(void *owner, const char *prompt, const char *category)
{
    struct battle_screen *s = owner;
    edit_set(&s->editor, prompt);
    if (s->editor.text.len == 0)
        ui_say(s->ui, STYLE_BAD, "That prompt is longer than %zu bytes.",
               s->editor.text.max);
    s->editing = true;
    free(s->picked);
    s->picked = category[0] != '\0' ? mem_strdup(category) : NULL;
}

void battle_screen_pick_prompt(struct battle_screen *s)
{
    library_open(s->ui, take_prompt, s);
}

static void take_category(void *owner, size_t row, const char *category)
{
    struct battle_screen *s = owner;
    (void)row;
    free(s->picked);
    free(s->category);
    s->picked = NULL;
    s->category = mem_strdup(category);
}

/* Categories to begin with; those of the store join them. */
static const char *const usual[] = {
    "coding",  "math",       "reasoning",  "writing",
    "stem",    "humanities", "extraction", "roleplay",
};

static void add_new(struct pick_list *l, const char *category)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->items[i].text, category) == 0)
            return;
    pick_list_add(l, category, NULL);
}

void battle_screen_pick_category(struct battle_screen *s)
{
    struct pick_list items = {NULL, 0};
    struct err e;
    char **names;
    size_t n;
    if (s->following) {
        ui_say(s->ui, STYLE_NORMAL,
               "A further question is of the kind of the first one.");
        return;
    }
    if (store_list_categories(s->ui->arena->store, &names, &n, &e) != 0) {
        ui_say_error(s->ui, &e);
        return;
    }
    pick_list_add(&items, "", "(none)");
    for (size_t i = 0; i < n; i++)
        add_new(&items, names[i]);
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        add_new(&items, usual[i]);
    store_free_names(names, n);
    pick_open_or_new(s->ui, "category", &items, take_category, s);
}

void battle_screen_resume(struct battle_screen *s)
{
    const struct left *left = &s->ui->left;
    if (left->draft[0] != '\0')
        edit_set(&s->editor, left->draft);
    left_set(&s->category, left->category);
}

/* A prompt whose answers are not there is as good as not sent. */
static const char *unsent(const struct battle_screen *s)
{
    if (s->battle == NULL)
        return s->editor.text.data;
    return battle_state(s->battle) == BATTLE_STREAMING &&
                   battle_turn(s->battle) == 1
               ? battle_prompt(s->battle)
               : "";
}

void battle_screen_note_left(struct battle_screen *s)
{
    struct left *left = &s->ui->left;
    bool waits = s->battle != NULL &&
                 battle_state(s->battle) == BATTLE_VOTING &&
                 battle_may_vote(s->battle) && !battle_is_seen(s->battle);
    left->voting = waits ? battle_id(s->battle) : 0;
    left_set(&left->draft, unsent(s));
    left_set(&left->category, s->category);
}

/* --- the editor -------------------------------------------------------- */

/* A further question: before the vote a turn of this battle, after it a battle
 * by name.  Whether it is under way. */
static bool ask_further(struct battle_screen *s, const char *text)
{
    struct battle *next = s->battle;
    struct err e;
    bool voted = battle_state(s->battle) == BATTLE_VOTED;
    int result = voted ? battle_go_on(&next, s->battle, text, &e)
                       : battle_follow_up(s->battle, text, &e);
    if (result != 0) {
        ui_say_error(s->ui, &e);
        return false;
    }
    if (voted) {
        battle_screen_show(s, next);
    } else {
        battle_screen_fill(s);
        battle_screen_forget_reading(s);
    }
    return true;
}

static void send(struct battle_screen *s)
{
    const char *text = s->editor.text.data;
    const struct battle_spec spec = {
        .prompt = text,
        .category = battle_screen_category(s),
        .model = {-1, -1},
    };
    if (text[strspn(text, " \t\n")] == '\0')
        ui_say(s->ui, STYLE_NORMAL, "Write a prompt first.");
    else if (s->following ? ask_further(s, text)
                          : battle_screen_begin(s, &spec))
        s->editing = s->following = false;
}

static void leave_editor(struct battle_screen *s)
{
    s->editing = false;
    if (s->following)
        s->following = false;
    else
        ui_say(s->ui, STYLE_NORMAL, "Enter goes on writing, q quits.");
}

void battle_screen_write_outside(struct battle_screen *s)
{
    if (!s->editing)
        battle_screen_compose(s);
    if (ui_external_editor(s->ui, &s->editor.text)) {
        char *text = mem_strdup(s->editor.text.data);
        edit_set(&s->editor, text);
        free(text);
        ui_say(s->ui, STYLE_NORMAL, "Enter sends it.");
    }
}

void battle_screen_follow(struct battle_screen *s)
{
    struct err e;
    if (battle_state(s->battle) == BATTLE_VOTED &&
        battle_may_go_on(s->battle, &e) != 0) {
        ui_say_error(s->ui, &e);
        return;
    }
    s->editing = s->following = true;
    edit_set(&s->editor, "");
}

void battle_screen_write(struct battle_screen *s, enum action action)
{
    switch (action) {
    case ACT_SEND: send(s); break;
    case ACT_LEAVE: leave_editor(s); break;
    case ACT_EDITOR: battle_screen_write_outside(s); break;
    case ACT_LIBRARY: battle_screen_pick_prompt(s); break;
    case ACT_CATEGORY: battle_screen_pick_category(s); break;
    case ACT_LINE_UP: past_recall(&s->past, &s->editor, 1); break;
    case ACT_LINE_DOWN: past_recall(&s->past, &s->editor, -1); break;
    default: battle_screen_look(s, action);
    }
}
