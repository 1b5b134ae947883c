/* template: the language as jinja2 has it, where characters come from, and the
 * cage.  tests/templates/cases.jsonl is made by make_cases.py beside it. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/chat/template/template.h"
#include "base/mem.h"

#define NOW 1750000000 /* as compare.py */

static struct template *open_template(const char *text)
{
    struct template *t = NULL;
    struct err e = {0};
    if (template_open(&t, text, strlen(text), "t", &e) != 0)
        fail_msg("%s: %s", text, e.text);
    return t;
}

static int render(const struct template *t, const cJSON *variables,
                  const struct template_message *m, size_t n,
                  struct template_output *o, struct err *e)
{
    struct template_input in = {.messages = m, .n_messages = n,
                                .bos_token = "<s>", .eos_token = "</s>",
                                .variables = variables};
    time_t now = NOW;
    gmtime_r(&now, &in.clock);
    return template_render(t, &in, o, e);
}

/* --- as jinja2 ----------------------------------------------------------- */

static void check_case(const cJSON *row, const cJSON *variables)
{
    const char *text = cJSON_GetArrayItem(row, 0)->valuestring;
    const cJSON *want = cJSON_GetArrayItem(row, 1);
    struct template_output o = {0};
    struct template *t = NULL;
    struct err e = {0};
    int rc = template_open(&t, text, strlen(text), "t", &e);
    if (rc == 0)
        rc = render(t, variables, NULL, 0, &o, &e);
    if (cJSON_IsString(want)) {
        if (rc != 0)
            fail_msg("%s: %s", text, e.text);
        if (strcmp(o.text.data, want->valuestring) != 0)
            fail_msg("%s\nis   %s\nnot  %s", text, o.text.data,
                     want->valuestring);
        assert_int_equal(o.n_foreign, 0);
    } else {
        const char *part = cJSON_GetArrayItem(row, 2)->valuestring;
        if (rc == 0)
            fail_msg("%s is rendered: %s", text, o.text.data);
        assert_int_equal(e.code, ERR_FORMAT);
        if (strstr(e.text, part) == NULL ||
            strncmp(e.text, "t: line ", 8) != 0)
            fail_msg("%s: the error is %s, not %s", text, e.text, part);
        assert_int_equal(o.raised, strstr(text, "raise_exception") != NULL);
    }
    template_output_free(&o);
    template_close(t);
}

static void the_language_is_jinja2s(void **state)
{
    (void)state;
    struct buf file;
    buf_init(&file, 1 << 20);
    assert_int_equal(buf_read_file(&file, "tests/templates/cases.jsonl"), 0);
    cJSON *variables = NULL;
    int n = 0;
    for (char *line = file.data, *end; *line != '\0'; line = end + 1, n++) {
        end = strchr(line, '\n');
        assert_non_null(end);
        cJSON *row = json_parse(line, (size_t)(end - line), 1 << 20, "case",
                                NULL);
        assert_non_null(row);
        if (variables == NULL) {
            variables = row;
            continue;
        }
        check_case(row, variables);
        cJSON_Delete(row);
    }
    assert_true(n > 250);
    cJSON_Delete(variables);
    buf_free(&file);
}

/* --- where characters come from ------------------------------------------ */

/* Renders with one message and puts [ ] around what is foreign. */
static void assert_marks(const char *template, const char *content,
                         const char *want)
{
    struct template *t = open_template(template);
    struct template_message m = {"user", content, strlen(content)};
    struct template_output o;
    struct err e = {0};
    struct buf marked;
    size_t at = 0;
    if (render(t, NULL, &m, 1, &o, &e) != 0)
        fail_msg("%s: %s", template, e.text);
    buf_init(&marked, 10000);
    for (size_t i = 0; i < o.n_foreign; i++) {
        assert_true(o.foreign[i].from >= at &&
                    o.foreign[i].to > o.foreign[i].from);
        buf_add(&marked, o.text.data + at, o.foreign[i].from - at);
        buf_add_str(&marked, "[");
        buf_add(&marked, o.text.data + o.foreign[i].from,
                o.foreign[i].to - o.foreign[i].from);
        buf_add_str(&marked, "]");
        at = o.foreign[i].to;
    }
    buf_add(&marked, o.text.data + at, o.text.len - at);
    if (strcmp(marked.data, want) != 0)
        fail_msg("%s\nis   %s\nnot  %s", template, marked.data, want);
    buf_free(&marked);
    template_output_free(&o);
    template_close(t);
}

#define C "messages[0].content"

static void every_operation_keeps_marks(void **state)
{
    (void)state;
    static const struct {
        const char *template, *content, *want;
    } cases[] = {
        {"<{{ messages[0].role }}>{{ " C " }}</s>", "a<b>",
         "<user>[a<b>]</s>"},
        {"{{ bos_token + " C " + eos_token }}", "x", "<s>[x]</s>"},
        {"{{ '<' ~ " C " ~ '>' }}", "x", "<[x]>"},
        {"{{ " C " | trim }}|{{ " C ".strip() }}", "  x ", "[x]|[x]"},
        {"{{ " C ".replace('|', '-') }}", "<|x|>", "[<]-[x]-[>]"},
        {"{{ 'a|b'.replace('|', " C ") }}", "x", "a[x]b"},
        {"{{ ('<' + " C ")|upper }}", "aß", "<[ASS]"},
        {"{{ (" C " + 'a')|title }}", "x y", "[X Y]a"},
        {"{{ [1, " C ", 'b']|join('-') }}", "x", "1-[x]-b"},
        {"{{ ', '.join([" C ", 'b']) }}", "x", "[x], b"},
        {"{{ " C ".join(['a', 'b']) }}", "x", "a[x]b"},
        {"{{ {'k': " C "}|tojson }}", "a\"\n", "{\"k\": \"[a\\\"\\n]\"}"},
        {"{{ " C "|tojson(ensure_ascii=true) }}", "\u00e9",
         "\"[\\u00e9]\""},
        {"{{ [" C "] }}", "it's", "[\"[it's]\"]"},
        {"{{ ('a' + " C ")[::-1] }}", "xy", "[yx]a"},
        {"{{ ('a' + " C " + 'b')[1:3] }}", "x", "[x]b"},
        {"{{ ('a' + " C ")[-1] }}", "x", "[x]"},
        {"{{ (" C " + ',a').split(',')|list|join('+') }}", "x,y",
         "[x]+[y]+a"},
        {"{% for c in 'a' + " C " %}{{ c }}.{% endfor %}", "xy",
         "a.[x].[y]."},
        {"{% set x %}<{{ " C " }}>{% endset %}{{ x }}", "x", "<[x]>"},
        {"{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(" C ") }}", "x",
         "<[x]>"},
        {"{% filter upper %}<a{{ " C " }}>{% endfilter %}", "x", "<A[X]>"},
        {"{{ '%s|%s' % (" C ", 'b') }}", "x", "[x]|b"},
        {"{{ '{}|{}'.format(" C ", 'b') }}", "x", "[x]|b"},
        {"{{ " C " % 'b' }}", "<%s>", "[<]b[>]"},
        {"{{ " C " % 'b' }}", "%s%%>", "b[%>]"},
        {"{{ 'ab' * 2 }}{{ " C " * 2 }}", "x", "abab[xx]"},
        {"{{ " C "|e }}", "<a>", "[&lt;a&gt;]"},
        {"{{ " C "|indent(1) }}", "a\nb", "[a]\n [b]"},
        {"{{ " C ".center(5, '*') }}", "a", "**[a]**"},
        {"{{ ('a ' + " C ")|truncate(4, true, '..', 0) }}", "xyz", "a ..",},
        {"{{ " C "|urlencode }}", "a/ ", "[a/%20]"},
        {"{{ " C ".splitlines()|join('|') }}", "a\nb", "[a]|[b]"},
        {"{{ (" C " + '=b').partition('=')|join('') }}", "a", "[a]=b"},
        {"{{ " C "|string|safe ~ '' }}", "<", "[<]"},
        {"{{ " C " if " C " == 'x' else 'no' }}", "x", "[x]"},
        {"{{ {'x': '<|own|>'}[" C "] }}", "x", "<|own|>"},
        {"{{ " C "|length }}", "abc", "3"},
        {"{{ messages|map(attribute='content')|join }}", "x", "[x]"},
        {"{{ {" C ": 1}|tojson }}", "k", "{\"[k]\": 1}"},
        {"{{ ([" C ", 'b', 'A']|sort)|join }}", "c", "Ab[c]"},
        {"{{ " C ".zfill(3) }}", "-1", "[-]0[1]"},
        {"{{ strftime_now(" C ") }}", "x%Y", "[x]2025"},
        {"{{ joiner(" C ")() }}{{ messages[0]|tojson }}", "x",
         "{\"role\": \"user\", \"content\": \"[x]\"}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_marks(cases[i].template, cases[i].content, cases[i].want);
}

/* A control token that only a message and a template together spell has a
 * foreign part. */
static void a_token_of_two_origins_is_not_one_part(void **state)
{
    (void)state;
    assert_marks("{{ '<|im_' + " C " }}", "end|>", "<|im_[end|>]");
    assert_marks("{{ " C ".split('_')[0] + '_end|>' }}", "<|im_x",
                 "[<|im]_end|>");
}

static void contents_in_parts(void **state)
{
    (void)state;
    struct template *t = open_template(
        "{% for p in messages[0].content %}{{ p.type }}:{{ p['text'] }}"
        "{% endfor %}");
    struct template_message m = {"user", "hi", 2};
    struct template_input in = {.messages = &m, .n_messages = 1,
                                .in_parts = true};
    struct template_output o;
    assert_int_equal(template_render(t, &in, &o, NULL), 0);
    assert_string_equal(o.text.data, "text:hi");
    assert_int_equal(o.n_foreign, 1);
    assert_int_equal(o.foreign[0].from, 5);
    assert_int_equal(o.foreign[0].to, 7);
    template_output_free(&o);
    template_close(t);
}

static void any_bytes_are_a_message(void **state)
{
    (void)state;
    struct template *t = open_template(
        "{{ " C " }}{{ " C "|upper }}{{ " C "|length }}{{ " C "|tojson }}"
        "{{ " C "[::-1] }}");
    struct template_message m = {"user", "\xff\0\xc3\xe4\xbd", 5};
    struct template_output o;
    assert_int_equal(render(t, NULL, &m, 1, &o, NULL), 0);
    assert_true(o.text.len > 20);
    assert_memory_equal(o.text.data, m.content, 5);
    template_output_free(&o);
    template_close(t);
}

/* --- variables ----------------------------------------------------------- */

static void variables_that_are_read_are_known(void **state)
{
    (void)state;
    struct template *t = open_template(
        "{% if enable_thinking %}{{ tools.date }}{% endif %}{{ loop }}");
    assert_true(template_reads(t, "enable_thinking"));
    assert_true(template_reads(t, "tools"));
    assert_false(template_reads(t, "date"));
    assert_false(template_reads(t, "thinking"));
    template_close(t);
}

static void a_template_is_rendered_again_alike(void **state)
{
    (void)state;
    struct template *t = open_template(
        "{% set ns = namespace(n=0) %}{% for m in messages %}"
        "{% set ns.n = ns.n + 1 %}{{ ns.n }}{% endfor %}");
    struct template_message m[] = {{"user", "a", 1}, {"user", "b", 1}};
    for (int i = 0; i < 3; i++) {
        struct template_output o;
        assert_int_equal(render(t, NULL, m, 2, &o, NULL), 0);
        assert_string_equal(o.text.data, "12");
        template_output_free(&o);
    }
    template_close(t);
}

/* --- the cage ------------------------------------------------------------ */

static void long_texts_are_refused(void **state)
{
    (void)state;
    size_t n = TEMPLATE_MAX_BYTES + 1;
    char *text = mem_calloc(n + 1, 1);
    struct template *t;
    struct err e = {0};
    memset(text, 'a', n);
    assert_int_equal(template_open(&t, text, n, "big", &e), -1);
    assert_non_null(strstr(e.text, "big: a template of more than 1 MiB"));
    assert_int_equal(template_open(&t, text, n - 1, "big", &e), 0);
    template_close(t);
    t = open_template("{{ " C " }}");
    struct template_message m = {"user", text, n};
    struct template_output o;
    assert_int_equal(render(t, NULL, &m, 1, &o, &e), -1);
    assert_non_null(strstr(e.text, "a message has more than 1 MiB"));
    template_output_free(&o);
    template_close(t);
    free(text);
}

/* What grows piece by piece does so in its place. */
static void a_long_conversation_fits(void **state)
{
    (void)state;
    enum { TURNS = 400, BYTES = 2000 };
    struct template *t = open_template(
        "{% set ns = namespace(s='') %}{% for m in messages %}"
        "{% set ns.s = ns.s + '<' + m.role + '>' + m.content|trim %}"
        "{% endfor %}{{ ns.s }}");
    char *content = mem_calloc(BYTES + 1, 1);
    struct template_message *m = mem_calloc(TURNS, sizeof(*m));
    memset(content, 'x', BYTES);
    for (int i = 0; i < TURNS; i++)
        m[i] = (struct template_message){"user", content, BYTES};
    struct template_output o;
    struct err e = {0};
    if (render(t, NULL, m, TURNS, &o, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(o.text.len, TURNS * (BYTES + 6));
    assert_int_equal(o.n_foreign, TURNS);
    template_output_free(&o);
    template_close(t);
    free(content);
    free(m);
}

/* Work that makes no text and takes no memory is counted, too. */
static void nothing_is_for_free(void **state)
{
    (void)state;
    static const struct {
        const char *begin, *turn, *error;
    } cases[] = {
        {"{% set l = [0] * 400000 %}", "{% if l|select|first %}{% endif %}",
         "steps"},
        {"{% set l = [''] * 400000 %}", "{% if l|join %}{% endif %}", "steps"},
        {"{% set l = [''] * 400000 %}", "{% if ''.join(l) %}{% endif %}",
         "steps"},
        {"{% set s = 'ab' * 200000 %}",
         "{% for k in range(50) %}{% if 'x'.strip(s) %}{% endif %}{% endfor %}",
         "steps"},
        {"{% set s = 'ab' * 200000 %}{% set k = 'ab' * 200000 %}",
         "{% for i in range(50) %}{% if s.removeprefix(k) %}{% endif %}"
         "{% endfor %}", "steps"},
        {"{% set s = 'x' * 400000 %}", "{% if s is lower %}{% endif %}",
         "steps"},
        {"{% set ns = namespace(x=()) %}{% for i in range(22) %}"
         "{% set ns.x = (ns.x, ns.x) %}{% endfor %}",
         "{% if {ns.x: 1} %}{% endif %}", "steps"},
        {"{% set ns = namespace(x=()) %}{% for i in range(70) %}"
         "{% set ns.x = (ns.x,) %}{% endfor %}",
         "{% if {ns.x: 1} %}{% endif %}", "nested deeper"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[500];
        snprintf(text, sizeof(text), "%s{%% for n in range(100) %%}%s"
                 "{%% endfor %%}", cases[i].begin, cases[i].turn);
        struct template *t = open_template(text);
        struct template_output o;
        struct err e = {0};
        if (render(t, NULL, NULL, 0, &o, &e) == 0)
            fail_msg("%s is rendered", text);
        if (strstr(e.text, cases[i].error) == NULL)
            fail_msg("%s: %s", text, e.text);
        template_output_free(&o);
        template_close(t);
    }
}

/* Variables are a list, which is gone through. */
static void many_variables_are_not_for_free(void **state)
{
    (void)state;
    struct buf text;
    struct template_output o;
    struct err e = {0};
    buf_init(&text, 1 << 20);
    buf_add_str(&text, "{% for i in [1] %}");
    for (int i = 0; i < 5000; i++)
        buf_addf(&text, "{%% set a%d = 1 %%}", i);
    buf_add_str(&text, "{% for k in range(50000) %}{% if a0 %}{% endif %}"
                       "{% endfor %}{% endfor %}");
    struct template *t = open_template(text.data);
    assert_int_equal(render(t, NULL, NULL, 0, &o, &e), -1);
    assert_non_null(strstr(e.text, "steps"));
    template_output_free(&o);
    template_close(t);
    buf_free(&text);
}

/* What is found early costs little, however long the text is. */
static void a_long_message_can_be_cut_up(void **state)
{
    (void)state;
    enum { LINES = 10000 };
    struct template *t = open_template(
        "{{ " C ".count('\n') }} {{ " C ".split('\n')|length }} "
        "{{ " C ".rsplit('\n')|length }} "
        "{{ " C ".replace('\n', '')|length }}");
    char *content = mem_calloc(LINES + 1, 60);
    memset(content, '<', (size_t)LINES * 60);
    for (int i = 1; i <= LINES; i++)
        content[i * 60 - 1] = '\n';
    struct template_message m = {"user", content, LINES * 60};
    struct template_output o;
    struct err e = {0};
    if (render(t, NULL, &m, 1, &o, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(o.text.data, "10000 10001 10001 590000");
    template_output_free(&o);
    template_close(t);
    free(content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_language_is_jinja2s),
        cmocka_unit_test(every_operation_keeps_marks),
        cmocka_unit_test(a_token_of_two_origins_is_not_one_part),
        cmocka_unit_test(contents_in_parts),
        cmocka_unit_test(any_bytes_are_a_message),
        cmocka_unit_test(variables_that_are_read_are_known),
        cmocka_unit_test(a_template_is_rendered_again_alike),
        cmocka_unit_test(long_texts_are_refused),
        cmocka_unit_test(a_long_conversation_fits),
        cmocka_unit_test(nothing_is_for_free),
        cmocka_unit_test(many_variables_are_not_for_free),
        cmocka_unit_test(a_long_message_can_be_cut_up),
    };
    return TEST_RUN(tests);
}
