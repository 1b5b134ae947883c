#include "tui/screens/chances.h"

#include "tui/print/chances.h"

void chances_toggle(struct ui *ui, struct panes *p, const char *const line[2])
{
    struct buf said[2];
    bool any = p->pane[0].tints.n + p->pane[1].tints.n > 0;
    bool tinted = any && !p->pane[0].tinted;
    for (int i = 0; i < 2; i++) {
        p->pane[i].tinted = tinted;
        buf_init(&said[i], 128);
        chances_describe(line[i], &said[i]);
    }
    if (tinted)
        ui_say(ui, STYLE_NORMAL, "Improbable: A %s; B %s.", said[0].data,
               said[1].data);
    else if (!any)
        ui_say(ui, STYLE_NORMAL,
               "How probable the tokens were is not known: local models tell "
               "it, and servers with \"logprobs\".");
    for (int i = 0; i < 2; i++)
        buf_free(&said[i]);
}
