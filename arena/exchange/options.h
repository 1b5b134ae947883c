/* options: what is asked of an export or import, and what came of it.  The
 * vocabulary of the room: exchange.h above uses it, and so do the forms. */
#ifndef ARENA_EXCHANGE_OPTIONS_H
#define ARENA_EXCHANGE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct exchange_options {
    int64_t run_id;       /* 0: all */
    const char *category; /* NULL: all */
    const char *voter;    /* NULL: what the form usually takes; "all", "human",
                             "judge", or one of them with :NAME */
    int64_t since_ms;     /* only votes since then; 0: all */
    bool ties;            /* dpo: ties too, marked as such */
    bool conversational;  /* dpo, kto: messages in place of texts */
    const char *model;    /* whose answers a form of answers has */
};

/* Why a vote or a battle gave no row: texts for base/plural.h. */
#define EXCHANGE_REASONS(X)                                                   \
    X(NO_VOTE, "[battle|battles] without a vote")                             \
    X(WITHDRAWN, "[vote that was|votes that were] taken back")                \
    X(VOTER, "[vote|votes] of other voters")                                  \
    X(TIME, "[vote|votes] from before")                                       \
    X(COMPARE, "[vote on a battle|votes on battles] with names")              \
    X(SEEN, "[vote|votes] after the names were seen")                         \
    X(LEAK, "[vote|votes] on answers that told their model")                  \
    X(TIE, "[tie|ties]")                                                      \
    X(BAD, "[vote|votes] for both bad")                                       \
    X(NO_TEXT, "[vote on a battle|votes on battles] without stored answers")  \
    X(TURNS, "[conversation|conversations] of several turns "                 \
             "(--conversational takes [it|them])")                            \
    X(LONG, "[conversation|conversations] of several turns, for which there " \
            "is no place")                                                    \
    X(AGAIN, "further [answer|answers] to a prompt")                          \
    X(HISTORY, "[conversation|conversations] whose earlier turns differ")     \
    X(SAME, "[pair|pairs] of the same text")

enum exchange_reason {
#define EXCHANGE_REASON(name, text) EXCHANGE_##name,
    EXCHANGE_REASONS(EXCHANGE_REASON)
#undef EXCHANGE_REASON
        EXCHANGE_N_REASONS
};

struct exchange_counts {
    uint64_t n_battles, n_votes, n_rows; /* read, read, written */
    uint64_t left_out[EXCHANGE_N_REASONS];
    uint64_t n_wanted, n_unwanted; /* kto: rows of each class */
};

/* What of a file is not in the store once it is read: such texts, too. */
#define IMPORT_REASONS(X)                                                     \
    X(NO_VERDICT, "[verdict|verdicts] that the judge did not give")           \
    X(STRENGTH, "[strength of a verdict (it counts as a plain win)|"          \
                "strengths of verdicts (they count as plain wins)]")          \
    X(ALONE, "[rating|ratings] of one answer, without another")               \
    X(NO_TEXT, "[battle|battles] whose texts the file does not have")         \
    X(NAMES, "[vote|votes] of people who knew the names (stored, not rated)") \
    X(TIME, "[time|times] that cannot be read (the import's stands there)")   \
    X(WEIGHT, "[weight of a row (it is one vote)|"                            \
              "weights of rows (each is one vote)]")

enum import_reason {
#define IMPORT_REASON(name, text) IMPORT_##name,
    IMPORT_REASONS(IMPORT_REASON)
#undef IMPORT_REASON
        IMPORT_N_REASONS
};

struct prompts;

/* What a file of judgments does not say itself. */
struct import_source {
    const struct prompts *questions; /* that its ids mean; NULL: not known */
    const char *baseline;            /* of arena-hard's first edition; NULL */
};

struct exchange_report {
    /* Called for each row that could not be used; `why` is raw. */
    void (*reject)(void *arg, uint64_t line, const char *why);
    void *arg;
    uint64_t n_battles, n_votes; /* stored now */
    uint64_t n_rejected;
    uint64_t n_known;   /* rows whose votes are in already, by their id */
    uint64_t n_skipped; /* rows that are no battle */
    uint64_t lost[IMPORT_N_REASONS];
    uint64_t n_resumed; /* rows that an earlier, interrupted import stored */
};

#endif
