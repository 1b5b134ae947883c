/* The command line of what was done on a screen, to be put into a script. */
#include <string.h>

#include "tui/widgets/ui.h"

#define COMMAND_BYTES (4u << 20)
#define PLAIN                                                                  \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,"

void ui_add_word(struct buf *out, const char *word)
{
    if (word[0] != '\0' && word[strspn(word, PLAIN)] == '\0') {
        buf_add_str(out, word);
        return;
    }
    buf_add_char(out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            buf_add_str(out, "'\\''");
        else
            buf_add_char(out, *word);
    }
    buf_add_char(out, '\'');
}

static void add_option(struct buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_addf(out, " %s ", name);
    ui_add_word(out, value);
}

void ui_copy_command(struct ui *ui)
{
    const struct ui_layer *layer = &ui->stack[ui->n_stack - 1];
    const struct arena_options *options = &ui->in->options;
    struct buf line;
    if (layer->screen->command == NULL) {
        ui_say(ui, STYLE_NORMAL, "No command line does the same.");
        return;
    }
    buf_init(&line, COMMAND_BYTES);
    buf_add_str(&line, "arena");
    add_option(&line, "--config", options->config_path);
    add_option(&line, "--db", options->db_path);
    buf_add_char(&line, ' ');
    size_t verb = line.len;
    layer->screen->command(layer->self, &line);
    ui_copy(ui, "the command", line.data, line.len);
    ui_say(ui, STYLE_NORMAL, "arena %s%s",
           verb > strlen("arena ") ? "[its files] " : "", line.data + verb);
    buf_free(&line);
}
