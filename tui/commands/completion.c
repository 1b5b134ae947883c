/* `arena completion`: scripts with which a shell completes our command lines,
 * made from the table of verbs and their options.  What only the config and the
 * database know, the scripts ask for (completion_values.c). */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tui/commands/completion_private.h"
#include "tui/shell.h"

#define COMPLETION_BYTES (1u << 18)

/* The words of a synopsis or the word of an option's value, without brackets;
 * calls add for each. */
static void each_operand(const char *synopsis,
                         void (*add)(struct buf *out, int i, const char *word),
                         struct buf *out)
{
    char word[128];
    for (int i = 1; *synopsis != '\0'; i++) {
        size_t n = strcspn(synopsis, " "), to = 0;
        for (size_t k = 0; k < n && to + 1 < sizeof(word); k++)
            if (strchr("[]", synopsis[k]) == NULL)
                word[to++] = synopsis[k];
        word[to] = '\0';
        add(out, i, word);
        synopsis += n + strspn(synopsis + n, " ");
    }
}

/* --- bash --------------------------------------------------------------- */

static void add_bash_options(struct buf *out, const struct option_spec *o)
{
    for (; o != NULL && o->name != NULL; o++)
        buf_addf(out, " --%s", o->name);
}

/* What stands behind each option that has a value. */
static void add_bash_values(struct buf *out, const struct option_spec *o)
{
    for (; o != NULL && o->name != NULL; o++) {
        if (o->value == NULL)
            continue;
        buf_addf(out, "        --%s", o->name);
        if (o->letter != 0)
            buf_addf(out, "|-%c", o->letter);
        buf_addf(out, ") kind='%s' ;;\n", o->value);
    }
}

static void add_bash_operand(struct buf *out, int i, const char *word)
{
    buf_addf(out, "%s'%s'", i > 1 ? " " : "", word);
}

static void add_bash_verb(struct buf *out, const struct command *c)
{
    buf_addf(out, "    %s)\n        words='", c->name);
    add_bash_options(out, c->options);
    buf_add_str(out, "'\n        operands=(");
    each_operand(c->synopsis, add_bash_operand, out);
    buf_add_str(out, ")\n");
    if (c->options != NULL) {
        buf_add_str(out, "        case $1 in\n");
        add_bash_values(out, c->options);
        buf_add_str(out, "        esac\n");
    }
    buf_add_str(out, "        ;;\n");
}

/* _arena_about OPTION VERB sets what the verb takes, and the kind of value of
 * the option; _arena itself finds the place of the cursor. */
static const char bash_tail[] =
    "_arena()\n"
    "{\n"
    "    local IFS=$' \\t\\n' cur=${COMP_WORDS[COMP_CWORD]} word skip=\n"
    "    local verb= words= kind= i n=0\n"
    "    local -a operands=() found=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        _arena_about \"${COMP_WORDS[i]}\" \"$verb\"\n"
    "        case ${COMP_WORDS[i]} in\n"
    "        -*) [[ -n $kind ]] && ((i++)) ;;\n"
    "        *) if [[ -z $verb ]]; then verb=${COMP_WORDS[i]}; "
    "else ((n++)); fi ;;\n"
    "        esac\n"
    "    done\n"
    "    _arena_about \"${COMP_WORDS[COMP_CWORD-1]}\" \"$verb\"\n"
    "    if [[ -z $kind && $cur == -* ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
    "        return\n"
    "    fi\n"
    "    [[ -z $kind && -z $verb ]] && kind=VERB\n"
    "    ((n >= ${#operands[@]} && n > 0)) && n=$((${#operands[@]} - 1))\n"
    "    [[ -z $kind ]] && kind=${operands[n]}\n"
    "    word=${COMP_LINE:0:COMP_POINT}\n"
    "    [[ -n $kind ]] && IFS=$'\\n' found=("
    "$(ARENA_LINE=$word \"${COMP_WORDS[0]}\" completion values \"$kind\" "
    "2>/dev/null))\n"
    "    word=${word##*[[:space:]]}\n"
    "    # Bash parts words at some signs: what stands before is there already.\n"
    "    if [[ $word == *[=:]* && $COMP_WORDBREAKS == *[=:]* ]]; then\n"
    "        i=${word##*[=:]}\n"
    "        skip=${word%\"$i\"}\n"
    "        cur=$word\n"
    "    fi\n"
    "    COMPREPLY=()\n"
    "    for i in \"${found[@]}\"; do\n"
    "        [[ $i == \"$cur\"* ]] || continue\n"
    "        COMPREPLY+=(\"$(printf %q \"${i#\"$skip\"}\")\")\n"
    "    done\n"
    "}\n"
    "complete -o default -F _arena arena\n";

static void bash(struct buf *out)
{
    const struct command *c;
    buf_add_str(out, "_arena_about()\n{\n"
                     "    kind= words=\n    case $2 in\n");
    for (int i = 0; (c = command_at(i)) != NULL; i++)
        add_bash_verb(out, c);
    buf_add_str(out, "    esac\n    case $1 in\n");
    add_bash_values(out, command_globals);
    buf_add_str(out, "    esac\n    words=\"$words");
    add_bash_options(out, command_globals);
    buf_addf(out, "\"\n}\n%s", bash_tail);
}

/* --- zsh ---------------------------------------------------------------- */

/* One '--name[help]:VALUE:…' for _arguments. */
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
            buf_addf(out, ":value:{_arena_values \"%s\"}", o->value);
        buf_add_char(out, '\'');
    }
}

static void add_zsh_operand(struct buf *out, int i, const char *word)
{
    if (strcmp(word, "...") == 0)
        buf_addf(out, " \\\n            '*:value:{_arena_values \"%s\"}'",
                 word);
    else
        buf_addf(out, " \\\n            '%d:value:{_arena_values \"%s\"}'", i,
                 word);
}

static void zsh(struct buf *out)
{
    const struct command *c;
    buf_add_str(out, "#compdef arena\n"
                     "_arena_values()\n"
                     "{\n"
                     "    local -a found\n"
                     "    found=(${(f)\"$(ARENA_LINE=$LBUFFER arena completion "
                     "values $1 2>/dev/null)\"})\n"
                     "    if (( $#found )); then compadd -a found; "
                     "else _files; fi\n"
                     "}\n"
                     "_arena()\n"
                     "{\n"
                     "    local -a verbs\n"
                     "    verbs=(\n");
    for (int i = 0; (c = command_at(i)) != NULL; i++) {
        buf_addf(out, "        '%s:", c->name);
        shell_add_quoted(out, c->summary);
        buf_add_str(out, "'\n");
    }
    buf_add_str(out, "    )\n"
                     "    if (( CURRENT == 2 )); then\n"
                     "        _describe verb verbs\n"
                     "        return\n"
                     "    fi\n"
                     "    shift words\n"
                     "    (( CURRENT-- ))\n"
                     "    case $words[1] in\n");
    for (int i = 0; (c = command_at(i)) != NULL; i++) {
        buf_addf(out, "    %s)\n        _arguments", c->name);
        add_zsh_options(out, c->options);
        add_zsh_options(out, command_globals);
        each_operand(c->synopsis, add_zsh_operand, out);
        buf_add_str(out, " ;;\n");
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
            buf_addf(out, " -r -a '(arena completion values \"%s\")'",
                     o->value);
        buf_add_str(out, " -d '");
        shell_add_quoted(out, o->help);
        buf_add_str(out, "'\n");
    }
}

static void add_fish_operand(struct buf *out, int i, const char *word)
{
    (void)i; /* fish does not count operands; all of them are offered */
    buf_addf(out, " \"%s\"", word);
}

static void fish(struct buf *out)
{
    const struct command *c;
    add_fish_options(out, NULL, command_globals);
    for (int i = 0; (c = command_at(i)) != NULL; i++) {
        buf_addf(out, "complete -c arena -n __fish_use_subcommand -f -a %s "
                 "-d '", c->name);
        shell_add_quoted(out, c->summary);
        buf_add_str(out, "'\n");
        add_fish_options(out, c->name, c->options);
        if (c->synopsis[0] == '\0')
            continue;
        buf_addf(out, "complete -c arena -n '__fish_seen_subcommand_from %s' "
                 "-a '(ARENA_LINE=(commandline -cp) arena completion values",
                 c->name);
        each_operand(c->synopsis, add_fish_operand, out);
        buf_add_str(out, ")'\n");
    }
}

/* --- the verb ----------------------------------------------------------- */

static int run_completion(struct invocation *in, struct err *e)
{
    if (command_parse(in, NULL, 1, -1, e) != 0)
        return -1;
    const char *shell = in->argv[1];
    if (strcmp(shell, "values") == 0)
        return completion_values(in, e);
    if (in->argc > 2)
        return err_set(e, ERR_USAGE, "completion: one shell at a time");
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
