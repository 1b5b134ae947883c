/* What weights.c (which tensors there are) and load.c (how they get
 * into memory) share; see weights.h for the manual. */
#ifndef ENGINE_WEIGHTS_PRIVATE_H
#define ENGINE_WEIGHTS_PRIVATE_H

#include "backends/engine/weights.h"

/* A matrix to pack. */
struct weights_job {
    struct matrix *m;
    const struct gguf_tensor *tensor;
    const unsigned char *src; /* its first row */
    int first_row;            /* in the tensor */
    size_t at;                /* in w->packed */
};

struct weights_loader {
    struct weights *w;
    const struct weights_source *source;
    const struct gguf *gguf;             /* of the source */
    const struct checkpoint *checkpoint;
    const char *path;
    struct weights_job *jobs;
    size_t n_jobs, cap_jobs;
    size_t packed_bytes; /* so far */
    size_t n_claimed;    /* tensors that something reads */
};

/* A tensor by name, or NULL.  Counts it as read. */
const struct gguf_tensor *weights_find(struct weights_loader *l,
                                       const char *name);

/* The tensor `name` as a vector of n floats, NULL if there is none. */
int weights_vector(struct weights_loader *l, const char *name, int n,
                   bool required, float **out, struct err *e);

/* The tensor `name` as a matrix of rows x cols. */
int weights_matrix(struct weights_loader *l, const char *name, int rows,
                   int cols, struct matrix *m, struct err *e);

/* n equal matrices of rows x cols that stand below each other in a tensor of
 * 2 dimensions, or behind each other in one of 3; the k-th goes to where
 * m(k) points. */
int weights_matrices(struct weights_loader *l, const char *name, int n,
                     int rows, int cols, struct matrix *(*m)(void *arg, int k),
                     void *arg, struct err *e);

/* Packs all matrices that were asked for, and does source->meanwhile. */
int weights_pack(struct weights_loader *l, struct pool *pool, struct err *e);

#endif
