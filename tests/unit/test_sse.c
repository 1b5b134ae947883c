/* The framer: what comes out must not depend on how the bytes were cut. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "backends/remote/sse.h"

/* Writes "name|data;" for each event. */
static bool record(void *arg, const char *name, const char *data, size_t n)
{
    struct buf *out = arg;
    buf_add_str(out, name);
    buf_add_char(out, '|');
    buf_add(out, data, n);
    buf_add_char(out, ';');
    return strcmp(data, "[DONE]") != 0;
}

static void run(const char *bytes, size_t n, size_t cut, struct buf *out)
{
    struct sse s;
    struct err e;
    sse_init(&s, false, record, out);
    buf_clear(out);
    /* cut 0: byte by byte */
    for (size_t i = 0; cut == 0 && i < n; i++)
        assert_int_equal(sse_add(&s, bytes + i, 1, &e), 0);
    if (cut > 0) {
        assert_int_equal(sse_add(&s, bytes, cut, &e), 0);
        assert_int_equal(sse_add(&s, bytes + cut, n - cut, &e), 0);
    }
    assert_int_equal(sse_end(&s, &e), 0);
    sse_free(&s);
}

static const struct {
    const char *bytes, *events;
} cases[] = {
    {"data: a\n\ndata: b\n\n", "|a;|b;"},
    {"data:a\r\n\r\ndata: b\r\n\r\n", "|a;|b;"},
    {"data: a\r\rdata: b\r\r", "|a;|b;"},
    {"data: a\r\n\ndata: b\n\r\n", "|a;|b;"},
    {"data: one\ndata: two\n\n", "|one\ntwo;"},
    {"data:\n\n", "|;"},
    {"data\n\n", "|;"},
    {"data:\ndata:\n\n", "|\n;"},
    {"data:  two spaces\n\n", "| two spaces;"},
    {": comment\n\n:\n\ndata: x\n\n", "|x;"},
    {"event: ping\n\ndata: x\n\n", "|x;"},
    {"event: delta\ndata: x\n\ndata: y\n\n", "delta|x;|y;"},
    {"id: 7\nretry: 100\nunknown: 1\ndatax: 2\ndata: x\n\n", "|x;"},
    {"\xEF\xBB\xBF" "data: x\n\n", "|x;"},
    {"\n\n\r\n\r\ndata: x\n\n\n\n", "|x;"},
    {"data: h\xC3\xA9\xF0\x9F\x98\x80: \xFF\n\n",
     "|h\xC3\xA9\xF0\x9F\x98\x80: \xFF;"},
    {"data: a\n\ndata: the last line is open", "|a;|the last line is open;"},
    {"data: a\n\ndata: no blank line\n", "|a;|no blank line;"},
    {"data: a\n\ndata: [DONE]\n\ndata: late\n\n", "|a;|[DONE];"},
    {"data: a\n\ndata: [DONE]", "|a;|[DONE];"},
    {"data: {\"a\":1}\ndata: {\"b\":\"}\"}\ndata: [DONE]\n",
     "|{\"a\":1};|{\"b\":\"}\"};|[DONE];"},
    {"data: {\"a\":\ndata: 1}\n\n", "|{\"a\":\n1};"},
    {"data: x\nerror: {\"code\":5}\n\ndata: y\n\n",
     "|x;error|{\"code\":5};|y;"},
    {"<html>\n<p>no events</p>", ""},
    {"", ""},
};

static void every_cut_gives_the_same(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 10000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i].bytes);
        for (size_t cut = 0; cut <= n; cut++) {
            run(cases[i].bytes, n, cut, &out);
            if (strcmp(out.data, cases[i].events) != 0)
                fail_msg("case %zu cut at %zu: \"%s\", not \"%s\"", i, cut,
                         out.data, cases[i].events);
        }
    }
    buf_free(&out);
}

static void lines_are_events(void **state)
{
    (void)state;
    static const char bytes[] = "\xEF\xBB\xBF{\"a\":1}\r\n\n{\"b\":2}\n{\"c\"";
    struct buf out;
    buf_init(&out, 1000);
    for (size_t cut = 0; cut < sizeof(bytes); cut++) {
        struct sse s;
        sse_init(&s, true, record, &out);
        buf_clear(&out);
        assert_int_equal(sse_add(&s, bytes, cut, NULL), 0);
        assert_int_equal(sse_add(&s, bytes + cut, sizeof(bytes) - 1 - cut,
                                 NULL), 0);
        assert_int_equal(sse_end(&s, NULL), 0);
        assert_string_equal(out.data, "|{\"a\":1};|{\"b\":2};|{\"c\";");
        sse_free(&s);
    }
    buf_free(&out);
}

static void keeps_zero_bytes(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    run("data: a\0b\n\n", 11, 8, &out);
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.data, "|a\0b;", 5);
    buf_free(&out);
}

/* The same events whatever the pieces: a long mixed stream, random cuts. */
static void random_cuts(void **state)
{
    (void)state;
    struct buf stream, whole, cut;
    buf_init(&stream, 1 << 20);
    buf_init(&whole, 1 << 20);
    buf_init(&cut, 1 << 20);
    for (int round = 0; round < 20; round++)
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
            if (strstr(cases[i].bytes, "DONE") == NULL)
                buf_add_str(&stream, cases[i].bytes);
    run(stream.data, stream.len, stream.len, &whole);
    assert_true(whole.len > 500);
    srand(1);
    for (int round = 0; round < 200; round++) {
        struct sse s;
        sse_init(&s, false, record, &cut);
        buf_clear(&cut);
        size_t at = 0;
        while (at < stream.len) {
            size_t n = (size_t)rand() % 40;
            if (n > stream.len - at)
                n = stream.len - at;
            assert_int_equal(sse_add(&s, stream.data + at, n, NULL), 0);
            at += n;
        }
        assert_int_equal(sse_end(&s, NULL), 0);
        sse_free(&s);
        assert_int_equal(cut.len, whole.len);
        assert_memory_equal(cut.data, whole.data, whole.len);
    }
    buf_free(&stream);
    buf_free(&whole);
    buf_free(&cut);
}

static void refuses_long_lines(void **state)
{
    (void)state;
    struct buf out;
    struct sse s;
    struct err e;
    static char block[65536];
    buf_init(&out, 1000);
    memset(block, 'x', sizeof(block));

    /* One line without an end. */
    sse_init(&s, false, record, &out);
    int failed = 0;
    for (int i = 0; i < 200 && failed == 0; i++)
        failed = sse_add(&s, block, sizeof(block), &e);
    assert_int_equal(failed, -1);
    assert_int_equal(e.code, ERR_BACKEND);
    assert_int_equal(sse_add(&s, "\n\n", 2, &e), -1);
    assert_int_equal(sse_end(&s, &e), -1);
    sse_free(&s);

    /* Many lines of one event. */
    sse_init(&s, false, record, &out);
    failed = 0;
    for (int i = 0; i < 200 && failed == 0; i++) {
        sse_add(&s, "data: ", 6, &e);
        sse_add(&s, block, sizeof(block), &e);
        failed = sse_add(&s, "\n", 1, &e);
    }
    assert_int_equal(failed, -1);
    assert_int_equal(out.len, 0);
    sse_free(&s);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_gives_the_same),
        cmocka_unit_test(lines_are_events),
        cmocka_unit_test(keeps_zero_bytes),
        cmocka_unit_test(random_cuts),
        cmocka_unit_test(refuses_long_lines),
    };
    return TEST_RUN(tests);
}
