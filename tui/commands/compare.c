/* `arena compare`: two models side by side, by name, never rated. */
#include <stdio.h>

#include "tui/print/plain.h"
#include "tui/print/reveal.h"
#include "tui/session.h"

static void print_usage(const struct invocation *in, const struct battle *b)
{
    const struct battle_reveal_side *sides = battle_reveal(b);
    struct buf out;
    buf_init(&out, 64u << 20);
    if (in->json)
        buf_add_str(&out, "{");
    for (int i = 0; i < SIDE_N && sides != NULL; i++) {
        if (in->json) {
            buf_addf(&out, "%s\"%c\":", i ? "," : "", 'a' + i);
            reveal_json(b, i, &sides[i], &out);
        } else {
            buf_addf(&out, "%s  %c  ", i ? "\n" : "", 'A' + i);
            reveal_usage(sides[i].end, 0, &out);
        }
    }
    if (in->json)
        buf_add_str(&out, "}");
    puts(out.data);
    buf_free(&out);
}

static int compare(struct invocation *in, struct arena *a, const char *prompt,
                   struct err *e)
{
    struct battle_spec spec = {.prompt = prompt, .compare = true};
    for (int i = 0; i < SIDE_N; i++) {
        size_t model;
        if (arena_find_model(a, in->argv[1 + i], &model, e) != 0)
            return -1;
        spec.model[i] = (int)model;
    }
    struct battle *b;
    if (battle_open(&b, a, &spec, e) != 0)
        return -1;
    session_say_notes(in, a);
    int result = plain_wait(in, a, b, e);
    if (result == 0) {
        if (!in->json)
            plain_show(in, b);
        print_usage(in, b);
        result = battle_settle(b, e);
    }
    battle_close(b);
    return result;
}

static int run_compare(struct invocation *in, struct err *e)
{
    if (command_parse(in, NULL, 2, 3, e) != 0)
        return -1;
    struct arena a;
    struct buf prompt;
    if (session_open(&a, in, e) != 0)
        return -1;
    buf_init(&prompt, SESSION_MAX_PROMPT);
    int result = session_read_prompt(in->argc > 3 ? in->argv[3] : NULL,
                                     &prompt, e);
    if (result == 0)
        result = compare(in, &a, prompt.data, e);
    buf_free(&prompt);
    arena_close(&a);
    return result;
}

const struct command command_compare = {
    .name = "compare",
    .summary = "two models side by side, by name, never rated",
    .synopsis = "A B [PROMPT|-]",
    .run = run_compare,
};
