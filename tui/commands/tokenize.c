/* `arena tokenize`: what a model reads, as numbers. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/local/infer.h"
#include "base/json.h"
#include "base/mem.h"
#include "tui/command.h"
#include "tui/model_arg.h"

#define MAX_INPUT_BYTES (256u << 20)

struct tokenize_settings {
    struct model_arg_settings model;
    bool hex, decode, chat, special, bos, no_generation, no_think;
    int64_t clock; /* for the template; 0: now */
    const struct model *of;
};

static const struct option_spec tokenize_options[] = {
    OPTION(0, "hex", FLAG, tokenize_settings, hex, NULL,
           "stdin has a text in hexadecimal on each line"),
    OPTION(0, "decode", FLAG, tokenize_settings, decode, NULL,
           "stdin has ids as a JSON array on each line; prints hexadecimal"),
    OPTION(0, "chat", FLAG, tokenize_settings, chat, NULL,
           "stdin is a JSON array of messages, written by the chat template"),
    OPTION(0, "special", FLAG, tokenize_settings, special, NULL,
           "names of control tokens in the text are parsed"),
    OPTION(0, "bos", FLAG, tokenize_settings, bos, NULL,
           "add begin and end tokens if the file asks for them"),
    OPTION(0, "no-generation-prompt", FLAG, tokenize_settings, no_generation,
           NULL, "stop after the last message"),
    OPTION(0, "no-think", FLAG, tokenize_settings, no_think, NULL,
           "no thinking, if the template can be told"),
    MODEL_ARG_TEMPLATE(tokenize_settings),
    MODEL_ARG_OPTIONS(tokenize_settings),
    OPTION_END,
};

static const char tokenize_help[] =
    "Prints the ids of all of stdin, or of each line, as a JSON array.  --chat\n"
    "prints {\"text\", \"ids\", \"sent\", \"template\"}: the conversation as the\n"
    "model sees it, its ids when control tokens are parsed everywhere, as\n"
    "other programs do, the ids that arena evaluates, in which no message makes\n"
    "a control token, and which template wrote it.\n";

static int tokenize_text(const struct infer *f,
                         const struct tokenize_settings *set, const char *text,
                         size_t n, struct buf *out, struct err *e)
{
    struct token_list ids = {0};
    enum infer_ends ends = set->bos ? INFER_BOTH_ENDS : INFER_NO_ENDS;
    int rc = infer_tokenize(f, text, n, set->special, ends, &ids, e);
    if (rc == 0) {
        model_arg_add_ids(out, &ids);
        buf_add_char(out, '\n');
    }
    token_list_free(&ids);
    return rc;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *p;
    p = c != '\0' ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return p != NULL ? (int)(p - digits) : -1;
}

static int tokenize_hex(const struct infer *f,
                        const struct tokenize_settings *set, const char *line,
                        size_t n, struct buf *out, struct err *e)
{
    struct buf text;
    buf_init(&text, n);
    int rc = n % 2 != 0 ? -1 : 0;
    for (size_t i = 0; i < n && rc == 0; i += 2) {
        int high = hex_digit(line[i]), low = hex_digit(line[i + 1]);
        if (high < 0 || low < 0)
            rc = -1;
        buf_add_char(&text, (char)(high << 4 | low));
    }
    if (rc != 0)
        err_set(e, ERR_FORMAT, "not a text in hexadecimal");
    else
        rc = tokenize_text(f, set, text.data, text.len, out, e);
    buf_free(&text);
    return rc;
}

static int decode_line(const struct infer *f, const char *line, size_t n,
                       struct buf *out, struct err *e)
{
    struct token_list ids;
    struct buf bytes;
    if (model_arg_read_ids(line, n, &ids, e) != 0)
        return -1;
    if (infer_check_ids(f, &ids, e) != 0) {
        token_list_free(&ids);
        return -1;
    }
    buf_init(&bytes, MAX_INPUT_BYTES);
    infer_decode(f, &ids, &bytes);
    for (size_t i = 0; i < bytes.len; i++)
        buf_addf(out, "%02x", (unsigned char)bytes.data[i]);
    buf_add_char(out, '\n');
    buf_free(&bytes);
    token_list_free(&ids);
    return 0;
}

/* Each line of the input, its number in front of an error. */
static int each_line(const struct infer *f, const struct tokenize_settings *set,
                     const struct buf *in, struct buf *out, struct err *e)
{
    const char *p = in->data, *end = in->data + in->len;
    for (int number = 1; p < end; number++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((newline ? newline : end) - p);
        if (n > 0 && p[n - 1] == '\r')
            n--;
        int rc = set->decode ? decode_line(f, p, n, out, e)
                             : tokenize_hex(f, set, p, n, out, e);
        if (rc != 0)
            return err_wrap(e, "stdin:%d", number);
        p = newline ? newline + 1 : end;
    }
    return 0;
}

/* --- conversations ----------------------------------------------------- */

static int read_messages(const cJSON *list, struct message **out, size_t *n,
                         struct err *e)
{
    *n = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
    *out = mem_calloc(*n, sizeof(**out));
    size_t i = 0;
    const cJSON *node;
    cJSON_ArrayForEach(node, list) {
        struct message *m = &(*out)[i++];
        m->role = json_get_string(node, "role", NULL);
        m->content = json_get_string(node, "content", NULL);
        if (m->role == NULL || m->content == NULL)
            return err_set(e, ERR_FORMAT, "stdin: message %zu has no \"role\" "
                           "or \"content\" that is a text", i);
    }
    if (*n == 0)
        return err_set(e, ERR_FORMAT, "stdin: not a JSON array of messages");
    return 0;
}

/* Which template wrote it, and what that does of its own. */
static int add_template(const struct model *m, struct buf *out, struct err *e)
{
    struct buf what;
    buf_init(&what, 4096);
    int rc = infer_describe_template(m, &what, e);
    buf_add_str(out, ", \"template\": ");
    json_add_string(out, what.data, what.len);
    buf_free(&what);
    return rc;
}

static int render(const struct infer *f, const struct tokenize_settings *set,
                  const struct message *messages, size_t n, struct buf *out,
                  struct err *e)
{
    struct buf text;
    struct token_list sent = {0}, ids = {0};
    buf_init(&text, MAX_INPUT_BYTES);
    int rc = infer_render(f, messages, n, !set->no_generation, set->clock,
                          &text, &sent, e);
    if (rc == 0)
        rc = infer_tokenize(f, text.data, text.len, true, INFER_BEGIN, &ids,
                            e);
    if (rc == 0) {
        buf_add_str(out, "{\"text\": ");
        json_add_string(out, text.data, text.len);
        buf_add_str(out, ", \"ids\": ");
        model_arg_add_ids(out, &ids);
        buf_add_str(out, ", \"sent\": ");
        model_arg_add_ids(out, &sent);
        rc = add_template(set->of, out, e);
        buf_add_str(out, "}\n");
    }
    token_list_free(&ids);
    token_list_free(&sent);
    buf_free(&text);
    return rc;
}

static int tokenize_chat(const struct infer *f,
                         const struct tokenize_settings *set,
                         const struct buf *in, struct buf *out, struct err *e)
{
    cJSON *list = json_parse(in->data, in->len, MAX_INPUT_BYTES, "stdin", e);
    if (list == NULL)
        return -1;
    struct message *messages;
    size_t n;
    int rc = read_messages(list, &messages, &n, e);
    if (rc == 0)
        rc = render(f, set, messages, n, out, e);
    free(messages);
    cJSON_Delete(list);
    return rc;
}

/* --- the command ------------------------------------------------------- */

static int tokenize(const struct infer *f, const struct tokenize_settings *set,
                    struct err *e)
{
    struct buf in, out;
    buf_init(&in, MAX_INPUT_BYTES);
    buf_init(&out, 16 * (size_t)MAX_INPUT_BYTES);
    int rc;
    if (buf_read_fd(&in, STDIN_FILENO) != 0)
        rc = err_set(e, ERR_FAILURE, "cannot read stdin: %s", strerror(errno));
    else if (set->chat)
        rc = tokenize_chat(f, set, &in, &out, e);
    else if (set->hex || set->decode)
        rc = each_line(f, set, &in, &out, e);
    else
        rc = tokenize_text(f, set, in.data, in.len, &out, e);
    if (rc == 0)
        fwrite(out.data, 1, out.len, stdout);
    buf_free(&in);
    buf_free(&out);
    return rc;
}

/* Refuses what excludes each other, or would do nothing. */
static int check_settings(const struct invocation *in,
                          const struct tokenize_settings *set, struct err *e)
{
    const char *of_chat = set->no_generation ? "no-generation-prompt"
                          : set->no_think    ? "no-think"
                          : set->model.template_name ? "template" : NULL;
    if (set->hex + set->decode + set->chat > 1)
        return err_set(e, ERR_USAGE, "--hex, --decode and --chat exclude each "
                       "other");
    if (!set->chat && of_chat != NULL)
        return err_set(e, ERR_USAGE, "--%s goes with --chat", of_chat);
    return set->decode ? command_refuse_json(in, "tokenize --decode", e) : 0;
}

static int run_tokenize(struct invocation *in, struct err *e)
{
    struct tokenize_settings set = {.model = MODEL_ARG_DEFAULTS};
    struct model_arg d;
    if (command_parse(in, &set, 1, 1, e) != 0 ||
        check_settings(in, &set, e) != 0)
        return -1;
    if (model_arg_find(&d, in, &set.model, in->argv[1], e) != 0)
        return -1;
    if (set.no_think)
        d.model.think = 0;
    set.of = &d.model;
    set.clock = in->options.seeded ? REQUEST_FIXED_CLOCK : 0;
    struct infer *f = NULL;
    int rc = model_arg_need_local(&d, "tokenize", e);
    if (rc == 0)
        rc = infer_open_words(&f, &d.model, e);
    if (rc == 0)
        model_arg_say_remarks(in, &d, set.chat);
    if (rc == 0)
        rc = tokenize(f, &set, e);
    infer_close(f);
    model_arg_free(&d);
    return rc;
}

const struct command command_tokenize = {
    .name = "tokenize",
    .summary = "text to token ids and back",
    .synopsis = "MODEL|WEIGHTS",
    .options = tokenize_options,
    .help = tokenize_help,
    .run = run_tokenize,
};
