#include "base/container.h"

#include <stdbool.h>
#include <string.h>

#define TABLE "; save it as CSV or JSON lines"
#define ZSTD "zstd data; unpack it with zstd -d"

/* Magic numbers as the formats' documents have them. */
static const struct magic {
    const char *bytes;
    size_t n;
    const char *problem;
} MAGIC[] = {
    {"\x28\xB5\x2F\xFD", 4, ZSTD},
    {"\xFD" "7zXZ\0", 6, "xz data; unpack it with xz -d"},
    {"\x04\x22\x4D\x18", 4, "lz4 data; unpack it with lz4 -d"},
    {"\x1F\x8B", 2, "gzip data within gzip data; unpack it with gzip -d"},
    {"\x1F\x9D", 2, "compress data; unpack it with gzip -d"},
    {"\x5D\0\0", 3, "lzma data; unpack it with xz -d"},
    {"7z\xBC\xAF\x27\x1C", 6, "a 7z archive; unpack it"},
    {"PK\x03\x04", 4, "a zip archive or a spreadsheet (xlsx, ods); unpack it, "
                      "or save it as CSV"},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, "an old spreadsheet or document "
                                            "(xls, doc); save it as CSV"},
    {"ARROW1", 6, "Arrow" TABLE},
    {"\xFF\xFF\xFF\xFF", 4, "binary data, perhaps Arrow" TABLE},
    {"Obj\x01", 4, "Avro" TABLE},
    {"SQLite format 3", 16, "a SQLite database" TABLE},
    {"\x93NUMPY", 6, "a NumPy array" TABLE},
    {"\x89HDF\r\n", 6, "HDF5" TABLE},
    {"\x80\x04\x95", 3, "a Python pickle" TABLE},
    {"%PDF-", 5, "PDF; save its text"},
    {"{\\rtf", 5, "RTF; save it as plain text"},
    {"version https://git-lfs", 23, "a pointer of Git LFS; fetch the file itself "
                                    "with git lfs pull"},
    {"\xFF\xFE\0\0", 4, "UTF-32; convert it to UTF-8"},
    {"\0\0\xFE\xFF", 4, "UTF-32; convert it to UTF-8"},
    {"\xFF\xFE", 2, "UTF-16; convert it to UTF-8"},
    {"\xFE\xFF", 2, "UTF-16; convert it to UTF-8"},
};

/* The same for those that a text may begin with too: there is a control
 * character soon. */
static const struct magic LETTERS[] = {
    {"BZh", 3, "bzip2 data; unpack it with bzip2 -d"},
    {"PAR1", 4, "Parquet" TABLE},
    {"PARE", 4, "encrypted Parquet" TABLE},
    {"FEA1", 4, "Feather" TABLE},
    {"ORC", 3, "ORC" TABLE},
    {"GGUF", 4, "GGUF, a weights file"},
};

static bool has_control(const char *s, size_t n)
{
    for (size_t i = 0; i < n && i < CONTAINER_BYTES; i++)
        if ((unsigned char)s[i] < ' ' && strchr("\t\n\r\f", s[i]) == NULL)
            return true;
    return memchr(s, '\0', n < CONTAINER_BYTES ? n : CONTAINER_BYTES) != NULL;
}

static const char *find_magic(const struct magic *table, size_t n_table,
                              const char *s, size_t n)
{
    for (size_t i = 0; i < n_table; i++)
        if (n >= table[i].n && memcmp(s, table[i].bytes, table[i].n) == 0)
            return table[i].problem;
    return NULL;
}

/* Text of mostly ASCII without a byte order mark: of every `width` bytes the
 * one at `at` alone is not 0. */
static bool is_wide(const char *s, size_t n, size_t width, size_t at)
{
    if (n < 2 * width)
        return false;
    for (size_t i = 0; i + width <= n && i < CONTAINER_BYTES; i++)
        if ((s[i] != '\0') != (i % width == at))
            return false;
    return true;
}

/* A frame of zstd that says nothing may stand before the others. */
static bool is_zstd_skippable(const char *s, size_t n)
{
    return n >= 4 && (s[0] & 0xF0) == 0x50 &&
           memcmp(s + 1, "\x2A\x4D\x18", 3) == 0;
}

const char *container_problem(const char *s, size_t n)
{
    const char *problem = find_magic(MAGIC, sizeof(MAGIC) / sizeof(MAGIC[0]),
                                     s, n);
    if (problem == NULL && has_control(s, n))
        problem = find_magic(LETTERS, sizeof(LETTERS) / sizeof(LETTERS[0]), s,
                             n);
    if (problem != NULL)
        return problem;
    if (is_zstd_skippable(s, n))
        return ZSTD;
    if (is_wide(s, n, 2, 0) || is_wide(s, n, 2, 1))
        return "UTF-16; convert it to UTF-8";
    if (is_wide(s, n, 4, 0) || is_wide(s, n, 4, 3))
        return "UTF-32; convert it to UTF-8";
    return NULL;
}
