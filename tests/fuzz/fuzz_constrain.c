/* A schema and bytes that try to follow it: what is allowed and ends is JSON,
 * and asking changes nothing.  The schema ends in NUL. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/engine/sampling/constrain.h"
#include "base/json.h"
#include "base/utf8.h"

#define MAX_ANSWER 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *schema = (const char *)data;
    size_t n = 0;
    while (n < size && data[n] != 0)
        n++;
    struct constraint *c;
    struct err e = {.code = ERR_NONE};
    if (constraint_open_schema(&c, schema, n, &e) != 0) {
        FUZZ_CHECK(e.code == ERR_FORMAT && e.text[0] != '\0');
        return 0;
    }
    struct buf answer;
    buf_init(&answer, MAX_ANSWER);
    for (size_t i = n + 1; i < size && !constraint_must_end(c); i++) {
        const char *byte = (const char *)data + i;
        bool allowed = constraint_allows(c, byte, 1);
        FUZZ_CHECK(allowed == constraint_allows(c, byte, 1));
        if (!allowed)
            continue;
        constraint_accept(c, byte, 1);
        buf_add(&answer, byte, 1);
    }
    if (constraint_may_end(c) && !answer.overflow) {
        cJSON *tree = cJSON_ParseWithLength(answer.data, answer.len);
        FUZZ_CHECK(utf8_valid(answer.data, answer.len));
        FUZZ_CHECK(tree != NULL);
        cJSON_Delete(tree);
    }
    buf_free(&answer);
    constraint_close(c);
    return 0;
}
