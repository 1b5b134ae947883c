/* Tests of arena/votelog: votes in the order of the file, by any number of
 * threads. */
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/votelog/votelog.h"
#include "base/buf.h"

static char *scratch_path(void)
{
    static char path[256];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof(path), "%s/votelog-order-%d",
             folder ? folder : "/tmp", (int)getpid());
    return path;
}

struct heard {
    struct votelog log;
    struct err e;
    uint64_t n, order; /* votes, and a number that their order changes */
    pthread_t caller;
};

static int hear(void *arg, int part, const struct votelog_vote *v, size_t n,
                const float *x, const struct votelog_battle *battles)
{
    (void)battles;
    struct heard *h = arg;
    assert_int_equal(part, 0);
    assert_null(x);
    assert_true(pthread_equal(h->caller, pthread_self()));
    for (size_t i = 0; i < n; i++) {
        const uint64_t of[] = {v[i].a, v[i].b, v[i].voter, v[i].category,
                               v[i].times, v[i].outcome};
        for (size_t k = 0; k < sizeof(of) / sizeof(of[0]); k++)
            h->order = (h->order ^ of[k]) * 1099511628211u; /* FNV-1a */
    }
    h->n += n;
    return 0;
}

static void unheard(void *arg, int part)
{
    (void)arg;
    fail_msg("part %d was handed on too early", part);
}

static void hear_file(struct heard *h, int n_threads)
{
    struct votelog_options o = {.n_threads = n_threads, .in_order = true,
                                .voters = true, .category = "lang"};
    struct votelog_sink sink = {.arg = h, .votes = hear, .restart = unheard};
    memset(h, 0, sizeof(*h));
    h->caller = pthread_self();
    if (votelog_read(&h->log, scratch_path(), &o, &sink, &h->e) != 0)
        fail_msg("%s", h->e.text);
    assert_int_equal(h->n, h->log.n_votes);
    assert_int_equal(h->log.n_chunks, 1);
    for (uint32_t i = 0; i < h->log.models.n; i++)
        assert_int_equal(h->log.model_map[0][i], i);
}

/* Returns how many rows were rejected. */
static uint64_t compare_order(const struct buf *text)
{
    struct heard one, many;
    FILE *f = fopen(scratch_path(), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text->data, 1, text->len, f), text->len);
    assert_int_equal(fclose(f), 0);
    hear_file(&one, 1);
    assert_true(one.n > 100);
    for (int n = 2; n <= 7; n++) {
        hear_file(&many, n);
        assert_true(one.n == many.n && one.order == many.order);
        assert_int_equal(one.log.n_rejected, many.log.n_rejected);
        assert_int_equal(one.log.n_shown, many.log.n_shown);
        for (size_t k = 0; k < one.log.n_shown; k++)
            assert_int_equal(one.log.shown[k].line, many.log.shown[k].line);
        votelog_free(&many.log);
    }
    votelog_free(&one.log);
    remove(scratch_path());
    return one.log.n_rejected;
}

/* New names all along, rejected rows in several waves. */
static void order_is_kept(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 24);
    buf_add_str(&text, "model_a,model_b,winner,judge,lang\n");
    for (unsigned i = 0; text.len < 14000000; i++)
        buf_addf(&text, "model-%u,model-%u,%s,judge %u,l%u\n", i * 7 % 50,
                 50 + i * 11 % (60 + i / 9000),
                 i % 40000 == 39999 ? "?" : i % 3 ? "model_a" : "tie",
                 i % 2311, i % 5);
    assert_true(compare_order(&text) > 5);
    buf_free(&text);
}

/* Quoted fields that hold whole rows, some longer than what a thread reads. */
static void order_is_kept_across_quotes(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 1 << 24);
    buf_add_str(&text, "note,model_a,model_b,winner,judge,lang\n");
    for (unsigned i = 0; text.len < 13000000; i++) {
        buf_addf(&text, "\"");
        for (int k = 0; k < (i == 20 ? 150000 : 1500); k++)
            buf_addf(&text, "not a vote,u%d,v%d,tie,j,l\n", k, k);
        buf_addf(&text, "\",m%u,n%u,model_b,j,l\n", i, i + 1);
    }
    assert_int_equal(compare_order(&text), 0);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_kept),
        cmocka_unit_test(order_is_kept_across_quotes),
    };
    return TEST_RUN(tests);
}
