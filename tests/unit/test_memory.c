/* Shapes that a hostile file can claim: what they would take is refused in a
 * line, or taken a few rows at a time. */
#include "test.h"

#include <limits.h>
#include <string.h>

#include "backends/engine/forward.h"
#include "base/mem.h"

static char path[] = "claims.gguf";
static struct weights weights;
static struct engine engine = {.path = path, .weights = &weights};

/* A small shape for the tests to change. */
static struct hparams *shape(void)
{
    weights = (struct weights){0};
    weights.n_vocab = 300;
    weights.core_share = 1;
    weights.h = (struct hparams){
        .arch = arch_find("llama"), .n_ctx = 64, .n_layers = 1, .n_embd = 64,
        .n_ff = 128, .n_heads = 2, .n_kv_heads = 2, .d_head = 32, .n_rot = 32,
    };
    return &weights.h;
}

static void assert_refused(const struct err *e, const char *says)
{
    assert_int_equal(e->code, ERR_BACKEND);
    assert_non_null(strstr(e->text, path));
    if (strstr(e->text, says) == NULL)
        fail_msg("%s", e->text);
}

static struct forward *open_forward(void)
{
    struct err e = {0};
    struct forward *f = forward_open(&engine, kern_best(), &e);
    if (f == NULL)
        fail_msg("%s", e.text);
    return f;
}

static void wide_layers_take_fewer_rows(void **state)
{
    (void)state;
    struct hparams *h = shape();
    struct forward *f = open_forward();
    assert_int_equal(f->max_rows, FORWARD_MAX_ROWS);
    forward_close(f);

    h->n_ff = 1 << 20;
    f = open_forward();
    assert_in_range(f->max_rows, 16, 32);
    forward_close(f);

    h->n_experts = h->n_experts_used = 64;
    h->n_ff_expert = 1 << 18;
    f = open_forward();
    assert_in_range(f->max_rows, 1, 2);
    forward_close(f);
}

static void what_no_machine_has_is_refused(void **state)
{
    (void)state;
    struct hparams *h = shape();
    struct err e = {0};
    h->n_experts = 4;
    h->n_experts_used = 1 << 28;
    h->n_embd = h->n_ff_expert = 1 << 20;
    assert_null(forward_open(&engine, kern_best(), &e));
    assert_refused(&e, "no memory");
}

static void keys_and_values_must_fit(void **state)
{
    (void)state;
    struct hparams *h = shape();
    struct engine_session *s = NULL;
    struct err e = {0};
    assert_int_equal(
        engine_session_open(&s, &engine, 64, ENGINE_KV_F16, &e), 0);
    engine_session_close(s);
    s = NULL;
    h->n_heads = h->n_kv_heads = h->d_head = h->n_layers = 1024;
    assert_true(mem_of_machine() / 1024 / 1024 < INT_MAX);
    assert_int_equal(
        engine_session_open(&s, &engine, 64, ENGINE_KV_F16, &e), -1);
    assert_null(s);
    assert_refused(&e, "1024 layers of 1024 heads of 1024");
}

/* Sums over bytes of a head that is longer than that may not fit. */
static void bytes_keep_heads_that_their_sums_fit(void **state)
{
    (void)state;
    struct hparams *h = shape();
    struct engine_session *s = NULL;
    struct err e = {0};
    h->d_head = 1024;
    assert_int_equal(
        engine_session_open(&s, &engine, 64, ENGINE_KV_Q8, &e), 0);
    engine_session_close(s);
    h->d_head = 1025;
    assert_int_equal(
        engine_session_open(&s, &engine, 64, ENGINE_KV_Q8, &e), -1);
    assert_refused(&e, "heads of 1025 numbers are too long");
    assert_int_equal(
        engine_session_open(&s, &engine, 64, ENGINE_KV_F16, &e), 0);
    engine_session_close(s);
}

/* Nor may many chunks that fit one by one take all there is. */
static void long_contexts_must_fit(void **state)
{
    (void)state;
    struct hparams *h = shape();
    struct engine_session *s;
    struct err e = {0};
    h->n_heads = h->n_kv_heads = 64;
    h->d_head = 512;
    size_t layer = (size_t)SESSION_CHUNK * 64 * 512 * 2 * 2;
    size_t n = mem_of_machine() / 16 / layer;
    h->n_layers = n < 1 ? 1 : n > 1024 ? 1024 : (int)n;
    assert_int_equal(
        engine_session_open(&s, &engine, 1 << 26, ENGINE_KV_F16, &e), 0);
    assert_int_equal(session_reserve(s, 1 << 26, &e), -1);
    assert_refused(&e, "more than half of this machine's memory");
    assert_int_equal(s->n_chunks, 0);
    engine_session_close(s);
}

static int open_pool(void **state)
{
    (void)state;
    engine.pool = pool_open(2);
    return 0;
}

static int close_pool(void **state)
{
    (void)state;
    pool_close(engine.pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_layers_take_fewer_rows),
        cmocka_unit_test(what_no_machine_has_is_refused),
        cmocka_unit_test(keys_and_values_must_fit),
        cmocka_unit_test(bytes_keep_heads_that_their_sums_fit),
        cmocka_unit_test(long_contexts_must_fit),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, open_pool, close_pool);
}
