/* Models of several files: all of them count, and all of them are watched. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/engine/kernels/pool.h"
#include "backends/local/cache.h"
#include "checkpoint_writer.h"
#include "folder.h"
#include "gguf_writer.h"

#define SECOND_BYTES 40000 /* of a second part, about */

static struct pool *pool;
static struct cache cache;

static int set_up(void **state)
{
    (void)state;
    pool = pool_open(1);
    cache_init(&cache, pool);
    return folder_make("cache") != 0;
}

static int tear_down(void **state)
{
    (void)state;
    cache_free(&cache);
    pool_close(pool);
    return rmdir(folder);
}

static void place_of(char *path, size_t n, const char *name)
{
    snprintf(path, n, "%s/%s", folder, name);
}

static void save(const struct buf *b, const char *name)
{
    free(w_save(b, folder, name));
}

static void remove_file(const char *name)
{
    char path[300];
    place_of(path, sizeof(path), name);
    assert_int_equal(unlink(path), 0);
}

/* The reference model, said to be the first of two parts: keys are put in
 * front of its own, whose tensors stay aligned. */
static void save_first(const char *name)
{
    struct buf whole, b, keys;
    buf_init(&whole, 1 << 20);
    buf_init(&b, 1 << 20);
    buf_init(&keys, 1000);
    assert_int_equal(buf_read_file(&whole, "tests/engine/models/llama.gguf"),
                     0);
    w_kv_u16(&keys, "split.no", 0);
    w_kv_u16(&keys, "split.count", 2);
    w_key(&keys, "general.padding", W_STRING);
    size_t fill = 31 - (keys.len + 8 + 31) % 32;
    w_bytes(&keys, fill, 8);
    for (size_t i = 0; i < fill; i++)
        buf_add_char(&keys, 'x');
    assert_int_equal(keys.len % 32, 0);
    buf_add(&b, whole.data, 16);
    w_bytes(&b, (unsigned char)whole.data[16] + 3u, 8);
    buf_add(&b, keys.data, keys.len);
    buf_add(&b, whole.data + 24, whole.len - 24);
    save(&b, name);
    buf_free(&whole);
    buf_free(&b);
    buf_free(&keys);
}

/* A second part without tensors, but of some size. */
static void save_second(const char *name, char fill)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    w_header(&b, 0, 2);
    w_kv_u16(&b, "split.no", 1);
    w_key(&b, "general.padding", W_STRING);
    w_bytes(&b, SECOND_BYTES, 8);
    for (int i = 0; i < SECOND_BYTES; i++)
        buf_add_char(&b, fill);
    save(&b, name);
    buf_free(&b);
}

static struct loaded *take(const char *name, const char *tokenizer)
{
    char path[300];
    struct loaded *l;
    struct err e;
    place_of(path, sizeof(path), name);
    if (cache_take(&cache, path, tokenizer, &l, &e) != 0)
        fail_msg("%s", e.text);
    cache_return(&cache, l);
    return l;
}

static size_t n_loaded(void)
{
    size_t n = 0;
    for (const struct loaded *l = cache.first; l != NULL; l = l->next)
        n++;
    return n;
}

#define A1 "a-00001-of-00002.gguf"
#define A2 "a-00002-of-00002.gguf"
#define B1 "b-00001-of-00002.gguf"
#define B2 "b-00002-of-00002.gguf"

static void all_parts_count(void **state)
{
    (void)state;
    save_first(A1);
    save_second(A2, 'a');
    save_first(B1);
    save_second(B2, 'b');
    struct loaded *a = take(A1, NULL);
    size_t bytes = engine_info(a->engine)->file_bytes;
    assert_true(bytes > SECOND_BYTES);
    assert_int_equal(a->stamp.n_bytes, bytes);
    cache.max_bytes = 2 * bytes;
    take(B1, NULL);
    assert_int_equal(n_loaded(), 2);
    cache.max_bytes = 2 * bytes - SECOND_BYTES;
    save_second(A2, 'a'); /* so that it is loaded again */
    take(A1, NULL);
    assert_int_equal(n_loaded(), 1);
    remove_file(A1);
    remove_file(A2);
    remove_file(B1);
    remove_file(B2);
}

/* A file is replaced by another one, as downloads are: renamed into place. */
static void replace(const char *by, const char *name)
{
    char from[300], to[300];
    place_of(from, sizeof(from), by);
    place_of(to, sizeof(to), name);
    assert_int_equal(rename(from, to), 0);
}

static void a_changed_part_is_read_anew(void **state)
{
    (void)state;
    save_first(A1);
    save_second(A2, 'a');
    uint64_t mark = take(A1, NULL)->stamp.mark;
    assert_int_equal(take(A1, NULL)->stamp.mark, mark);
    save_second("new", 'b');
    replace("new", A2);
    assert_int_not_equal(take(A1, NULL)->stamp.mark, mark);
    remove_file(A1);
    remove_file(A2);
}

static void so_is_a_changed_tokenizer(void **state)
{
    (void)state;
    char weights[300], tokenizer[300], new[300];
    place_of(weights, sizeof(weights), "tiny.bin");
    place_of(tokenizer, sizeof(tokenizer), "tokenizer.bin");
    place_of(new, sizeof(new), "new");
    assert_int_equal(tiny_write_model(weights, 1), 0);
    assert_int_equal(tiny_write_tokenizer(tokenizer), 0);
    for (int named = 0; named < 2; named++) {
        const char *words = named ? tokenizer : NULL;
        uint64_t mark = take("tiny.bin", words)->stamp.mark;
        assert_int_equal(take("tiny.bin", words)->stamp.mark, mark);
        assert_int_equal(tiny_write_tokenizer(new), 0);
        replace("new", "tokenizer.bin");
        assert_int_not_equal(take("tiny.bin", words)->stamp.mark, mark);
    }
    remove_file("tiny.bin");
    remove_file("tokenizer.bin");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_parts_count),
        TEST(a_changed_part_is_read_anew),
        TEST(so_is_a_changed_tokenizer),
    };
    return TEST_RUN(tests);
}
