/* Any bytes are a battle log, or one line that says why not; every row is a
 * vote, no vote, or rejected with a reason. */
#include "tests/fuzz/fuzz.h"

#include "arena/votelog/votelog.h"

static int take(void *arg, int part, const struct votelog_vote *v, size_t n,
                const float *x, const struct votelog_battle *battles)
{
    (void)battles;
    uint64_t *count = arg;
    (void)part;
    (void)x;
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(v[i].a != v[i].b);
    *count += n;
    return 0;
}

static void forget(void *arg, int part)
{
    uint64_t *count = arg;
    (void)part;
    *count = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    uint64_t count = 0;
    struct votelog log;
    struct err e = {.code = ERR_NONE};
    struct votelog_options o = {.form = VOTELOG_AUTO, .voters = true,
                                .features = true, .n_threads = 1};
    struct votelog_sink sink = {&count, take, forget};
    int fd = fuzz_file(data, size, path);
    if (votelog_read(&log, path, &o, &sink, &e) == 0)
        FUZZ_CHECK(count == log.n_votes);
    else
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
    votelog_free(&log);
    close(fd);
    return 0;
}
