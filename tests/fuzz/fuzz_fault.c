/* A server's error body, and its JSON after repair: any bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backends/remote/fault.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fault f;
    static const char key[] = "sk-fuzz-0123456789";
    fault_read(&f, (const char *)data, size, key);
    if (!utf8_valid(f.message, strlen(f.message)) ||
        strpbrk(f.message, "\r\n\x1B") != NULL)
        abort();
    cJSON *tree = json_parse_repaired((const char *)data, size, 1 << 20, "f",
                                      NULL);
    if (tree != NULL && fault_in(&f, tree, key) && fault_status(&f) > 599)
        abort();
    cJSON_Delete(tree);
    return 0;
}
