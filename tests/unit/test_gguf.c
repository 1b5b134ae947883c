/* The GGUF reader on files that are right, and on each wrong one that other
 * readers fell over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "backends/engine/file/gguf.h"
#include "base/mem.h"
#include "base/path.h"
#include "tests/unit/folder.h"
#include "tests/unit/gguf_writer.h"

static int make_folder(void **state)
{
    (void)state;
    return folder_make("test_gguf") != 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"m.gguf", "s-00001-of-00002.gguf",
                                        "s-00002-of-00002.gguf"};
    for (size_t i = 0; i < 3; i++) {
        char *p = path_join(folder, names[i]);
        unlink(p);
        free(p);
    }
    return rmdir(folder);
}

/* Saves, opens, and expects a refusal that contains `why`; frees b. */
static void refused(struct buf *b, const char *why)
{
    char *path = w_save(b, folder, "m.gguf");
    struct gguf *g = NULL;
    struct err e = {0};
    assert_int_equal(gguf_open(&g, path, &e), -1);
    assert_null(g);
    if (strstr(e.text, why) == NULL)
        fail_msg("expected \"%s\" in: %s", why, e.text);
    assert_non_null(strstr(e.text, path));
    assert_null(strchr(e.text, '\n'));
    assert_int_equal(e.code, ERR_FORMAT);
    free(path);
    buf_free(b);
}

static struct buf fresh(uint64_t n_tensors, uint64_t n_kv)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    w_header(&b, n_tensors, n_kv);
    return b;
}

static struct buf one_tensor(uint64_t d0, uint64_t d1, uint32_t type,
                             uint64_t offset, size_t data_bytes)
{
    struct buf b = fresh(1, 0);
    w_tensor(&b, "t", d0, d1, type, offset);
    w_pad(&b, 32);
    for (size_t i = 0; i < data_bytes; i++)
        buf_add_char(&b, (char)i);
    return b;
}

/* --- files that are right ---------------------------------------------- */

static struct buf good(void)
{
    struct buf b = fresh(2, 9);
    w_kv_string(&b, "general.architecture", "llama");
    w_kv_u32(&b, "llama.block_count", 30);
    w_kv_f32(&b, "llama.eps", 0.5f);
    w_key(&b, "flag", W_BOOL);
    w_bytes(&b, 1, 1);
    w_key(&b, "minus", W_I8);
    w_bytes(&b, 0xff, 1);
    w_key(&b, "wide", W_I64);
    w_bytes(&b, 1ull << 40, 8);
    w_kv_array(&b, "words", W_STRING, 3);
    w_string(&b, "one");
    w_string(&b, "");
    w_string(&b, "three");
    w_kv_array(&b, "floats", W_F32, 2);
    w_f32(&b, 1.5f);
    w_f32(&b, -2);
    w_kv_array(&b, "ints", W_I16, 3);
    w_bytes(&b, 7, 2);
    w_bytes(&b, 0xfffe, 2);
    w_bytes(&b, 9, 2);
    w_tensor(&b, "b.weight", 64, 2, 2, 32);
    w_tensor(&b, "a.weight", 4, 0, 0, 0);
    w_pad(&b, 32);
    for (int i = 0; i < 32 + 2 * 2 * 18; i++)
        buf_add_char(&b, (char)i);
    return b;
}

static void test_scalars(void **state)
{
    (void)state;
    struct buf b = good();
    char *path = w_save(&b, folder, "m.gguf");
    struct gguf *g = NULL;
    struct err e = {0};
    assert_int_equal(gguf_open(&g, path, &e), 0);
    assert_string_equal(gguf_path(g), path);
    assert_int_equal(gguf_file_bytes(g), b.len);

    uint64_t u = 5;
    double d = 5;
    bool flag = false;
    struct gguf_string s;
    assert_true(gguf_get_string(g, "general.architecture", &s));
    assert_true(gguf_string_is(s, "llama"));
    assert_false(gguf_string_is(s, "llam"));
    assert_true(gguf_get_u64(g, "llama.block_count", &u));
    assert_int_equal(u, 30);
    assert_true(gguf_get_u64(g, "wide", &u));
    assert_int_equal(u, 1ull << 40);
    assert_true(gguf_get_f64(g, "llama.eps", &d));
    assert_true(d == 0.5);
    assert_true(gguf_get_f64(g, "minus", &d));
    assert_true(d == -1);
    assert_true(gguf_get_bool(g, "flag", &flag));
    assert_true(flag);

    u = 5;
    assert_false(gguf_get_u64(g, "minus", &u));
    assert_false(gguf_get_u64(g, "llama.eps", &u));
    assert_false(gguf_get_u64(g, "flag", &u));
    assert_false(gguf_get_u64(g, "missing", &u));
    assert_false(gguf_get_u64(g, "ints", &u));
    assert_false(gguf_get_string(g, "words", &s));
    assert_int_equal(u, 5);
    gguf_close(g);
    free(path);
    buf_free(&b);
}

static void test_arrays(void **state)
{
    (void)state;
    struct buf b = good();
    char *path = w_save(&b, folder, "m.gguf");
    struct gguf *g = NULL;
    struct err e = {0};
    assert_int_equal(gguf_open(&g, path, &e), 0);
    struct gguf_strings words;
    assert_true(gguf_get_strings(g, "words", &words));
    assert_int_equal(words.n, 3);
    assert_true(gguf_string_is(gguf_strings_at(&words, 0), "one"));
    assert_true(gguf_string_is(gguf_strings_at(&words, 1), ""));
    assert_true(gguf_string_is(gguf_strings_at(&words, 2), "three"));
    assert_false(gguf_get_strings(g, "floats", &words));
    assert_int_equal(words.n, 0);

    float f[2] = {0};
    assert_int_equal(gguf_array_f32(g, "floats", f, 2), 2);
    assert_true(f[0] == 1.5f && f[1] == -2.0f);
    int32_t v[2] = {0};
    assert_int_equal(gguf_array_i32(g, "ints", v, 2), 3);
    assert_true(v[0] == 7 && v[1] == -2);
    assert_int_equal(gguf_array_i32(g, "floats", v, 2), 0);
    assert_int_equal(gguf_array_i32(g, "words", v, 2), 0);
    gguf_close(g);
    free(path);
    buf_free(&b);
}

static void test_tensors(void **state)
{
    (void)state;
    struct buf b = good();
    char *path = w_save(&b, folder, "m.gguf");
    struct gguf *g = NULL;
    struct err e = {0};
    assert_int_equal(gguf_open(&g, path, &e), 0);
    assert_int_equal(gguf_n_tensors(g), 2);
    const struct gguf_tensor *t = gguf_find_tensor(g, "b.weight");
    assert_non_null(t);
    assert_int_equal(t->type, GGUF_Q4_0);
    assert_int_equal(t->n_dims, 2);
    assert_int_equal(t->dims[0], 64);
    assert_int_equal(t->dims[1], 2);
    assert_int_equal(t->dims[2], 1);
    assert_int_equal(t->n_bytes, 2 * 2 * 18);
    assert_int_equal(t->data[0], 32);
    t = gguf_find_tensor(g, "a.weight");
    assert_non_null(t);
    assert_int_equal(t->data[1], 1);
    assert_null(gguf_find_tensor(g, "c.weight"));
    gguf_close(g);
    free(path);
    buf_free(&b);
}

/* --- headers ----------------------------------------------------------- */

static void test_not_a_gguf(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    refused(&b, "empty");
    buf_init(&b, 4096);
    buf_add_str(&b, "GG");
    refused(&b, "not a GGUF");
    buf_init(&b, 4096);
    buf_add_str(&b, "<!DOCTYPE html><title>404</title>");
    refused(&b, "web page");
    buf_init(&b, 4096);
    buf_add_str(&b, "version https://git-lfs.github.com/spec/v1\n");
    refused(&b, "LFS");

    struct gguf *g = NULL;
    struct err e = {0};
    assert_int_equal(gguf_open(&g, folder, &e), -1);
    assert_non_null(strstr(e.text, "folder"));
    assert_int_equal(gguf_open(&g, "/nowhere/m.gguf", &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
}

static void test_header(void **state)
{
    (void)state;
    struct buf b = fresh(0, 0);
    b.data[4] = 1;
    refused(&b, "version 1");
    b = fresh(0, 0);
    memcpy(b.data + 4, "\0\0\0\3", 4);
    refused(&b, "big-endian");
    b = fresh(0, 0);
    buf_cut(&b, 15);
    refused(&b, "header");
    b = fresh(0, UINT64_MAX / 2);
    refused(&b, "metadata keys cannot be");
    b = fresh(0, 1);
    refused(&b, "metadata keys cannot be");
    b = fresh(UINT64_MAX / sizeof(struct gguf_tensor) + 1, 0);
    refused(&b, "tensors cannot be");
    b = fresh(1000, 0);
    w_pad(&b, 512);
    refused(&b, "tensors cannot be");
}

/* --- metadata ---------------------------------------------------------- */

static void test_strings(void **state)
{
    (void)state;
    struct buf b = fresh(0, 1);
    w_bytes(&b, UINT64_MAX, 8); /* + 1 wraps to 0 */
    buf_add_str(&b, "abcdefghijklmnop");
    refused(&b, "inside of its metadata");
    b = fresh(0, 1);
    w_key(&b, "k", W_STRING);
    w_bytes(&b, 1000, 8);
    refused(&b, "inside of the value of k");
    b = fresh(0, 1);
    w_kv_string(&b, "", "x");
    w_pad(&b, 64);
    refused(&b, "key of 0 bytes");
    b = fresh(0, 1);
    w_kv_string(&b, "a\033[2J", "x");
    refused(&b, "control");
    b = fresh(0, 2);
    w_kv_u32(&b, "twice", 1);
    w_kv_u32(&b, "twice", 2);
    refused(&b, "there twice");
}

static void test_values(void **state)
{
    (void)state;
    struct buf b = fresh(0, 1);
    w_key(&b, "k", 13);
    w_bytes(&b, 0, 8);
    refused(&b, "unknown value type 13");
    b = fresh(0, 1);
    w_key(&b, "k", UINT32_MAX);
    w_bytes(&b, 0, 8);
    refused(&b, "unknown value type");
    b = fresh(0, 1);
    w_key(&b, "key", W_BOOL);
    w_bytes(&b, 2, 1);
    refused(&b, "neither true nor false");
    b = fresh(0, 1);
    w_kv_u32(&b, "key", 1);
    buf_cut(&b, b.len - 1);
    refused(&b, "inside of the value of key");
}

static void test_bad_arrays(void **state)
{
    (void)state;
    struct buf b = fresh(0, 1);
    w_kv_array(&b, "k", W_U32, 1ull << 63);
    refused(&b, "inside of the value of k");
    b = fresh(0, 1);
    w_kv_array(&b, "k", W_U64, (1ull << 61) + 1); /* x 8 wraps to 8 */
    w_bytes(&b, 0, 8);
    refused(&b, "inside of the value of k");
    b = fresh(0, 1);
    w_kv_array(&b, "k", W_STRING, 1ull << 62);
    w_pad(&b, 256);
    refused(&b, "inside of the value of k");
    b = fresh(0, 1);
    w_kv_array(&b, "k", W_STRING, 2);
    w_string(&b, "a");
    refused(&b, "inside of the value of k");
    b = fresh(0, 1);
    w_kv_array(&b, "k", W_ARRAY, 1);
    w_bytes(&b, W_U8, 4);
    w_bytes(&b, 0, 8);
    refused(&b, "array of arrays");
    b = fresh(0, 1);
    w_kv_array(&b, "k", 99, 0);
    refused(&b, "unknown value type 99");
}

static void test_alignment(void **state)
{
    (void)state;
    static const uint32_t bad[] = {0, 3, 24, 1u << 31};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct buf b = fresh(0, 1);
        w_kv_u32(&b, "general.alignment", bad[i]);
        refused(&b, "general.alignment");
    }
    struct buf b = fresh(0, 1);
    w_kv_string(&b, "general.alignment", "32");
    refused(&b, "general.alignment");
}

/* --- tensors ----------------------------------------------------------- */

static void test_dimensions(void **state)
{
    (void)state;
    struct buf b = one_tensor(0, 0, 0, 0, 64);
    refused(&b, "dimension 0");
    b = one_tensor(1ull << 33, 1ull << 33, 0, 0, 64);
    refused(&b, "beyond 64 bits");
    b = one_tensor(1ull << 62, 0, 0, 0, 64); /* x 4 wraps to 0 */
    refused(&b, "too large");
    b = one_tensor(33, 1, 2, 0, 64);
    refused(&b, "do not divide");
    for (unsigned n = 0; n <= 5; n += 5) {
        b = fresh(1, 0);
        w_string(&b, "t");
        w_bytes(&b, n, 4);
        w_pad(&b, 128);
        refused(&b, "dimensions (1 to 4");
    }
}

static void test_types(void **state)
{
    (void)state;
    struct buf b = one_tensor(32, 0, 77, 0, 128);
    refused(&b, "unknown type 77");
    b = one_tensor(32, 0, UINT32_MAX, 0, 128);
    refused(&b, "unknown type");
    b = one_tensor(32, 0, 4, 0, 128); /* Q4_2, removed from the format */
    refused(&b, "Q4_2");
    b = one_tensor(256, 0, 16, 0, 128);
    refused(&b, "IQ2_XXS");
}

static void test_offsets(void **state)
{
    (void)state;
    struct buf b = one_tensor(16, 0, 0, 1, 128);
    refused(&b, "alignment");
    b = one_tensor(16, 0, 0, 0, 63);
    refused(&b, "beyond the end");
    b = one_tensor(16, 0, 0, 96, 128);
    refused(&b, "beyond the end");
    b = one_tensor(16, 0, 0, 0 - (uint64_t)32, 128);
    refused(&b, "beyond the end");

    b = fresh(2, 0);
    w_tensor(&b, "a", 16, 0, 0, 0);
    w_tensor(&b, "b", 16, 0, 0, 32);
    w_pad(&b, 256);
    refused(&b, "overlap");
    b = fresh(2, 0);
    w_tensor(&b, "a", 8, 0, 0, 0);
    w_tensor(&b, "a", 8, 0, 0, 32);
    w_pad(&b, 256);
    refused(&b, "there twice");
}

static void test_names(void **state)
{
    (void)state;
    char name[66];
    memset(name, 'n', 65);
    name[65] = '\0';
    struct buf b = fresh(1, 0);
    w_tensor(&b, name, 8, 0, 0, 0);
    w_pad(&b, 256);
    refused(&b, "65 bytes");
    b = fresh(1, 0);
    w_tensor(&b, "", 8, 0, 0, 0);
    w_pad(&b, 256);
    refused(&b, "0 bytes");
}

/* Every prefix of a good file is refused, and none crashes. */
static void test_truncated(void **state)
{
    (void)state;
    struct buf b = good();
    size_t whole = b.len;
    for (size_t n = 1; n < whole; n++) {
        struct buf cut;
        buf_init(&cut, whole);
        buf_add(&cut, b.data, n);
        char *path = w_save(&cut, folder, "m.gguf");
        struct gguf *g = NULL;
        struct err e = {0};
        assert_int_equal(gguf_open(&g, path, &e), -1);
        assert_int_equal(e.code, ERR_FORMAT);
        free(path);
        buf_free(&cut);
    }
    buf_free(&b);
}

/* --- files that change, and split ones --------------------------------- */

static void test_truncated_while_mapped(void **state)
{
    (void)state;
    struct buf b = one_tensor(16384, 0, 0, 0, 65536);
    char *path = w_save(&b, folder, "m.gguf");
    struct gguf *g = NULL;
    struct err e = {0};
    assert_int_equal(gguf_open(&g, path, &e), 0);
    assert_int_equal(gguf_check(g, &e), 0);
    assert_int_equal(truncate(path, 4096), 0);
    const struct gguf_tensor *t = gguf_find_tensor(g, "t");
    unsigned sum = 0;
    for (size_t i = 0; i < t->n_bytes; i += 512)
        sum += t->data[i]; /* would be the end of the program */
    assert_int_equal(gguf_check(g, &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
    assert_non_null(strstr(e.text, "changed"));
    assert_true(sum < 0xffffffff);
    gguf_close(g);
    free(path);
    buf_free(&b);
}

static struct buf split_part(unsigned no, unsigned count, unsigned total)
{
    struct buf b = fresh(1, 3);
    w_kv_u16(&b, "split.no", no);
    w_kv_u16(&b, "split.count", count);
    w_key(&b, "split.tensors.count", W_I32);
    w_bytes(&b, total, 4);
    w_tensor(&b, no == 0 ? "first" : "second", 8, 0, 0, 0);
    w_pad(&b, 32);
    for (int i = 0; i < 32; i++)
        buf_add_char(&b, (char)no);
    return b;
}

static int open_split(unsigned second_no, unsigned total, struct gguf **g,
                      struct err *e)
{
    struct buf a = split_part(0, 2, total), b = split_part(second_no, 2, total);
    char *pa = w_save(&a, folder, "s-00001-of-00002.gguf");
    char *pb = w_save(&b, folder, "s-00002-of-00002.gguf");
    int rc = gguf_open(g, pa, e);
    free(pa);
    free(pb);
    buf_free(&a);
    buf_free(&b);
    return rc;
}

static void test_split(void **state)
{
    (void)state;
    struct gguf *g = NULL;
    struct err e = {0};
    assert_int_equal(open_split(1, 2, &g, &e), 0);
    assert_int_equal(gguf_n_tensors(g), 2);
    assert_int_equal(gguf_find_tensor(g, "second")->data[0], 1);
    gguf_close(g);

    assert_int_equal(open_split(0, 2, &g, &e), -1);
    assert_non_null(strstr(e.text, "is not part 2"));
    assert_int_equal(open_split(1, 3, &g, &e), -1);
    assert_non_null(strstr(e.text, "the first one says 3"));

    char *second = path_join(folder, "s-00002-of-00002.gguf");
    assert_int_equal(gguf_open(&g, second, &e), -1);
    assert_non_null(strstr(e.text, "-00001-of-00002.gguf"));
    unlink(second);
    char *first = path_join(folder, "s-00001-of-00002.gguf");
    assert_int_equal(gguf_open(&g, first, &e), -1);
    assert_non_null(strstr(e.text, "s-00002-of-00002.gguf"));
    free(first);
    free(second);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_tensors),
        cmocka_unit_test(test_not_a_gguf),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bad_arrays),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_dimensions),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_truncated_while_mapped),
        cmocka_unit_test(test_split),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
