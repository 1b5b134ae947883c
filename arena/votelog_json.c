#include "arena/votelog_private.h"
int votelog_json_rows(struct votelog_part *p, struct err *e)
{
    (void)p;
    return err_set(e, ERR_FORMAT, "json");
}
