#include "arena/weights/part.h"

int part_report(const struct part *p, int64_t done, int64_t total,
                struct err *e)
{
    if (p->watch->progress(p->watch->arg, p->what, done, total))
        return 0;
    return err_set(e, ERR_INTERRUPTED, "%s: stopped; pull it again to resume",
                   p->what);
}
