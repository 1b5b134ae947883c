/* `arena export`: battles, votes and preferences in the forms of other
 * programs. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/exchange/exchange.h"
#include "base/clock.h"
#include "base/plural.h"
#include "tui/clean.h"
#include "tui/database.h"
#include "tui/options.h"

struct export_settings {
    const char *run, *category, *voter, *since, *output, *model;
    bool ties, conversational;
};

static const struct option_spec export_options[] = {
    OPTION('o', "output", TEXT, export_settings, output, "FILE",
           "write to FILE, replaced only once complete"),
    OPTION(0, "run", TEXT, export_settings, run, "RUN",
           "only battles of this run"),
    OPTION(0, "category", TEXT, export_settings, category, "C",
           "only battles of this category"),
    OPTION(0, "voter", TEXT, export_settings, voter, "V",
           "votes of all, human, judge, or one: human:NAME, judge:NAME"),
    OPTION(0, "since", TEXT, export_settings, since, "DATE",
           "only votes since YYYY-MM-DD (UTC)"),
    OPTION(0, "model", TEXT, export_settings, model, "NAME",
           "whose answers, for the forms of answers"),
    OPTION(0, "ties", FLAG, export_settings, ties, NULL,
           "dpo: ties too, marked \"tie\": true, side A as chosen"),
    OPTION(0, "conversational", FLAG, export_settings, conversational, NULL,
           "dpo, kto: lists of messages in place of texts"),
    OPTION_END,
};

static int write_bytes(void *arg, const char *bytes, size_t n, struct err *e)
{
    FILE *out = arg;
    return fwrite(bytes, 1, n, out) == n
               ? 0
               : err_set(e, ERR_FAILURE, "cannot write: %s", strerror(errno));
}

/* of_votes: forms of answers do not look at votes. */
static void say_counts(const struct exchange_counts *c, bool of_votes)
{
    struct buf line;
    buf_init(&line, 4096);
    plural_add(&line, c->n_rows, "[row|rows], of ");
    plural_add(&line, c->n_battles, "[battle|battles]");
    if (of_votes) {
        buf_add_str(&line, " with ");
        plural_add(&line, c->n_votes, "[vote|votes]");
    }
    fprintf(stderr, "%s\n", line.data);
    for (int i = 0; i < EXCHANGE_N_REASONS; i++) {
        if (c->left_out[i] == 0)
            continue;
        buf_clear(&line);
        plural_add(&line, c->left_out[i],
                   exchange_reason((enum exchange_reason)i));
        fprintf(stderr, "left out: %s\n", line.data);
    }
    buf_free(&line);
}

/* Nothing was found: a category that is not there looks like a mistake. */
static void say_category(const char *category, const struct exchange_counts *c)
{
    struct buf name;
    if (category == NULL || c->n_battles > 0)
        return;
    buf_init(&name, 1 << 16);
    clean_text(category, strlen(category), true, &name);
    fprintf(stderr, "no battle that was asked for is of the category \"%s\": "
            "without --category the form csv tells the category of each\n",
            name.data ? name.data : "");
    buf_free(&name);
}

/* A trainer of KTO refuses data of one class. */
static void say_classes(const struct exchange_form *f,
                        const struct exchange_counts *c)
{
    if (strcmp(exchange_name(f), "kto") != 0 || c->n_rows == 0 ||
        (c->n_wanted > 0 && c->n_unwanted > 0))
        return;
    fprintf(stderr,
            "warning: all rows have the label %s, and trainers want "
            "both\n",
            c->n_wanted > 0 ? "true" : "false");
}

static int write_export(struct store *s, const struct exchange_form *f,
                        const struct exchange_options *o,
                        const struct export_settings *set,
                        struct exchange_counts *counts, struct err *e)
{
    if (set->output == NULL)
        return exchange_export(s, f, o, write_bytes, stdout, counts, e);
    struct buf name;
    buf_init(&name, 1 << 16);
    buf_addf(&name, "%s.part", set->output);
    FILE *out = fopen(name.data, "wx");
    int result = -1;
    if (out == NULL) {
        err_set(e, ERR_FAILURE, "%s: cannot create it: %s", name.data,
                strerror(errno));
    } else {
        result = exchange_export(s, f, o, write_bytes, out, counts, e);
        bool synced = fflush(out) == 0 && fsync(fileno(out)) == 0;
        if ((fclose(out) != 0 || !synced) && result == 0)
            result = err_set(e, ERR_FAILURE, "%s: cannot write: %s", name.data,
                             strerror(errno));
        if (result == 0 && rename(name.data, set->output) != 0)
            result = err_set(e, ERR_FAILURE, "%s: cannot put it in place: %s",
                             set->output, strerror(errno));
        if (result != 0)
            unlink(name.data);
    }
    buf_free(&name);
    return result;
}

static void say_dataset_info(const struct exchange_form *f,
                             const struct exchange_options *o,
                             const struct export_settings *set)
{
    if (set->output == NULL)
        return;
    char *entry = exchange_dataset_info(f, o, set->output);
    if (entry != NULL)
        fprintf(stderr, "for LLaMA-Factory's dataset_info.json:\n%s\n", entry);
    else if (o->conversational)
        fputs("LLaMA-Factory reads no list of messages as an answer: for it, "
              "leave out --conversational\n", stderr);
    free(entry);
}

static int export(struct invocation *in, struct store *s,
                  const struct exchange_form *f,
                  const struct export_settings *set, struct err *e)
{
    struct exchange_counts counts;
    struct exchange_options o = {
        .category = set->category,
        .voter = set->voter,
        .ties = set->ties,
        .conversational = set->conversational,
        .model = set->model,
    };
    if (set->since && !clock_parse(set->since, &o.since_ms))
        return err_set(e, ERR_USAGE, "export: --since \"%s\": want YYYY-MM-DD",
                       set->since);
    if (set->run && store_find_run(s, set->run, &o.run_id, e) != 0)
        return -1;
    if (write_export(s, f, &o, set, &counts, e) != 0)
        return -1;
    if (in->verbose >= 0) {
        say_counts(&counts, set->model == NULL);
        say_category(set->category, &counts);
        say_classes(f, &counts);
        say_dataset_info(f, &o, set);
    }
    return 0;
}

static int run_export(struct invocation *in, struct err *e)
{
    struct export_settings set = {.run = NULL};
    struct store *s;
    if (command_parse(in, &set, 1, 1, e) != 0)
        return -1;
    const struct exchange_form *f = exchange_find(in->argv[1], e);
    if (f == NULL || database_open(&s, in, DATABASE_READ, e) != 0)
        return -1;
    int result = export(in, s, f, &set, e);
    store_close(s);
    return result;
}

const struct command command_export = {
    .name = "export",
    .summary = "write battles in the form of another program",
    .synopsis = "FORMAT",
    .no_json = true,
    .options = export_options,
    .help = "FORMAT is\n"
            "  jsonl    everything, a battle a line; import takes it back\n"
            "  csv      a vote a row, for spreadsheets\n"
            "  lmarena  the cleaned logs of Chatbot Arena (LMArena)\n"
            "  alpaca_eval, mt_bench, arena_hard  votes as judgments of theirs\n"
            "  alpaca_outputs, mt_bench_answers, arena_hard_answers\n"
            "           the answers of --model NAME, as they have them\n"
            "  dpo      pairs of a better and a worse answer, for training\n"
            "  kto      answers that are wanted or not, for training\n"
            "  sft      the conversations that won, for training\n"
            "What was left out, and why, is reported at the end.  jsonl names the "
            "models of\nbattles without a vote, too: do not read it before you "
            "vote.\n",
    .run = run_export,
};
