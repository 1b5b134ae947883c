/* What a first run finds: weights in a scratch data folder, and a server on
 * loopback that OLLAMA_HOST points to.  (Other servers that really run on this
 * machine may be found too; nothing here depends on there being none.) */
#include "test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arena/config/config.h"
#include "arena/config/offer.h"
#include "arena/config/probe.h"
#include "base/path.h"
#include "base/tree.h"

static char *home; /* XDG_DATA_HOME */

/* A server that answers each connection with the same bytes. */
struct server {
    int fd;
    const char *body;
    pthread_t thread;
};

static void *serve(void *arg)
{
    struct server *s = arg;
    int fd;
    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        char bytes[4096];
        ssize_t n = read(fd, bytes, sizeof(bytes));
        dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
                "Connection: close\r\n\r\n%s", strlen(s->body), s->body);
        (void)n;
        close(fd);
    }
    return NULL;
}

static void server_start(struct server *s, const char *body)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t n = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->body = body;
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&address, n), 0);
    assert_int_equal(listen(s->fd, 8), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&address, &n), 0);
    char host[64];
    snprintf(host, sizeof(host), "127.0.0.1:%d", ntohs(address.sin_port));
    setenv("OLLAMA_HOST", host, 1);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    setenv("OLLAMA_HOST", "127.0.0.1:1", 1);
}

static void put_weights(const char *name, off_t size)
{
    char *path = path_join(home, "arena/weights");
    struct err e;
    assert_int_equal(path_make_folder(path, &e), 0);
    char *file = path_join(path, name);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_int_equal(ftruncate(fileno(f), size), 0); /* sparse */
    fclose(f);
    free(file);
    free(path);
}

static int clear(void **state)
{
    (void)state;
    setenv("OLLAMA_HOST", "127.0.0.1:1", 1);
    unsetenv("OPENAI_API_KEY");
    unsetenv("ANTHROPIC_API_KEY");
    unsetenv("GOOGLE_API_KEY");
    unsetenv("GEMINI_API_KEY");
    unsetenv("GROQ_API_KEY");
    return tree_remove(home, NULL);
}

static bool offers(const struct offer *o, const char *part)
{
    for (size_t i = 0; i < o->n_models; i++)
        if (strstr(o->models[i], part) != NULL)
            return true;
    return false;
}

/* The limit of an answer in the offered config. */
static int limit_of(const struct offer *o)
{
    struct buf text;
    struct config c;
    buf_init(&text, 1 << 20);
    offer_config(o, &text);
    assert_int_equal(config_parse(&c, text.data, text.len, "offered", false,
                                  NULL), 0);
    int limit = c.max_tokens;
    config_free(&c);
    buf_free(&text);
    return limit;
}

/* The offered text is a config that loads, with as many models. */
static void check_config(const struct offer *o)
{
    struct buf text;
    struct config c;
    struct err e = {0};
    buf_init(&text, 1 << 20);
    offer_config(o, &text);
    if (config_parse(&c, text.data, text.len, "offered", false, &e) != 0)
        fail_msg("%s\n%s", e.text, text.data);
    assert_int_equal(c.n_models, o->n_models);
    config_free(&c);
    buf_free(&text);
}

static void default_weights_make_four_models(void **state)
{
    struct offer o;
    (void)state;
    put_weights("SmolLM2-135M-Instruct.Q4_1.gguf", 98362432);
    put_weights("gemma-3-270m-q4_k_m.gguf", 253113024);
    setenv("OPENAI_API_KEY", "secret-of-the-test", 1);
    setenv("ANTHROPIC_API_KEY", "secret-of-the-test", 1);
    setenv("GOOGLE_API_KEY", "secret-of-the-test", 1);
    setenv("GEMINI_API_KEY", "secret-of-the-test", 1);
    setenv("GROQ_API_KEY", "", 1);
    offer_find(&o);
    assert_true(o.n_models >= 4);
    assert_true(offers(&o, "\"smollm2-135m\""));
    assert_true(offers(&o, "\"smollm2-135m-cold\""));
    assert_true(offers(&o, "\"smollm2-135m-terse\""));
    assert_true(offers(&o, "\"gemma3-270m-base\""));
    check_config(&o);
    struct buf text;
    buf_init(&text, 1 << 16);
    offer_describe(&o, &text);
    assert_non_null(strstr(text.data, "2 weights files"));
    assert_non_null(strstr(text.data, "OPENAI_API_KEY is set"));
    assert_non_null(strstr(text.data, "anthropic     ANTHROPIC_API_KEY is set"));
    assert_non_null(strstr(text.data, "add NAME backend=anthropic takes"));
    /* The one that Google's own clients take, once. */
    const char *google = strstr(text.data, "GOOGLE_API_KEY is set");
    assert_non_null(google);
    assert_null(strstr(google + 1, "GOOGLE_API_KEY"));
    assert_null(strstr(text.data, "GEMINI_API_KEY"));
    assert_null(strstr(text.data, "GROQ_API_KEY"));
    assert_null(strstr(text.data, "secret-of-the-test"));
    offer_config(&o, &text);
    assert_null(strstr(text.data, "secret-of-the-test"));
    buf_free(&text);
    offer_free(&o);
}

static void one_file_is_enough(void **state)
{
    struct offer o;
    (void)state;
    put_weights("My Model (v2).gguf", 100);
    put_weights("half.gguf.part", 100);
    offer_find(&o);
    assert_true(o.n_models >= 2);
    assert_true(offers(&o, "\"my-model--v2-\""));
    assert_true(offers(&o, "\"my-model--v2--cold\""));
    assert_false(offers(&o, "half"));
    check_config(&o);
    offer_free(&o);
}

/* A default file of the wrong size is not the one that is known. */
static void half_a_default_is_not_offered_as_whole(void **state)
{
    struct offer o;
    (void)state;
    put_weights("SmolLM2-135M-Instruct.Q4_1.gguf", 1000);
    offer_find(&o);
    assert_false(offers(&o, "smollm2-135m-terse"));
    offer_free(&o);
}

static void a_server_is_found(void **state)
{
    struct server s;
    struct offer o;
    (void)state;
    server_start(&s, "{\"object\":\"list\",\"data\":[{\"id\":\"qwen3:8b\"},"
                     "{\"id\":\"nomic-embed-text\"},{\"id\":\"a/b\\\"c\"},"
                     "{\"id\":7},null]}");
    offer_find(&o);
    server_stop(&s);
    assert_true(offers(&o, "\"name\": \"qwen3:8b\", \"backend\": \"ollama\", "
                           "\"id\": \"qwen3:8b\""));
    assert_true(offers(&o, "\"id\": \"a/b\\\"c\""));
    assert_false(offers(&o, "embed"));
    assert_non_null(strstr(o.found.data, "Ollama"));
    assert_non_null(strstr(o.found.data, "2 models"));
    check_config(&o);
    assert_int_equal(limit_of(&o), 4096); /* as they may think first */
    offer_free(&o);
}

/* A config with a control character or an empty name is refused; one bad id
 * must not spoil what is written. */
static void strange_ids_spoil_no_config(void **state)
{
    struct server s;
    struct offer o;
    struct config c;
    struct err e = {0};
    (void)state;
    server_start(&s, "{\"data\":[{\"id\":\"a\\u0007b\"},{\"id\":\"good\"},"
                     "{\"id\":\"c\\u007f\"},{\"id\":\"dir/\"}]}");
    offer_find(&o);
    server_stop(&s);
    char *path = path_join(home, "strange/arena.json");
    if (offer_write(&o, path, &e) != 0 ||
        config_load(&c, path, false, &e) != 0)
        fail_msg("%s", e.text);
    assert_non_null(config_model(&c, "good"));
    assert_non_null(config_model(&c, "dir-"));
    config_free(&c);
    free(path);
    offer_free(&o);
}

static void other_answers_are_no_server(void **state)
{
    static const char *const bodies[] = {
        "<html>hello</html>", "{}", "[]", "{\"data\":{}}", "{\"data\":[]}",
        "{\"data\":[{\"id\":\"\"}]}", "{\"data\":[{\"id\":\"x\"}",
        "{\"data\":[{\"id\":\"\xff\xfe\"}]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct server s;
        struct probe p;
        server_start(&s, bodies[i]);
        probe_servers(&p);
        server_stop(&s);
        for (size_t k = 0; k < p.n; k++)
            assert_string_not_equal(p.servers[k].preset, "ollama");
        probe_free(&p);
    }
}

static void an_offer_is_written_once(void **state)
{
    struct offer o;
    struct err e = {0};
    (void)state;
    put_weights("one.gguf", 10);
    offer_find(&o);
    char *path = path_join(home, "new/folder/arena.json");
    assert_int_equal(offer_write(&o, path, &e), 0);
    struct config c;
    assert_int_equal(config_load(&c, path, false, &e), 0);
    assert_true(c.n_models >= 2);
    assert_non_null(config_model(&c, "one"));
    config_free(&c);
    assert_int_equal(offer_write(&o, path, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "exists already"));
    free(path);
    offer_free(&o);
}

static void nothing_found_says_what_to_do(void **state)
{
    struct offer o = {0};
    struct err e = {0};
    struct buf text;
    (void)state;
    buf_init(&o.found, 1);
    buf_init(&text, 1 << 16);
    offer_describe(&o, &text);
    assert_non_null(strstr(text.data, "arena models pull --default"));
    assert_non_null(strstr(text.data, "arena demo"));
    assert_int_equal(offer_write(&o, "/nonexistent/arena.json", &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "arena demo"));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(default_weights_make_four_models, clear),
        cmocka_unit_test_setup(one_file_is_enough, clear),
        cmocka_unit_test_setup(half_a_default_is_not_offered_as_whole, clear),
        cmocka_unit_test_setup(a_server_is_found, clear),
        cmocka_unit_test_setup(strange_ids_spoil_no_config, clear),
        cmocka_unit_test_setup(other_answers_are_no_server, clear),
        cmocka_unit_test_setup_teardown(an_offer_is_written_once, clear,
                                        clear),
        cmocka_unit_test(nothing_found_says_what_to_do),
    };
    char name[64];
    snprintf(name, sizeof(name), "test_offer.%d", (int)getpid());
    const char *tmp = getenv("TMPDIR");
    home = path_join(tmp ? tmp : "/tmp", name);
    setenv("XDG_DATA_HOME", home, 1);
    int result = TEST_RUN(tests);
    free(home);
    return result;
}
