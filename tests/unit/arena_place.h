/* arena_place: a folder of a test's own with a config, a script of answers and
 * a store in it, and an arena open on them. */
#ifndef TESTS_UNIT_ARENA_PLACE_H
#define TESTS_UNIT_ARENA_PLACE_H

#include "tests/unit/test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"

struct arena_place {
    char *folder, *config, *script, *db;
    struct arena a;
    struct err e;
};

static inline void place_write(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static inline struct arena_place *place_make(void)
{
    struct arena_place *p = mem_calloc(1, sizeof(*p));
    const char *tmp = getenv("TMPDIR");
    p->folder = mkdtemp(path_join(tmp ? tmp : "/tmp", "arena-test-XXXXXX"));
    assert_non_null(p->folder);
    p->config = path_join(p->folder, "arena.json");
    p->script = path_join(p->folder, "script.json");
    p->db = path_join(p->folder, "arena.db");
    setenv("XDG_CONFIG_HOME", p->folder, 1);
    setenv("XDG_DATA_HOME", p->folder, 1);
    return p;
}

static inline int place_try_open(struct arena_place *p)
{
    struct arena_options o = {.config_path = p->config,
                              .db_path = p->db,
                              .voter = "tester",
                              .seeded = true,
                              .seed = 7};
    p->e = (struct err){.code = ERR_NONE};
    return arena_open(&p->a, &o, &p->e);
}

static inline void place_open(struct arena_place *p)
{
    if (place_try_open(p) != 0)
        fail_msg("%s", p->e.text);
}

static inline void place_must(struct arena_place *p, int result)
{
    if (result != 0)
        fail_msg("%s", p->e.text);
}

static inline void place_remove(struct arena_place *p)
{
    static const char *const names[] = {"arena.json", "script.json", "arena.db",
                                        "arena.db-journal", "arena.db-wal",
                                        "arena.db-shm", "prompts",
                                        "judge.gguf"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = path_join(p->folder, names[i]);
        unlink(path);
        free(path);
    }
    assert_int_equal(rmdir(p->folder), 0);
    free(p->folder);
    free(p->config);
    free(p->script);
    free(p->db);
    free(p);
}

/* The teardown of tests whose state is a place with its arena open. */
static inline int place_end(void **state)
{
    struct arena_place *p = *state;
    arena_close(&p->a);
    place_remove(p);
    return 0;
}

/* Waits for news, for wait_ms at most (-1: until there is some). */
static inline void place_wait(struct arena_place *p, int wait_ms)
{
    struct pollfd fd = {.fd = p->a.wake[0], .events = POLLIN};
    int limit = 20000; /* of a test that hangs */
    int n = poll(&fd, 1, wait_ms < 0 ? limit : wait_ms);
    if (n == 0 && wait_ms < 0)
        fail_msg("no news for %d ms", limit);
    if (n == 1)
        arena_drain_wake(&p->a);
}

#endif
