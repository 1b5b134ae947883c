/* config_place: a folder of a test's own, which is the current one and where
 * the config of the user is looked for. */
#ifndef TESTS_UNIT_CONFIG_PLACE_H
#define TESTS_UNIT_CONFIG_PLACE_H

#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena/config/config.h"
#include "tests/unit/folder.h"

static inline int make_folder(void **state)
{
    (void)state;
    if (folder_make("arena-config") != 0 || chdir(folder) != 0)
        return -1;
    setenv("XDG_CONFIG_HOME", folder, 1);
    setenv("XDG_DATA_HOME", folder, 1);
    unsetenv("OLLAMA_HOST");
    unsetenv("OPENAI_BASE_URL");
    return 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    static const char *const left[] = {"arena.json", "here.gguf", "real.json",
                                       "arena/arena.json", "arena"};
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
        remove(left[i]);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static inline void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

#endif
