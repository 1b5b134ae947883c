/* Any bytes are prompts, or one line that says why not. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "arena/run/prompts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"fuzz", "f.txt", "f.csv", "f.jsonl.gz",
                                        "f.yaml"};
    struct prompts p;
    struct err e = {.code = ERR_NONE};
    struct buf text;
    if (size == 0)
        return 0;
    enum prompts_format format = (enum prompts_format)(data[0] % 4);
    const char *name = names[data[0] / 4 % 5];
    buf_init(&text, 1 << 20);
    if (prompts_parse(&p, (const char *)data + 1, size - 1, name, format,
                      &e) == 0) {
        FUZZ_CHECK(p.n > 0 && p.format != PROMPTS_AUTO);
        for (size_t i = 0; i < p.n; i++) {
            FUZZ_CHECK(p.list[i].n_turns > 0 && p.list[i].category != NULL);
            prompt_add_text(&p.list[i], &text);
        }
        FUZZ_CHECK(text.len > 0);
        prompts_free(&p);
    } else {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
        FUZZ_CHECK(strchr(e.text, '\n') == NULL);
    }
    buf_free(&text);
    return 0;
}
