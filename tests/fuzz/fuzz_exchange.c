/* Any bytes are a file of one of the forms that are imported, or one line that
 * says why not; each row of it is stored, or rejected with a reason.  What was
 * stored is whole, and goes out and in again without a loss. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "arena/exchange/exchange.h"
#include "arena/exchange/foreign.h"
#include "arena/run/prompts.h"
#include "base/buf.h"

#define INPUTS_A_STORE 50
#define MAX_TEXT_BYTES ((size_t)1 << 28)

static const char questions[] =
    "{\"question_id\":1,\"turns\":[\"one\",\"two\"]}\n"
    "{\"uid\":\"u1\",\"prompt\":\"three\"}\n";

/* In memory, as its fsyncs are many. */
static struct store *open_store(char path[64], const char *name)
{
    struct store *s;
    struct err e;
    const struct elo_params elo = elo_defaults();
    snprintf(path, 64, "/dev/shm/arena-fuzz-%d-%s", (int)getpid(), name);
    unlink(path);
    if (store_open(&s, path, &elo, &e) != 0) {
        fprintf(stderr, "%s\n", e.text);
        abort();
    }
    return s;
}

static void close_store(struct store *s, const char *path)
{
    store_close(s);
    unlink(path);
}

static void take_reject(void *arg, uint64_t line, const char *why)
{
    (void)arg;
    FUZZ_CHECK(line > 0 && why[0] != '\0' && strchr(why, '\n') == NULL);
}

static uint64_t import(struct store *s, const char *form, const uint8_t *data,
                       size_t n, const struct import_source *from)
{
    char path[64];
    struct err e = {.code = ERR_NONE};
    struct exchange_report report = {.reject = take_reject};
    int fd = fuzz_file(data, n, path);
    if (exchange_import(s, exchange_find(form, NULL), path, from, &report,
                        &e) != 0) {
        FUZZ_CHECK(e.code != ERR_NONE && e.code != ERR_DB);
        FUZZ_CHECK(strchr(e.text, '\n') == NULL);
    }
    close(fd);
    return report.n_rejected;
}

static int keep(void *arg, const char *bytes, size_t n, struct err *e)
{
    (void)e;
    buf_add(arg, bytes, n);
    return 0;
}

static void export(struct store *s, const struct exchange_form *form,
                   struct buf *out)
{
    struct err e;
    struct exchange_counts counts;
    const struct exchange_options o = {.ties = form->takes_ties,
                                       .conversational = form->takes_talks};
    buf_init(out, MAX_TEXT_BYTES);
    if (exchange_export(s, form, &o, keep, out, &counts, &e) != 0)
        FUZZ_CHECK(e.code == ERR_USAGE &&
                   (form->battle == NULL && form->vote == NULL));
}

static void tell(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static void check(struct store *s)
{
    struct buf first, second;
    char path[64];
    struct err e;
    size_t n_problems = 0, i = 0;
    const struct exchange_form *form;
    FUZZ_CHECK(store_check(s, tell, NULL, &n_problems, &e) == 0);
    FUZZ_CHECK(n_problems == 0);
    for (; (form = exchange_at(i)) != NULL; i++) {
        export(s, form, &first);
        buf_free(&first);
    }
    struct store *copy = open_store(path, "copy");
    const struct import_source nothing = {.questions = NULL};
    export(s, exchange_find("jsonl", NULL), &first);
    FUZZ_CHECK(import(copy, "jsonl", (const uint8_t *)first.data, first.len,
                      &nothing) == 0);
    export(copy, exchange_find("jsonl", NULL), &second);
    FUZZ_CHECK(first.len == second.len &&
               memcmp(first.data, second.data, first.len) == 0);
    buf_free(&first);
    buf_free(&second);
    close_store(copy, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const forms[] = {"jsonl",    "csv",      "lmarena",
                                        "alpaca_eval", "mt_bench",
                                        "arena_hard",  "open_webui"};
    static struct store *s;
    static char path[64];
    static int n_inputs;
    struct prompts asked;
    struct err e;
    if (size == 0 ||
        prompts_parse(&asked, questions, strlen(questions), "questions",
                      PROMPTS_JSONL, &e) != 0)
        return 0;
    if (s == NULL)
        s = open_store(path, "db");
    const struct foreign *of = exchange_find(forms[data[0] % 7], NULL)->foreign;
    bool by_ids = of != NULL && of->prompt == NULL;
    bool takes_baseline = of != NULL && of->takes_baseline;
    const struct import_source from = {
        .questions = by_ids && data[0] / 7 % 2 ? &asked : NULL,
        .baseline = takes_baseline && data[0] / 14 % 2 ? "base" : NULL};
    import(s, forms[data[0] % 7], data + 1, size - 1, &from);
    prompts_free(&asked);
    if (++n_inputs % INPUTS_A_STORE == 0) {
        check(s);
        close_store(s, path);
        s = NULL;
    }
    return 0;
}
