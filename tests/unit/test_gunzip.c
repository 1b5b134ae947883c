/* Tests of base/gunzip and base/container: packed files, and others that are no
 * text. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/container.h"
#include "base/gunzip.h"

/* printf 'hello\n' | gzip -n */
static const char HELLO[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7"
    "\x02\x00\x20\x30\x3a\x36\x06\x00\x00\x00";
enum { N_HELLO = sizeof(HELLO) - 1 };

/* Unpacks; a byte at a time, some of it from a pipe. */
static long unpack(const char *s, size_t n, size_t n_first, struct buf *out,
                   struct err *e)
{
    struct gunzip *g;
    int ends[2];
    long got;
    char byte;
    assert_true(gunzip_is(s, n));
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], s + n_first, n - n_first), n - n_first);
    close(ends[1]);
    assert_int_equal(gunzip_open(&g, ends[0], s, n_first, e), 0);
    while ((got = gunzip_read(g, &byte, 1, e)) > 0)
        buf_add_char(out, byte);
    gunzip_close(g);
    close(ends[0]);
    return got;
}

static void members_are_joined(void **state)
{
    (void)state;
    char two[2 * N_HELLO + 3] = {0}; /* zeros behind */
    memcpy(two, HELLO, N_HELLO);
    memcpy(two + N_HELLO, HELLO, N_HELLO);
    for (size_t n_first = 3; n_first <= sizeof(two); n_first++) {
        struct buf out;
        struct err e;
        buf_init(&out, 100);
        assert_int_equal(unpack(two, sizeof(two), n_first, &out, &e), 0);
        assert_string_equal(out.data, "hello\nhello\n");
        buf_free(&out);
    }
}

static void damage_is_told(void **state)
{
    (void)state;
    struct buf out;
    struct err e;
    char bytes[N_HELLO + 1];
    buf_init(&out, 100);
    for (size_t n = 3; n < N_HELLO; n++) {
        assert_int_equal(unpack(HELLO, n, 3, &out, &e), -1);
        assert_string_equal(e.text, "the packed data end too early");
    }
    memcpy(bytes, HELLO, N_HELLO);
    bytes[N_HELLO] = 'x';
    assert_int_equal(unpack(bytes, sizeof(bytes), 5, &out, &e), -1);
    assert_non_null(strstr(e.text, "gzip did not pack"));
    bytes[N_HELLO - 5] ^= 1; /* of the checksum */
    assert_int_equal(unpack(bytes, N_HELLO, 5, &out, &e), -1);
    assert_string_equal(e.text, "the packed data are damaged");
    buf_free(&out);
}

static void others_are_named(void **state)
{
    (void)state;
    const struct {
        const char *bytes;
        size_t n;
        const char *says; /* NULL: nothing */
    } cases[] = {
        {"PAR1\x15\0\0\0", 8, "Parquet"},
        {"PAR1 is a word", 14, NULL},
        {"ORCs are green", 14, NULL},
        {"BZh91AY&SY\x01", 11, "bzip2"},
        {"\x28\xB5\x2F\xFD\x04", 5, "zstd"},
        {"\xFD" "7zXZ\0", 6, "xz"},
        {"PK\x03\x04", 4, "zip"},
        {"\xFF\xFEm\0", 4, "UTF-16"},
        {"\xFF\xFE\0\0m\0\0\0", 8, "UTF-32"},
        {"m\0\0\0o\0\0\0", 8, "UTF-32"},
        {"\0\0\0m\0\0\0o", 8, "UTF-32"},
        {"\x50\x2A\x4D\x18", 4, "zstd"},
        {"\x1F\x8B\x08", 3, "gzip data within"},
        {"version https://git-lfs.github.com/spec/v1\n", 43, "Git LFS"},
        {"{\\rtf1", 6, "RTF"},
        {"m\0o\0d\0", 6, "UTF-16"},
        {"\0m\0o\0d", 6, "UTF-16"},
        {"model_a,model_b", 15, NULL},
        {"a\0\0b", 4, NULL},
        {"", 0, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *says = container_problem(cases[i].bytes, cases[i].n);
        if (cases[i].says == NULL ? says != NULL
                                  : says == NULL ||
                                        strstr(says, cases[i].says) == NULL)
            fail_msg("%zu: %s", i, says == NULL ? "nothing" : says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_joined),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(others_are_named),
    };
    return TEST_RUN(tests);
}
