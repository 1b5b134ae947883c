#include "arena/blind/family.h"

#include <string.h>

#include "arena/blind/leak.h"
#include "base/path.h"

const char *family_of(const struct config *config, const char *name)
{
    for (size_t i = 0; config != NULL && i < config->n_models; i++) {
        const struct model *m = &config->models[i];
        if (strcmp(m->name, name) != 0)
            continue;
        const char *file = m->file_name ? path_name(m->file_name) : NULL;
        const char *family = leak_family(file);
        family = family ? family : leak_family(m->id);
        if (family != NULL)
            return family;
    }
    return leak_family(name);
}

bool family_is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}
