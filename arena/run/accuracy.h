/* accuracy: how many prompts that have a reference answer each model of a run
 * got right (arena/exact.h says what right is).
 *
 * A prompt is right if each of its turns that has a reference agrees with one
 * of that turn's alternatives.  An answer that failed is not counted: it says
 * nothing of what the model knows.  The owner of the struct frees it.  One
 * thread. */
#ifndef ARENA_RUN_ACCURACY_H
#define ARENA_RUN_ACCURACY_H

#include <stdbool.h>
#include <stddef.h>

#include "arena/run/promptlist.h"
#include "base/names.h"
#include "rating/math/proportion.h"

struct accuracy {
    const struct prompts *prompts;
    unsigned char *outcomes; /* [model][prompt] enum accuracy_outcome */
    size_t n_models;         /* of the config */
    size_t n_checked;        /* prompts that can be checked */
    size_t n_for_judges;     /* references that are too long for that */
    struct names *categories; /* of the checked prompts, in their order */
    size_t n_pairs;          /* of checked prompts with the same "pair" */
    size_t *second;          /* [prompt] the other of the pair that it begins;
                                0: it begins none */
};

/* `prompts` must live as long. */
void accuracy_init(struct accuracy *a, const struct prompts *prompts,
                   size_t n_models);
void accuracy_free(struct accuracy *a);

/* Whether a prompt can be checked. */
bool accuracy_is_checked(const struct accuracy *a, size_t prompt);

/* Whether the answers of all turns (texts[prompt's n_turns]) agree. */
bool accuracy_agrees(const struct accuracy *a, size_t prompt,
                     const char *const *texts);

/* Notes what a model made of a prompt that can be checked. */
void accuracy_note(struct accuracy *a, size_t model, size_t prompt,
                   bool right);

struct accuracy_count {
    size_t n_right, n; /* of n that were answered */
};

/* Over all checked prompts, or those of a category (an index of
 * a->categories); ACCURACY_ALL: of all. */
#define ACCURACY_ALL ((size_t)-1)
struct accuracy_count accuracy_count(const struct accuracy *a, size_t model,
                                     size_t category);

/* Two models on the prompts that both answered. */
struct proportion_pairs accuracy_compare(const struct accuracy *a,
                                         size_t first, size_t second);

/* A model on pairs of prompts that ask one fact in two directions, the first
 * and the second in the order of the file; pairs with an answer missing are
 * left out. */
struct proportion_pairs accuracy_directions(const struct accuracy *a,
                                            size_t model);

#endif
