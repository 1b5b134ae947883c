/* The command line of what was done on a screen, to be put into a script. */
#include <string.h>

#include "tui/shell.h"
#include "tui/widgets/ui.h"

#define COMMAND_BYTES (4u << 20)

void ui_copy_command(struct ui *ui)
{
    const struct ui_layer *layer = &ui->stack[ui->n_stack - 1];
    const struct arena_options *options = &ui->in->options;
    struct buf line;
    buf_init(&line, COMMAND_BYTES);
    buf_add_str(&line, "arena");
    shell_add_option(&line, "--config", options->config_path);
    shell_add_option(&line, "--db", options->db_path);
    buf_add_char(&line, ' ');
    size_t verb = line.len;
    if (layer->screen->command != NULL)
        layer->screen->command(layer->self, &line);
    if (line.len == verb) {
        ui_say(ui, STYLE_NORMAL, "No command line does the same.");
    } else {
        ui_copy(ui, "the command", line.data, line.len);
        ui_say(ui, STYLE_NORMAL, "arena %s%s",
               verb > strlen("arena ") ? "[its files] " : "",
               line.data + verb);
    }
    buf_free(&line);
}
