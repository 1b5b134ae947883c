#include "arena/judge/kin.h"

#include <string.h>

#include "arena/blind/family.h"

int kin_warn(struct arena *a, size_t judge, int64_t run_id, struct buf *out,
             struct err *e)
{
    const char *name = a->config.models[judge].name;
    const char *family = family_of(&a->config, name);
    const char *kin = NULL;
    char **names;
    size_t n;
    bool itself = false;
    if (store_list_run_models(a->store, run_id, &names, &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const char *other = family_of(&a->config, names[i]);
        bool same = strcmp(names[i], name) == 0;
        itself |= same;
        if (!same && family_is_same(family, other))
            kin = names[i];
    }
    if (itself)
        buf_addf(out, "%s is also judged here: it may prefer its own answers",
                 name);
    else if (kin != NULL)
        buf_addf(out, "%s is of the family of %s (%s): it may prefer its kind",
                 name, kin, family);
    store_free_names(names, n);
    return 0;
}
