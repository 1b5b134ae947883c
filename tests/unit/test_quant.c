/* Every tensor type against the floats that its blocks stand for, to the last
 * bit, straight from the blocks and through the packed layout. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/kernels/half.h"
#include "backends/engine/kernels/matrix.h"
#include "backends/engine/kernels/quant.h"
#include "base/json.h"
#include "base/mem.h"

/* tests/engine/dequant.json: for each type raw blocks and their floats. */
static cJSON *read_reference(void)
{
    struct buf text;
    struct err e = {0};
    buf_init(&text, 1 << 20);
    assert_int_equal(buf_read_file(&text, "tests/engine/dequant.json"), 0);
    cJSON *root = json_parse(text.data, text.len, text.len, "dequant", &e);
    assert_non_null(root);
    buf_free(&text);
    return root;
}

static unsigned char *bytes_of(const char *hex, size_t *n)
{
    *n = strlen(hex) / 2;
    unsigned char *p = mem_calloc(*n, 1);
    for (size_t i = 0; i < *n; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        p[i] = (unsigned char)strtoul(two, NULL, 16);
    }
    return p;
}

/* Equal bits; of not-a-numbers any will do. */
static void assert_floats_equal(const float *a, const float *b, size_t n,
                                const char *what)
{
    for (size_t i = 0; i < n; i++) {
        if (isnan(a[i]) && isnan(b[i]))
            continue;
        if (bits_of_float(a[i]) != bits_of_float(b[i]))
            fail_msg("%s: number %zu is %.9g, not %.9g", what, i,
                     (double)a[i], (double)b[i]);
    }
}

static void test_floats(void **state)
{
    (void)state;
    cJSON *root = read_reference();
    const cJSON *types = json_get(root, "types"), *t;
    int n_types = 0;
    cJSON_ArrayForEach(t, types)
    {
        size_t raw_bytes, float_bytes;
        unsigned char *raw = bytes_of(json_get_string(t, "raw_hex", ""),
                                      &raw_bytes);
        unsigned char *want = bytes_of(json_get_string(t, "f32_hex", ""),
                                       &float_bytes);
        size_t n = float_bytes / sizeof(float);
        float *expected = mem_calloc(n, sizeof(float));
        float *got = mem_calloc(n, sizeof(float));
        memcpy(expected, want, float_bytes);
        quant_to_float((uint32_t)json_get_number(t, "type", -1), raw, got, n);
        assert_floats_equal(got, expected, n, t->string);
        n_types++;
        free(raw);
        free(want);
        free(expected);
        free(got);
    }
    assert_int_equal(n_types, 14);
    cJSON_Delete(root);
}

/* The same blocks as rows of a matrix: 20 rows are one whole panel and a part,
 * every row begins at another block. */
static void test_packed(void **state)
{
    (void)state;
    cJSON *root = read_reference();
    const cJSON *types = json_get(root, "types"), *t;
    enum { ROWS = 20, COLS = 512 };
    cJSON_ArrayForEach(t, types)
    {
        uint32_t type = (uint32_t)json_get_number(t, "type", -1);
        const struct quant_type *q = quant_type(type);
        if (q == NULL)
            continue;
        size_t n;
        unsigned char *raw = bytes_of(json_get_string(t, "raw_hex", ""), &n);
        size_t size = (size_t)q->block_bytes, n_blocks = n / size;
        size_t per_row = (size_t)(COLS / q->block);
        unsigned char *rows = mem_calloc(ROWS * per_row, size);
        for (size_t i = 0; i < ROWS * per_row; i++)
            memcpy(rows + i * size, raw + (i + i / per_row) % n_blocks * size,
                   size);
        struct matrix m;
        matrix_describe(&m, type, ROWS, COLS);
        unsigned char *packed = mem_try_aligned(matrix_packed_bytes(&m), 1);
        assert_non_null(packed);
        matrix_pack(&m, rows, packed, 0, 1);
        matrix_pack(&m, rows, packed, 1, 2);
        m.data = packed;
        for (int r = 0; r < ROWS; r++) {
            float want[COLS], got[COLS];
            quant_to_float(type, rows + (size_t)r * per_row * size, want,
                           COLS);
            matrix_row(&m, r, got);
            assert_floats_equal(got, want, COLS, t->string);
        }
        free(packed);
        free(rows);
        free(raw);
    }
    cJSON_Delete(root);
}

/* Every half there is survives the way to a float and back. */
static void test_halves(void **state)
{
    (void)state;
    for (uint32_t h = 0; h <= 0xffff; h++) {
        float f = float_of_half((uint16_t)h);
        if (isnan(f))
            continue;
        assert_int_equal(half_of_float(f), h);
    }
    assert_int_equal(half_of_float(65519.0f), 0x7bff); /* rounds down */
    assert_int_equal(half_of_float(65520.0f), 0x7c00); /* to infinity */
    assert_int_equal(half_of_float(1.0f + 0x1p-11f), 0x3c00); /* to even */
    assert_int_equal(half_of_float(1.0f + 0x1.8p-10f), 0x3c02);
    assert_int_equal(half_of_float(0x1p-25f), 0);
    assert_int_equal(half_of_float(0x1.8p-25f), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_halves),
    };
    return TEST_RUN(tests);
}
