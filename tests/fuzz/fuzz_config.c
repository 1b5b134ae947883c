/* Any bytes are a config, or one line that says why not. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "arena/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config c;
    struct err e = {.code = ERR_NONE};
    bool foreign = size > 0 && (data[0] & 1) != 0;
    if (config_parse(&c, (const char *)data, size, "fuzz.json", foreign,
                     &e) == 0) {
        for (size_t i = 0; i < c.n_models; i++) {
            FUZZ_CHECK(c.models[i].name != NULL && c.models[i].name[0] != 0);
            FUZZ_CHECK(c.models[i].backend != NULL);
            FUZZ_CHECK(config_model(&c, c.models[i].name) == &c.models[i]);
            FUZZ_CHECK(!foreign || c.models[i].key_command == NULL);
        }
        config_free(&c);
    } else {
        FUZZ_CHECK(e.code != ERR_NONE && e.text[0] != '\0');
    }
    return 0;
}
