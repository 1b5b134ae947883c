/* Thinking is told from the answer wherever the pieces are cut. */
#include "test.h"

#include <string.h>

#include "backends/think.h"

struct sorted {
    struct buf text, thinking;
    struct answer_end end;
};

static void sort_pieces(enum think_begin begin, const char *s, size_t n,
                        size_t cut, struct sorted *out)
{
    struct think t;
    struct stream *stream = stream_open(-1);
    think_init(&t, begin);
    buf_init(&out->text, 1000);
    buf_init(&out->thinking, 1000);
    answer_end_init(&out->end);
    out->end.finish = FINISH_STOP;
    for (size_t i = 0; cut == 0 && i < n; i++)
        think_add(&t, stream, s + i, 1);
    if (cut > 0) {
        think_add(&t, stream, s, cut);
        think_add(&t, stream, s + cut, n - cut);
    }
    think_end(&t, stream, &out->end);
    stream_end(stream, &out->end);
    assert_true(stream_poll(stream, &out->text, &out->thinking, &out->end));
    think_free(&t);
    stream_release(stream);
    stream_release(stream);
}

/* Too long for what stands before a message, by a little. */
#define LONG "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NO_HEAD "<|channel|>analysis" LONG LONG LONG LONG "<|message|>a"

static const struct {
    enum think_begin begin;
    const char *in, *text, *thinking;
    enum finish finish;
} cases[] = {
    {THINK_OUTSIDE, "Hello <think>", "Hello <think>", "", FINISH_STOP},
    {THINK_OUTSIDE, "<think>a</think>b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, NO_HEAD, NO_HEAD, "", FINISH_STOP},
    {THINK_OUTSIDE, " \n<think>\na\n</think>\n\nb\n", "b\n", "\na\n",
     FINISH_STOP},
    {THINK_OUTSIDE, "<think></think>\n\nb", "b", "", FINISH_STOP},
    {THINK_OUTSIDE, "<think>a</think><think>b</think>c", "c", "ab",
     FINISH_STOP},
    {THINK_OUTSIDE, "<think>a</thin</think>b", "b", "a</thin", FINISH_STOP},
    {THINK_OUTSIDE, "<thinking>a</thinking>b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "[THINK]a[/THINK]b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "<think>a</thinking></think>b", "b", "a</thinking>",
     FINISH_STOP},
    {THINK_OUTSIDE, "<think>a", "", "a", FINISH_ERROR},
    {THINK_OUTSIDE, "<think>a</thi", "", "a</thi", FINISH_ERROR},
    {THINK_OUTSIDE, "<think>a</think> \n", "", "a", FINISH_ERROR},
    {THINK_OUTSIDE, "  x", "  x", "", FINISH_STOP},
    {THINK_OUTSIDE, "<thi", "<thi", "", FINISH_STOP},
    {THINK_OUTSIDE, "<thin air", "<thin air", "", FINISH_STOP},
    {THINK_OUTSIDE, "  ", "  ", "", FINISH_STOP},
    {THINK_OUTSIDE, "", "", "", FINISH_STOP},
    {THINK_OUTSIDE, "a</think>b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "a `x`</think>b", "b", "a `x`", FINISH_STOP},
    {THINK_OUTSIDE, "a `</think>", "", "a `", FINISH_ERROR},
    {THINK_OUTSIDE, "Say `</think>` twice: </think>",
     "Say `</think>` twice: </think>", "", FINISH_STOP},
    {THINK_OUTSIDE, "a</thought> b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "<thought>a</thought>b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "<seed:think>a</seed:think>b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "<reasoning>a</reasoning>b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "<THINK>a</THINK>b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "<|begin_of_thought|>a<|end_of_thought|>b", "b", "a",
     FINISH_STOP},
    {THINK_OUTSIDE, "<|channel>thought\na<channel|>b", "b", "\na",
     FINISH_STOP},
    {THINK_OUTSIDE, "<unused94>a<unused95>b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "<|START_THINKING|>a<|END_THINKING|>b", "b", "a",
     FINISH_STOP},
    {THINK_OUTSIDE, "\u25C1think\u25B7" "a\u25C1/think\u25B7" "b", "b", "a",
     FINISH_STOP},
    {THINK_OUTSIDE,
     "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>"
     "commentary to=x <|constrain|>json<|message|>{}<|call|><|start|>assistant"
     "<|channel|>final<|message|>b<|c|<|return|>",
     "b<|c|", "a{}", FINISH_STOP},
    {THINK_OUTSIDE, "<|start|>assistant<|channel|>final<|message|>b", "b", "",
     FINISH_STOP},
    {THINK_OUTSIDE, "<|start|>assistant<|message|>b<|end|>", "b", "",
     FINISH_STOP},
    {THINK_OUTSIDE, "<|channel|>analysis<|message|>a<|channel|>final<|message|>"
     "b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "<|channel|>analysis<|message|>a<|en", "", "a<|en",
     FINISH_ERROR},
    {THINK_OUTSIDE, "<|channel|>analysis<|message|>a<|end|><|start|>assist", "",
     "a", FINISH_ERROR},
    {THINK_OUTSIDE, "a<|end|><|start|>assistant<|channel|>final<|message|>b",
     "b", "a<|end|><|start|>assistant", FINISH_STOP},
    {THINK_LIKELY, "<|channel|>analysis<|message|>a<|end|><|start|>assistant"
     "<|channel|>final<|message|>b", "b", "a", FINISH_STOP},
    {THINK_OUTSIDE, "a\n</think>\n\nb", "b", "a\n", FINISH_STOP},
    {THINK_OUTSIDE, "</think>b", "b", "", FINISH_STOP},
    {THINK_OUTSIDE, "a\n</think>\n", "", "a\n", FINISH_ERROR},
    {THINK_OUTSIDE, "a\n</think>b\n</think>c", "b\n</think>c", "a\n",
     FINISH_STOP},
    {THINK_OUTSIDE, "Write <think>\n</think>", "Write <think>\n</think>", "",
     FINISH_STOP},
    {THINK_OUTSIDE, "<think>x</think>a\n</think>b", "a\n</think>b", "x",
     FINISH_STOP},
    {THINK_OUTSIDE, "a\n</thin", "a\n</thin", "", FINISH_STOP},
    {THINK_INSIDE, "a</think>\nb", "b", "a", FINISH_STOP},
    {THINK_INSIDE, "a", "", "a", FINISH_ERROR},
    {THINK_LIKELY, "a</think>b", "b", "a", FINISH_STOP},
    {THINK_LIKELY, "a<thinking>b</think>c", "a<thinking>b</think>c", "",
     FINISH_STOP},
    {THINK_LIKELY, "a</thinking>b</think>c", "b</think>c", "a", FINISH_STOP},
    {THINK_LIKELY, "a[/THINK]b", "b", "a", FINISH_STOP},
    {THINK_LIKELY, "<think>a</think>b", "b", "a", FINISH_STOP},
    {THINK_LIKELY, "just an answer", "just an answer", "", FINISH_STOP},
};

static void every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i].in);
        for (size_t cut = 0; cut <= n; cut++) {
            struct sorted s;
            sort_pieces(cases[i].begin, cases[i].in, n, cut, &s);
            if (strcmp(s.text.data, cases[i].text) != 0 ||
                strcmp(s.thinking.data, cases[i].thinking) != 0 ||
                s.end.finish != cases[i].finish)
                fail_msg("\"%s\" cut at %zu: text \"%s\" thinking \"%s\" %s",
                         cases[i].in, cut, s.text.data, s.thinking.data,
                         finish_name(s.end.finish));
            buf_free(&s.text);
            buf_free(&s.thinking);
        }
    }
}

static void fields_of_their_own(void **state)
{
    (void)state;
    struct think t;
    struct answer_end end;
    struct buf text, thinking;
    struct stream *s = stream_open(-1);
    buf_init(&text, 100);
    buf_init(&thinking, 100);
    think_init(&t, THINK_LIKELY);
    think_add_thinking(&t, s, "hm", 2);
    think_add(&t, s, "yes", 3);
    stream_poll(s, &text, &thinking, &end);
    assert_string_equal(text.data, "yes"); /* at once: nothing is held back */
    assert_string_equal(thinking.data, "hm");
    answer_end_init(&end);
    end.finish = FINISH_LENGTH;
    think_end(&t, s, &end);
    assert_int_equal(end.finish, FINISH_LENGTH);
    think_free(&t);
    stream_release(s);
    stream_release(s);
    buf_free(&text);
    buf_free(&thinking);
}

/* What the consumer has taken already comes back. */
static void text_is_called_back(void **state)
{
    (void)state;
    struct think t;
    struct answer_end end;
    struct buf text, thinking;
    struct stream *s = stream_open(-1);
    buf_init(&text, 100);
    buf_init(&thinking, 100);
    think_init(&t, THINK_OUTSIDE);
    think_add(&t, s, "let me see", 10);
    stream_poll(s, &text, &thinking, &end);
    assert_string_equal(text.data, "let me see");
    think_add(&t, s, ", yes\n</think>\nFive", 20);
    stream_poll(s, &text, &thinking, &end);
    assert_string_equal(text.data, "Five");
    assert_string_equal(thinking.data, "let me see, yes\n");
    think_free(&t);
    stream_release(s);
    stream_release(s);
    buf_free(&text);
    buf_free(&thinking);
}

static void says_how_much_was_thought(void **state)
{
    (void)state;
    struct think t;
    struct answer_end end;
    struct stream *s = stream_open(-1);
    think_init(&t, THINK_INSIDE);
    think_add(&t, s, "hm", 2);
    answer_end_init(&end);
    end.finish = FINISH_LENGTH;
    end.n_out = 512;
    think_end(&t, s, &end);
    assert_int_equal(end.finish, FINISH_ERROR);
    assert_non_null(strstr(end.error.text, "thinking used all 512 tokens"));
    think_free(&t);
    stream_release(s);
    stream_release(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut),
        cmocka_unit_test(fields_of_their_own),
        cmocka_unit_test(text_is_called_back),
        cmocka_unit_test(says_how_much_was_thought),
    };
    return TEST_RUN(tests);
}
