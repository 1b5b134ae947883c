/* `arena import`: battles that other programs have written. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/exchange/exchange.h"
#include "arena/run/promptlist.h"
#include "arena/run/sets.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/database.h"

struct import_settings {
    const char *prompts, *baseline;
};

static const struct option_spec import_options[] = {
    OPTION(0, "prompts", TEXT, import_settings, prompts, "QUESTIONS",
           "the prompts that judgments name by their ids"),
    OPTION(0, "baseline", TEXT, import_settings, baseline, "MODEL",
           "what arena-hard's first edition compares with"),
    OPTION_END,
};

#define SHOWN 10 /* rows that could not be used */

struct rejects {
    const char *path;
    size_t n;
};

static void show_reject(void *arg, uint64_t line, const char *why)
{
    struct rejects *r = arg;
    if (r->n++ >= SHOWN)
        return;
    struct buf text;
    buf_init(&text, 4096);
    clean_text(r->path, strlen(r->path), true, &text);
    buf_addf(&text, ":%" PRIu64 ": ", line);
    clean_text(why, strlen(why), true, &text);
    fprintf(stderr, "%s\n", text.data);
    buf_free(&text);
}

static void add_result(const struct invocation *in,
                       const struct exchange_report *r, struct buf *out)
{
    if (in->json) {
        buf_addf(out,
                 "{\"battles\":%" PRIu64 ",\"votes\":%" PRIu64
                 ",\"rejected\":%" PRIu64 ",\"known\":%" PRIu64
                 ",\"skipped\":%" PRIu64 "}\n",
                 r->n_battles, r->n_votes, r->n_rejected, r->n_known,
                 r->n_skipped);
        return;
    }
    buf_addf(out, "imported %" PRIu64 " battle%s with %" PRIu64 " vote%s",
             r->n_battles, plural_s(r->n_battles), r->n_votes,
             plural_s(r->n_votes));
    if (r->n_known > 0)
        buf_addf(out, "; %" PRIu64 " already stored", r->n_known);
    if (r->n_skipped > 0) {
        buf_add_str(out, "; ");
        plural_add(out, r->n_skipped,
                   "[row that is no battle|rows that are not a battle]");
    }
    if (r->n_resumed > 0)
        buf_addf(out, "; continued after row %" PRIu64, r->n_resumed);
    buf_add_char(out, '\n');
}

/* What of the file is not there, or in another way than it says. */
static void say_losses(const struct exchange_report *r)
{
    struct buf line;
    buf_init(&line, 4096);
    for (int i = 0; i < IMPORT_N_REASONS; i++) {
        if (r->lost[i] == 0)
            continue;
        buf_clear(&line);
        plural_add(&line, r->lost[i], exchange_loss((enum import_reason)i));
        fprintf(stderr, "not kept: %s\n", line.data);
    }
    buf_free(&line);
}

static int import(struct invocation *in, struct store *s,
                  const struct exchange_form *f,
                  const struct import_source *from, struct err *e)
{
    const char *path = in->argv[2];
    struct rejects rejects = {.path = path};
    struct exchange_report r = {.reject = show_reject, .arg = &rejects};
    struct buf out;
    if (exchange_import(s, f, path, from, &r, e) != 0)
        return -1;
    if (r.n_rejected > SHOWN)
        fprintf(stderr, "... and %" PRIu64 " more\n", r.n_rejected - SHOWN);
    if (in->verbose >= 0)
        say_losses(&r);
    buf_init(&out, 4096);
    add_result(in, &r, &out);
    if (database_print(&out, e) != 0)
        return -1;
    if (r.n_rejected == 0)
        return 0;
    uint64_t n = r.n_rejected + r.n_battles + r.n_known;
    return err_set(e, ERR_PARTIAL,
                   "%s: %" PRIu64 " of %" PRIu64 " row%s could not be used",
                   path, r.n_rejected, n, plural_s(n));
}

static int open_and_import(struct invocation *in, const struct exchange_form *f,
                           const struct import_source *from, struct err *e)
{
    struct store *s;
    if (database_open(&s, in, DATABASE_WRITE, e) != 0)
        return -1;
    int result = import(in, s, f, from, e);
    store_close(s);
    return result;
}

static int run_import(struct invocation *in, struct err *e)
{
    struct import_settings set = {.prompts = NULL};
    struct prompts questions = {0};
    if (command_parse(in, &set, 2, 2, e) != 0)
        return -1;
    const struct exchange_form *f = exchange_find(in->argv[1], e);
    if (f == NULL || (set.prompts != NULL &&
                      prompt_set_read(set.prompts, &questions, e) != 0))
        return -1;
    struct import_source from = {.questions = set.prompts ? &questions : NULL,
                                 .baseline = set.baseline};
    int result = open_and_import(in, f, &from, e);
    prompts_free(&questions);
    return result;
}

const struct command command_import = {
    .name = "import",
    .summary = "store the battles of a file",
    .synopsis = "FORMAT FILE",
    .options = import_options,
    .help = "FORMAT is\n"
            "  jsonl    what \"arena export jsonl\" wrote\n"
            "  csv      a vote a row, as \"arena export csv\" wrote\n"
            "  lmarena  logs of Chatbot Arena (LMArena): cleaned, raw, or the "
            "table of 55k\n"
            "  alpaca_eval  annotations of alpaca_eval\n"
            "  mt_bench     pair judgments of MT-bench (FastChat)\n"
            "  arena_hard   judgments of arena-hard, both editions\n"
            "  open_webui   the feedback that Open WebUI exports\n"
            "Judgments name their prompts by id only: texts come from "
            "--prompts and from what\n\"arena answers\" stored of both "
            "models.\n"
            "Rows that cannot be used are reported by line; the others are "
            "stored.  The same\ncommand continues an interrupted import, and "
            "a file is stored only once.\n",
    .run = run_import,
};
