/* votelog: reads battle logs of the published forms, vote by vote.
 *
 * Understood, by content and not by name: tables with columns for both models
 * and the verdict; Chatbot Arena's cleaned and raw logs, arena-hard judgments,
 * alpaca_eval annotations, MT-bench pair judgments and our own output as JSON.
 * docs/FORMS.md lists what is read of each.
 *
 * Memory is bounded by the names and the longest row, not by the number of
 * rows.  A large CSV file is read in chunks by several threads, each with its
 * own numbers for names; votelog_read makes the numbers common at the end, in
 * the order in which the file names them, so that nothing depends on the
 * number of threads.  With in_order, the threads read one round of chunks after
 * another, and the votes of a round are handed on at its end.  A row that
 * cannot be used is rejected with its line and reason; the others count. */
#ifndef ARENA_VOTELOG_H
#define ARENA_VOTELOG_H

#include "arena/votelog/votes.h"
#include "base/err.h"

/* The name of a model as people see it. */
const char *votelog_model_name(const struct votelog *log, uint32_t model);

/* A file as messages name it; "-" is stdin. */
const char *votelog_told_name(const char *path);

/* Reads a file ("-": stdin).  0, or -1 with an error that names file and line:
 * ERR_FORMAT if it is no battle log, ERR_FAILURE if it cannot be read.  More
 * than VOTELOG_MAX_MODELS models are ERR_FORMAT.  No rows is no error.
 * call votelog_free either way. */
int votelog_read(struct votelog *log, const char *path,
                 const struct votelog_options *o,
                 const struct votelog_sink *sink, struct err *e);
void votelog_free(struct votelog *log);

#endif
