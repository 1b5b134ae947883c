/* `arena completion`: scripts with which a shell completes our command lines,
 * made from the table of verbs and their options. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tui/command.h"

#define COMPLETION_BYTES (1u << 18)

/* Appends a text for single quotes of a shell: ' becomes '\''. */
static void add_quoted(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buf_add_str(out, "'\\''");
        else
            buf_add_char(out, *text);
    }
}

/* --- bash --------------------------------------------------------------- */

static void add_bash_options(struct buf *out, const struct option_spec *o)
{
    for (; o != NULL && o->name != NULL; o++)
        buf_addf(out, " --%s", o->name);
}

static void bash(struct buf *out)
{
    buf_add_str(out,
                "_arena()\n"
                "{\n"
                "    local cur=${COMP_WORDS[COMP_CWORD]} verb= words= i\n"
                "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                "        case ${COMP_WORDS[i]} in\n"
                "        -*) ;;\n"
                "        *) verb=${COMP_WORDS[i]}; break ;;\n"
                "        esac\n"
                "    done\n"
                "    case $verb in\n"
                "    '') words='");
    const struct command *c;
    for (int i = 0; (c = command_at(i)) != NULL; i++)
        buf_addf(out, "%s%s", i > 0 ? " " : "", c->name);
    buf_add_str(out, "' ;;\n");
    for (int i = 0; (c = command_at(i)) != NULL; i++) {
        if (c->options == NULL)
            continue;
        buf_addf(out, "    %s) words='", c->name);
        add_bash_options(out, c->options);
        buf_add_str(out, "' ;;\n");
    }
    buf_add_str(out, "    esac\n    words=\"$words");
    add_bash_options(out, command_globals);
    buf_add_str(out, "\"\n"
                     "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                     "}\n"
                     "complete -o default -F _arena arena\n");
}

/* --- zsh ---------------------------------------------------------------- */

/* One '--name[help]:VALUE:_files' for _arguments. */
static void add_zsh_options(struct buf *out, const struct option_spec *o)
{
    for (; o != NULL && o->name != NULL; o++) {
        buf_addf(out, " \\\n            '--%s[", o->name);
        for (const char *p = o->help; *p != '\0'; p++) {
            if (strchr("[]:\\", *p) != NULL)
                buf_add_char(out, '\\');
            if (*p == '\'')
                buf_add_str(out, "'\\''");
            else
                buf_add_char(out, *p);
        }
        buf_add_char(out, ']');
        if (o->value != NULL)
            buf_addf(out, ":%s:_files", strchr(o->value, '|') ? "word"
                                                              : o->value);
        buf_add_char(out, '\'');
    }
}

static void zsh(struct buf *out)
{
    const struct command *c;
    buf_add_str(out, "#compdef arena\n"
                     "_arena()\n"
                     "{\n"
                     "    local -a verbs\n"
                     "    verbs=(\n");
    for (int i = 0; (c = command_at(i)) != NULL; i++) {
        buf_addf(out, "        '%s:", c->name);
        add_quoted(out, c->summary);
        buf_add_str(out, "'\n");
    }
    buf_add_str(out, "    )\n"
                     "    if (( CURRENT == 2 )); then\n"
                     "        _describe verb verbs\n"
                     "        return\n"
                     "    fi\n"
                     "    case $words[2] in\n");
    for (int i = 0; (c = command_at(i)) != NULL; i++) {
        buf_addf(out, "    %s)\n        _arguments", c->name);
        add_zsh_options(out, c->options);
        add_zsh_options(out, command_globals);
        buf_add_str(out, " \\\n            '*:file:_files' ;;\n");
    }
    buf_add_str(out, "    esac\n"
                     "}\n"
                     "compdef _arena arena\n");
}

/* --- fish --------------------------------------------------------------- */

static void add_fish_options(struct buf *out, const char *verb,
                             const struct option_spec *o)
{
    for (; o != NULL && o->name != NULL; o++) {
        buf_add_str(out, "complete -c arena");
        if (verb != NULL)
            buf_addf(out, " -n '__fish_seen_subcommand_from %s'", verb);
        buf_addf(out, " -l %s", o->name);
        if (o->letter != 0)
            buf_addf(out, " -s %c", o->letter);
        if (o->value != NULL)
            buf_add_str(out, " -r");
        buf_add_str(out, " -d '");
        add_quoted(out, o->help);
        buf_add_str(out, "'\n");
    }
}

static void fish(struct buf *out)
{
    const struct command *c;
    add_fish_options(out, NULL, command_globals);
    for (int i = 0; (c = command_at(i)) != NULL; i++) {
        buf_addf(out, "complete -c arena -n __fish_use_subcommand -f -a %s "
                 "-d '", c->name);
        add_quoted(out, c->summary);
        buf_add_str(out, "'\n");
        add_fish_options(out, c->name, c->options);
    }
}

/* --- the verb ----------------------------------------------------------- */

static int run_completion(struct invocation *in, struct err *e)
{
    if (command_parse(in, NULL, 1, 1, e) != 0)
        return -1;
    const char *shell = in->argv[1];
    struct buf out;
    buf_init(&out, COMPLETION_BYTES);
    int result = 0;
    if (strcmp(shell, "bash") == 0)
        bash(&out);
    else if (strcmp(shell, "zsh") == 0)
        zsh(&out);
    else if (strcmp(shell, "fish") == 0)
        fish(&out);
    else
        result = err_set(e, ERR_USAGE, "completion: \"%s\" is not bash, zsh or "
                         "fish", shell);
    fputs(out.data, stdout);
    buf_free(&out);
    return result;
}

const struct command command_completion = {
    .name = "completion",
    .summary = "print what a shell needs to complete command lines",
    .synopsis = "bash|zsh|fish",
    .help = "  bash: eval \"$(arena completion bash)\" in ~/.bashrc\n"
            "  zsh:  the same with zsh in ~/.zshrc, after compinit\n"
            "  fish: arena completion fish | source, in config.fish\n",
    .no_json = true,
    .no_folders = true,
    .run = run_completion,
};
