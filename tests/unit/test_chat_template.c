/* chat: the template that weights bring, and what is made of it. */
#include "tests/unit/chat_place.h"

static void own_templates_are_run(void **state)
{
    (void)state;
    struct engine *g = open_engine(
        "{% if messages[0].role != 'system' %}<|im_start|>system\n"
        "I am {Ada} \"A\".<|im_end|>\n{% endif %}{% for m in messages %}"
        "{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + "
        "'<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}"
        "{{ '<|im_start|>assistant\\n<think>' }}{% endif %}", false);
    assert_true(g->chat.has_template);
    assert_rendered(g, NULL, TALK + 3, 1, 0,
                    "<|im_start|>system\nI am {Ada} \"A\".<|im_end|>\n"
                    "<|im_start|>user\nBye<|im_end|>\n"
                    "<|im_start|>assistant\n<think>");
    /* A format that the config names is another model's. */
    assert_rendered(g, "qwen3", TALK + 3, 1, NO_PROMPT,
                    "<|im_start|>user\nBye<|im_end|>\n");
    close_engine(g);
}

static void templates_that_cannot_be_used_say_why(void **state)
{
    (void)state;
    static const struct {
        const char *program, *part;
    } programs[] = {
        {"a\n{{ messages | nix }}", "line 2: the filter 'nix' is not known"},
        {"{% if x %}", "line 1: a block is not closed"},
        {"\n\n{% include 'x' %}", "line 3: the statement {% include %}"},
        {"{% for i in range(1) %}{{ messages.x.y }}{% endfor %}",
         "line 1: 'x' is undefined"},
    };
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
        struct engine *g = open_engine(programs[i].program, false);
        assert_true(g->chat.has_template);
        struct err e = refusal(g, NULL, TALK, 4);
        assert_int_equal(e.code, ERR_CONFIG);
        if (strstr(e.text, programs[i].part) == NULL)
            fail_msg("%s: %s", programs[i].program, e.text);
        assert_non_null(strstr(e.text, "the chat template of chat.gguf"));
        assert_non_null(strstr(e.text, "\"template\" to a file or to one of"));
        assert_non_null(strstr(e.text, "chatml"));
        assert_rendered(g, "none", TALK + 3, 1, 0, "Bye");
        close_engine(g);
    }
}

/* What a template refuses is not its fault: nothing is said about another. */
static void templates_that_refuse_are_quoted(void **state)
{
    (void)state;
    struct engine *g = open_engine(
        "{% for m in messages %}{% if loop.index0 % 2 == 1 and m.role == 'user'"
        " %}{{ raise_exception('roles must alternate') }}{% endif %}"
        "{{ m.content }}{% endfor %}", false);
    static const struct message two[] = {{"user", "a"}, {"user", "b"}};
    struct err e = refusal(g, NULL, two, 2);
    assert_int_equal(e.code, ERR_FORMAT);
    assert_non_null(strstr(e.text, "roles must alternate"));
    assert_null(strstr(e.text, "set \"template\""));
    close_engine(g);
}

static void assert_described(const struct engine *g, const char *name,
                             const char *want)
{
    struct buf out;
    struct rendering how = by(name, 0);
    buf_init(&out, 1000);
    assert_int_equal(chat_describe(&g->chat, &how, &out, NULL), 0);
    assert_string_equal(out.data, want);
    buf_free(&out);
}

static void system_messages_find_a_place(void **state)
{
    (void)state;
    static const char *const programs[] = {
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') "
        "}}{% endif %}{% for m in messages %}[{{ m.role }}]{{ m.content|trim }}"
        "{% endfor %}",
        "{% for m in messages if m.role != 'system' %}[{{ m.role }}]"
        "{{ m.content|trim }}{% endfor %}", /* drops it in silence */
    };
    for (int i = 0; i < 2; i++) {
        struct engine *g = open_engine(programs[i], false);
        assert_rendered(g, NULL, TALK, 2, 0, "[user]Be terse. \n\n Hi");
        assert_rendered(g, NULL, TALK, 1, 0, "[user]Be terse.");
        assert_rendered(g, NULL, TALK + 1, 1, 0, "[user]Hi");
        assert_described(g, NULL, "its own: no system turn: the text goes into "
                                  "the first user's");
        close_engine(g);
    }
}

static void what_a_template_wants_is_found_out(void **state)
{
    (void)state;
    struct engine *g = open_engine(
        "{% for m in messages %}{% for p in m.content if p.type == 'text' %}"
        "<{{ p.text }}>{% endfor %}{% endfor %}", false);
    assert_rendered(g, NULL, TALK + 3, 1, 0, "<Bye>");
    close_engine(g);
    g = open_engine("{% if tools is not none %}{{ nix.nix }}{% endif %}"
                    "{{ messages[0].content }}", false);
    assert_rendered(g, NULL, TALK + 3, 1, 0, "Bye");
    close_engine(g);
}

static void variables_reach_the_template(void **state)
{
    (void)state;
    struct engine *g = open_engine(
        "{{ messages[0].content }}|{{ enable_thinking is defined }}"
        "{{ enable_thinking }}|{{ thinking }}|{{ reasoning_effort|"
        "default('none') }}|{{ strftime_now('%d %b %Y') }}|{{ bos_token }}"
        "{{ eos_token }}{{ tools }}", false);
    struct rendering how = {.clock = 1750000000};
    assert_written(g, &how, TALK + 3, 1,
                   "Bye|TrueTrue||none|15 Jun 2025|<s></s>");
    how.think = true;
    assert_written(g, &how, TALK + 3, 1,
                   "Bye|TrueTrue|True|none|15 Jun 2025|<s></s>");
    how.think = false;
    how.no_think = true;
    how.template_args = "{\"thinking\": 7, \"reasoning_effort\": \"low\", "
                        "\"tools\": [{}], \"bos_token\": \"B\"}";
    assert_written(g, &how, TALK + 3, 1,
                   "Bye|TrueFalse|7|low|15 Jun 2025|B</s>[{}]");
    how.template_args = "[]";
    struct err e = {0};
    assert_int_equal(engine_render(g, &how, TALK, 4, NULL, NULL, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "template_args"));
    assert_described(g, NULL, "its own: thinking can be switched; today's "
                              "date");
    close_engine(g);
}

static void templates_from_files(void **state)
{
    (void)state;
    struct engine *g = open_engine(NULL, false);
    struct buf text;
    buf_init(&text, 1000);
    buf_add_str(&text, "<{{ messages[0].content }}>\n");
    char *path = w_save(&text, folder, "mine.jinja");
    assert_rendered(g, path, TALK + 3, 1, 0, "<Bye>");
    buf_clear(&text);
    buf_add_str(&text, "\n{{ x");
    char *broken = w_save(&text, folder, "broken.jinja");
    struct err e = refusal(g, broken, TALK, 4);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "broken.jinja: line 2: "));
    e = refusal(g, "./nix.jinja", TALK, 4);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "./nix.jinja: No such file"));
    assert_described(g, path, path);
    assert_described(g, NULL, "none: the bare text is completed");
    free(path);
    free(broken);
    buf_free(&text);
    close_engine(g);
}

/* --- where an answer ends ------------------------------------------------- */

static void what_follows_an_answer_ends_one(void **state)
{
    (void)state;
    struct engine *g = open_engine(NULL, false);
    assert_false(engine_is_end(g, TURN));
    close_engine(g);
    g = open_engine("{% for m in messages %}{{ m.content }}"
                    "{% if m.role == 'assistant' %} \n<|turn|>{% endif %}"
                    "{% endfor %}", false);
    assert_true(engine_is_end(g, TURN));
    assert_false(engine_is_end(g, START));
    assert_false(engine_is_end(g, GAP));
    assert_true(engine_is_end(g, EOS)); /* as the vocabulary says */
    close_engine(g);
    g = open_engine(NULL, false);
    struct buf text;
    buf_init(&text, 1000);
    buf_add_str(&text, "{% for m in messages %}{{ m.content }}<|turn|>"
                       "{% endfor %}");
    char *path = w_save(&text, folder, "turn.jinja");
    assert_rendered(g, path, TALK + 3, 1, 0, "Bye<|turn|>");
    assert_true(engine_is_end(g, TURN)); /* from now on */
    free(path);
    buf_free(&text);
    close_engine(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_templates_are_run),
        cmocka_unit_test(templates_that_cannot_be_used_say_why),
        cmocka_unit_test(templates_that_refuse_are_quoted),
        cmocka_unit_test(system_messages_find_a_place),
        cmocka_unit_test(what_a_template_wants_is_found_out),
        cmocka_unit_test(variables_reach_the_template),
        cmocka_unit_test(templates_from_files),
        cmocka_unit_test(what_follows_an_answer_ends_one),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, NULL);
}
