/* A verdict read from probabilities, beside what generating says. */
#include "backends/local/choose.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "backends/local/infer.h"
#include "base/mem.h"
#include "test.h"

enum { N_WORDS = 3, N_TOP = 256 };

static const char *const words[N_WORDS] = {"a", "b", "d"};

static void open_model(struct model *m)
{
    model_init(m);
    m->file = mem_strdup("tests/engine/models/llama.gguf");
}

/* How likely each word follows the text and " ", by its logprob. */
static void expect(struct infer *f, const char *text, double p[N_WORDS])
{
    struct message message = {"user", text};
    struct token_list prompt = {0}, ends[N_WORDS] = {{0}};
    struct buf shown;
    struct err e;
    buf_init(&shown, 10000);
    assert_int_equal(infer_render(f, &message, 1, true, 0, &shown, &prompt, &e),
                     0);
    for (int i = 0; i < N_WORDS; i++) {
        const char both[2] = {'e', words[i][0]};
        assert_int_equal(infer_tokenize(f, both, 2, false, INFER_NO_ENDS,
                                        &ends[i], &e), 0);
    }
    for (size_t i = 0; i + 1 < ends[0].n; i++)
        token_list_add(&prompt, ends[0].ids[i]);
    struct infer_request rq = {.prompt = &prompt, .max_tokens = 1,
                               .n_top = N_TOP};
    struct infer_result r;
    infer_result_init(&r);
    assert_int_equal(infer_generate(f, &rq, &r, &e), 0);
    double sum = 0;
    for (int i = 0; i < N_WORDS; i++) {
        p[i] = 0;
        for (size_t k = 0; k < r.logprobs[0].n_top; k++)
            if (r.logprobs[0].top[k].id == ends[i].ids[ends[i].n - 1])
                sum += p[i] = exp((double)r.logprobs[0].top[k].logprob);
        token_list_free(&ends[i]);
    }
    for (int i = 0; i < N_WORDS; i++)
        p[i] /= sum;
    infer_result_free(&r);
    token_list_free(&prompt);
    buf_free(&shown);
}

static int64_t check_pair(struct choose *c, struct infer *f, const char *x,
                          const char *y)
{
    const struct message messages[2] = {{"user", x}, {"user", y}};
    const struct choose_question q[2] = {{&messages[0], 1}, {&messages[1], 1}};
    double got[2][N_WORDS], wanted[N_WORDS];
    double *const rows[2] = {got[0], got[1]};
    int64_t n_read;
    struct err e;
    if (choose_read_pair(c, q, "e", words, N_WORDS, rows, &n_read, &e) != 0)
        fail_msg("%s", e.text);
    for (int k = 0; k < 2; k++) {
        expect(f, messages[k].content, wanted);
        for (int i = 0; i < N_WORDS; i++)
            assert_true(fabs(got[k][i] - wanted[i]) < 1e-4);
    }
    return n_read;
}

static void probabilities_are_the_models(void **state)
{
    (void)state;
    struct model m;
    struct choose *c;
    struct infer *f;
    struct err e;
    open_model(&m);
    if (choose_open(&c, &m, 1, &e) != 0 || infer_open(&f, &m, 1, &e) != 0)
        fail_msg("%s", e.text);
    int64_t both = check_pair(c, f, "abcdabcd ab", "abcdabcd ba");
    /* The common part is read once; what was read before, not again. */
    assert_true(both < 2 * 12);
    assert_int_equal(check_pair(c, f, "abcdabcd ab", "abcdabcd ba"), 2);
    assert_true(check_pair(c, f, "abcdabcd ba", "abcd") > 0);
    check_pair(c, f, "b", "abcdabcd ab");
    check_pair(c, f, "ba", "ba");
    choose_close(c);
    infer_close(f);
    model_free(&m);
}

static void what_cannot_be_read_says_why(void **state)
{
    (void)state;
    const struct message message = {"user", "ab"};
    const struct choose_question q[2] = {{&message, 1}, {&message, 1}};
    static const char *const same[] = {"a", "a"};
    double p[2][2];
    double *const rows[2] = {p[0], p[1]};
    struct model m;
    struct choose *c;
    struct err e;
    int64_t n_read;
    open_model(&m);
    m.n_ctx = 16;
    assert_int_equal(choose_open(&c, &m, 1, &e), 0);
    assert_int_equal(choose_read_pair(c, q, "e", same, 2, rows, &n_read, &e),
                     -1);
    assert_int_equal(e.code, ERR_CONFIG);
    const struct message longer = {"user", "abcdabcdabcdabcdabcdabcd"};
    const struct choose_question too_long[2] = {{&longer, 1}, {&message, 1}};
    assert_int_equal(choose_read_pair(c, too_long, "e", words, 2, rows, &n_read,
                                      &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
    assert_int_equal(choose_read_pair(c, q, "e", words, 2, rows, &n_read, &e),
                     0); /* and it goes on */
    choose_close(c);
    model_free(&m);
}

static int n_looks, n_allowed;

static bool is_stopped(void)
{
    return ++n_looks > n_allowed;
}

/* A long question can be stopped in the middle, and is then read anew. */
static void a_long_reading_can_be_stopped(void **state)
{
    (void)state;
    enum { N_LONG = 3000 };
    char longer[N_LONG + 1];
    for (int i = 0; i < N_LONG; i++)
        longer[i] = (char)('a' + i * 7 % 4);
    longer[N_LONG] = '\0';
    const struct message messages[2] = {{"user", longer}, {"user", longer + 1}};
    const struct choose_question q[2] = {{&messages[0], 1}, {&messages[1], 1}};
    double p[3][N_WORDS], other[N_WORDS];
    struct model m;
    struct choose *c, *fresh;
    struct err e;
    int64_t n_read;
    open_model(&m);
    m.n_ctx = 2 * N_LONG;
    if (choose_open(&c, &m, 1, &e) != 0 || choose_open(&fresh, &m, 1, &e) != 0)
        fail_msg("%s", e.text);
    choose_set_stop(c, is_stopped);
    for (n_allowed = 0; n_allowed < 3; n_allowed++) {
        double *const rows[2] = {p[0], p[1]};
        n_looks = 0;
        assert_int_equal(choose_read_pair(c, q, "e", words, N_WORDS, rows,
                                          &n_read, &e), -1);
        assert_int_equal(e.code, ERR_INTERRUPTED);
        assert_int_equal(n_looks, n_allowed + 1);
    }
    n_looks = 0;
    n_allowed = INT_MAX;
    for (int i = 0; i < 2; i++) {
        double *const rows[2] = {p[i], i == 0 ? p[2] : other};
        if (choose_read_pair(i == 0 ? c : fresh, q, "e", words, N_WORDS, rows,
                             &n_read, &e) != 0)
            fail_msg("%s", e.text);
    }
    assert_memory_equal(p[0], p[1], sizeof(p[0]));
    assert_memory_equal(p[2], other, sizeof(other));
    choose_close(c);
    choose_close(fresh);
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_are_the_models),
        cmocka_unit_test(what_cannot_be_read_says_why),
        cmocka_unit_test(a_long_reading_can_be_stopped),
    };
    return TEST_RUN(tests);
}
