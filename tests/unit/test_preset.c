#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/remote/preset.h"
#include "backends/remote/url.h"

static void every_row_can_be_used(void **state)
{
    (void)state;
    size_t i;
    for (i = 0; preset_at(i) != NULL; i++) {
        const struct preset *p = preset_at(i);
        assert_ptr_equal(preset_find(p->name), p); /* no name twice */
        assert_non_null(backend_find(p->type));
        assert_null(url_problem(p->base_url, false));
        assert_true(p->base_url[strlen(p->base_url) - 1] != '/');
        /* Keys travel by https alone. */
        assert_true(p->key_env == NULL || p->base_url[4] == 's');
    }
    assert_true(i > 5);
    assert_null(preset_find("nobody"));
}

static void ollama_host_is_read_as_ollama_does(void **state)
{
    (void)state;
    static const struct {
        const char *host, *url;
    } cases[] = {
        {"", "http://127.0.0.1:11434"},
        {"localhost", "http://localhost:11434"},
        {"127.0.0.1:9", "http://127.0.0.1:9"},
        {":11435", "http://127.0.0.1:11435"},
        {"0.0.0.0", "http://127.0.0.1:11434"},
        {"0.0.0.0:7", "http://127.0.0.1:7"},
        {"[::1]", "http://[::1]:11434"},
        {"[::1]:7", "http://[::1]:7"},
        {"http://127.0.0.1", "http://127.0.0.1"},
        {"https://h.example", "https://h.example"},
        {"https://h.example:5/sub/", "https://h.example:5/sub"},
        {"h.example/sub", "http://h.example:11434/sub"},
        {"h.example:5/v1/", "http://h.example:5/v1"},
    };
    struct buf url;
    buf_init(&url, 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setenv("OLLAMA_HOST", cases[i].host, 1);
        buf_clear(&url);
        preset_url(preset_find("ollama"), &url);
        assert_string_equal(url.data, cases[i].url);
    }
    unsetenv("OLLAMA_HOST");
    setenv("OPENAI_BASE_URL", "https://proxy.example/v1", 1);
    buf_clear(&url);
    preset_url(preset_find("openai"), &url);
    assert_string_equal(url.data, "https://proxy.example/v1");
    unsetenv("OPENAI_BASE_URL");
    buf_free(&url);
}

static void the_key_that_is_set_is_taken(void **state)
{
    (void)state;
    const struct preset *p = preset_find("gemini");
    unsetenv("GOOGLE_API_KEY");
    assert_string_equal(preset_key_env(p), "GEMINI_API_KEY");
    setenv("GOOGLE_API_KEY", "", 1);
    assert_string_equal(preset_key_env(p), "GEMINI_API_KEY");
    setenv("GOOGLE_API_KEY", "k", 1);
    assert_string_equal(preset_key_env(p), "GOOGLE_API_KEY");
    unsetenv("GOOGLE_API_KEY");
    assert_true(preset_has_key_env(p, "GEMINI_API_KEY"));
    assert_true(preset_has_key_env(p, "GOOGLE_API_KEY"));
    assert_false(preset_has_key_env(p, "OPENAI_API_KEY"));
    assert_null(preset_key_env(preset_find("vllm")));
}

static void addresses_are_judged(void **state)
{
    (void)state;
    static const char *const good[] = {
        "https://api.example/v1", "https://h:8443", "http://127.0.0.1:1",
        "http://127.9.9.9/x", "http://localhost:8080/v1", "http://[::1]:8/v1",
        "http://LOCALHOST", "http://0x7f.1/"};
    static const char *const bad[] = {
        "", "h", "file:///etc/passwd", "gopher://h", "https://",
        "https://u@h", "https://u:p@h", "https://h?x=1", "https://h#x",
        "https://h/a b", "https://h/\r\nX: y", "http://example.com",
        "http://127.0.0.1.example.com", "http://localhost.example.com",
        "http://10.0.0.1", "http://127.0.0.1@evil.example", "http://0.0.0.0"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (url_problem(good[i], false) != NULL)
            fail_msg("%s: %s", good[i], url_problem(good[i], false));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (url_problem(bad[i], false) == NULL)
            fail_msg("%s passed", bad[i]);
    assert_null(url_problem("http://10.0.0.1:8000/v1", true));
    assert_non_null(url_problem("http://u@10.0.0.1", true));
    assert_true(url_is_loopback("http://127.0.0.1:80/x"));
    assert_false(url_is_loopback("http://127.0.0.1.example.com"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_can_be_used),
        cmocka_unit_test(ollama_host_is_read_as_ollama_does),
        cmocka_unit_test(the_key_that_is_set_is_taken),
        cmocka_unit_test(addresses_are_judged),
    };
    return TEST_RUN(tests);
}
