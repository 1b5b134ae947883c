/* Any bytes are the finished answers of a model, or one line that says why
 * not. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "arena/run/answerfile.h"
#include "arena/run/prompts.h"

static const char questions[] =
    "{\"question_id\":1,\"turns\":[\"one\",\"two\"]}\n"
    "{\"uid\":\"u1\",\"prompt\":\"three\"}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct prompts asked;
    struct answerfile a;
    struct err e = {.code = ERR_NONE};
    if (size == 0 ||
        prompts_parse(&asked, questions, strlen(questions), "questions",
                      PROMPTS_JSONL, &e) != 0)
        return 0;
    int fd = fuzz_file(data + 1, size - 1, path);
    if (answerfile_read(&a, path, data[0] % 2 ? &asked : NULL, &e) == 0) {
        FUZZ_CHECK(a.n > 0);
        for (size_t i = 0; i < a.n; i++)
            for (size_t k = 0; k < a.list[i].prompt->n_turns; k++)
                FUZZ_CHECK(a.list[i].texts[k][0] != '\0');
        answerfile_free(&a);
    } else {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
        FUZZ_CHECK(strchr(e.text, '\n') == NULL);
    }
    close(fd);
    prompts_free(&asked);
    return 0;
}
