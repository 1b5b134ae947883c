#include "backends/engine/weights_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "backends/engine/kernels/quant.h"
#include "base/clock.h"
#include "base/mem.h"

#define HUGE_PAGE ((size_t)2 << 20)
#define CHUNK_BYTES ((size_t)2 << 20) /* packed by a thread at a time */

#define SHOW(s) (int)((s).n < 64 ? (s).n : 64), (s).data

const struct gguf_tensor *weights_find(struct weights_loader *l,
                                       const char *name)
{
    const struct gguf_tensor *t =
        l->gguf ? gguf_find_tensor(l->gguf, name)
                : checkpoint_find(l->checkpoint, name);
    l->n_claimed += t != NULL;
    return t;
}

static int refuse_missing(const struct weights_loader *l, const char *name,
                          struct err *e)
{
    return err_set(e, ERR_FORMAT, "%s: no tensor %s, which architecture %s "
                   "needs", l->path, name, l->w->h.arch->name);
}

static int check_shape(const struct weights_loader *l,
                       const struct gguf_tensor *t, uint64_t d0, uint64_t d1,
                       uint64_t d2, struct err *e)
{
    if (t->dims[0] == d0 && t->dims[1] == d1 && t->dims[2] == d2 &&
        t->dims[3] == 1)
        return 0;
    return err_set(e, ERR_FORMAT, "%s: tensor %.*s is %llu x %llu x %llu, "
                   "but the model needs %llu x %llu x %llu", l->path,
                   SHOW(t->name), (unsigned long long)t->dims[0],
                   (unsigned long long)t->dims[1],
                   (unsigned long long)t->dims[2], (unsigned long long)d0,
                   (unsigned long long)d1, (unsigned long long)d2);
}

int weights_vector(struct weights_loader *l, const char *name, int n,
                   bool required, float **out, struct err *e)
{
    const struct gguf_tensor *t = weights_find(l, name);
    *out = NULL;
    if (t == NULL)
        return required ? refuse_missing(l, name, e) : 0;
    if (check_shape(l, t, (uint64_t)n, 1, 1, e) != 0)
        return -1;
    float *v = mem_calloc((size_t)n, sizeof(*v));
    quant_to_float(t->type, t->data, v, (size_t)n);
    struct weights *w = l->w;
    w->vectors = mem_realloc(w->vectors, w->n_vectors + 1, sizeof(*w->vectors));
    w->vectors[w->n_vectors++] = v;
    *out = v;
    return 0;
}

static void add_job(struct weights_loader *l, struct matrix *m,
                    const struct gguf_tensor *t, const unsigned char *src,
                    int first_row)
{
    if (l->n_jobs == l->cap_jobs) {
        l->cap_jobs = l->cap_jobs ? 2 * l->cap_jobs : 256;
        l->jobs = mem_realloc(l->jobs, l->cap_jobs, sizeof(*l->jobs));
    }
    l->jobs[l->n_jobs++] = (struct weights_job){m, t, src, first_row,
                                                l->packed_bytes};
    l->packed_bytes += matrix_packed_bytes(m);
}

/* The k-th of equal parts of a tensor. */
static void take_part(struct weights_loader *l, const struct gguf_tensor *t,
                      int k, int rows, int cols, struct matrix *m)
{
    size_t row_bytes = t->n_bytes / (size_t)(t->dims[1] * t->dims[2]);
    const unsigned char *src = t->data + (size_t)k * (size_t)rows * row_bytes;
    matrix_describe(m, t->type, rows, cols);
    add_job(l, m, t, src, k * rows);
}

int weights_matrix(struct weights_loader *l, const char *name, int rows,
                   int cols, struct matrix *m, struct err *e)
{
    const struct gguf_tensor *t = weights_find(l, name);
    if (t == NULL)
        return refuse_missing(l, name, e);
    if (check_shape(l, t, (uint64_t)cols, (uint64_t)rows, 1, e) != 0)
        return -1;
    take_part(l, t, 0, rows, cols, m);
    return 0;
}

int weights_matrices(struct weights_loader *l, const char *name, int n,
                     int rows, int cols, struct matrix *(*m)(void *arg, int k),
                     void *arg, struct err *e)
{
    const struct gguf_tensor *t = weights_find(l, name);
    if (t == NULL)
        return refuse_missing(l, name, e);
    bool deep = t->n_dims >= 3;
    uint64_t parts = (uint64_t)n, all_rows = (uint64_t)rows * parts;
    if (check_shape(l, t, (uint64_t)cols, deep ? (uint64_t)rows : all_rows,
                    deep ? parts : 1, e) != 0)
        return -1;
    for (int k = 0; k < n; k++)
        take_part(l, t, k, rows, cols, m(arg, k));
    return 0;
}

/* --- packing ----------------------------------------------------------- */

/* One thread's view of the packing of all jobs. */
struct packing {
    const struct weights_loader *l;
    atomic_size_t next; /* in bytes of w->packed; a chunk at a time */
    pthread_mutex_t lock;
    double share; /* the least part of its time that a thread had a core */
};

/* Panels [first, last) of a checkpoint's int8 matrix. */
static void pack_int8(const struct weights_loader *l,
                      const struct weights_job *j, unsigned char *to,
                      int first, int last)
{
    struct matrix m = *j->m;
    size_t row_bytes = (size_t)(m.cols / 32) * 36;
    unsigned char *rows = mem_calloc(MATRIX_PANEL, row_bytes);
    for (int p = first; p < last; p++) {
        int row = p * MATRIX_PANEL, n = m.rows - row;
        n = n < MATRIX_PANEL ? n : MATRIX_PANEL;
        checkpoint_blocks(l->checkpoint, j->tensor, row, n, rows);
        struct matrix part = m;
        part.rows = n;
        matrix_pack(&part, rows, to + (size_t)p * m.panel_bytes, 0, 1);
    }
    free(rows);
}

static const struct mapping *mapping_of(const struct weights_loader *l,
                                        const void *bytes)
{
    return l->gguf ? gguf_mapping_of(l->gguf, bytes)
                   : checkpoint_mapping(l->checkpoint);
}

static void pack_panels(const struct weights_loader *l,
                        const struct weights_job *j, int first, int last)
{
    unsigned char *to = l->w->packed + j->at;
    const struct mapping *map = mapping_of(l, j->src);
    if (j->m->type == QUANT_Q8_F32) {
        pack_int8(l, j, to, first, last);
        return;
    }
    size_t row_bytes = j->tensor->n_bytes /
                       (size_t)(j->tensor->dims[1] * j->tensor->dims[2]);
    int end = last * MATRIX_PANEL < j->m->rows ? last * MATRIX_PANEL
                                               : j->m->rows;
    size_t begin = (size_t)(first * MATRIX_PANEL);
    const unsigned char *rows = j->src + begin * row_bytes;
    size_t n_bytes = ((size_t)end - begin) * row_bytes;
    mapping_fetch(map, rows, n_bytes);
    matrix_pack(j->m, j->src, to, first, last);
    mapping_drop(map, rows, n_bytes);
}

/* The job that byte `at` of the packed memory belongs to. */
static size_t job_at(const struct weights_loader *l, size_t at)
{
    size_t low = 0, high = l->n_jobs;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (l->jobs[mid].at <= at)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* A panel belongs to the chunk that its first byte is in. */
static void pack_chunk(const struct weights_loader *l, size_t from, size_t to)
{
    for (size_t i = job_at(l, from); i < l->n_jobs; i++) {
        const struct weights_job *j = &l->jobs[i];
        size_t panel = j->m->panel_bytes;
        if (j->at >= to)
            return;
        size_t begin = from > j->at ? from - j->at : 0, end = to - j->at;
        size_t first = (begin + panel - 1) / panel;
        size_t last = (end + panel - 1) / panel;
        if (last > (size_t)j->m->n_panels)
            last = (size_t)j->m->n_panels;
        if (first < last)
            pack_panels(l, j, (int)first, (int)last);
    }
}

static void note_share(struct packing *p, int64_t real_ns, int64_t used_ns)
{
    /* A millisecond says nothing. */
    double share = real_ns > 1000000 ? (double)used_ns / (double)real_ns : 1;
    pthread_mutex_lock(&p->lock);
    p->share = share < p->share ? share : p->share;
    pthread_mutex_unlock(&p->lock);
}

static void pack_work(void *arg, int thread, int n_threads)
{
    struct packing *p = arg;
    int64_t real_ns = clock_monotonic_ns(), used_ns = clock_thread_ns();
    if (thread == n_threads - 1 && p->l->source->meanwhile)
        p->l->source->meanwhile(p->l->source->arg);
    for (;;) {
        size_t from = atomic_fetch_add(&p->next, CHUNK_BYTES);
        if (from >= p->l->packed_bytes)
            break;
        pack_chunk(p->l, from, from + CHUNK_BYTES);
    }
    note_share(p, clock_monotonic_ns() - real_ns,
               clock_thread_ns() - used_ns);
}

static int map_packed(struct weights_loader *l, struct err *e)
{
    struct weights *w = l->w;
    /* Huge pages: a token reads all of this, and page tables cost time; that
     * is why floats are copied too. */
    w->packed_bytes = (l->packed_bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *p = mmap(NULL, w->packed_bytes + HUGE_PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        w->packed_bytes = 0;
        return err_set(e, ERR_BACKEND, "%s: no memory for %zu MiB of weights",
                       l->path, l->packed_bytes >> 20);
    }
    /* Trim to the boundary of a huge page. */
    unsigned char *base = p;
    size_t skip = (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE;
    if (skip > 0)
        munmap(base, skip);
    if (skip < HUGE_PAGE)
        munmap(base + skip + w->packed_bytes, HUGE_PAGE - skip);
    w->packed = base + skip;
#ifdef MADV_HUGEPAGE
    madvise(w->packed, w->packed_bytes, MADV_HUGEPAGE);
#endif
    return 0;
}

int weights_pack(struct weights_loader *l, struct pool *pool, struct err *e)
{
    struct weights *w = l->w;
    struct packing work = {.l = l, .share = 1};
    if (l->n_jobs > 0 && map_packed(l, e) != 0)
        return -1;
    for (size_t i = 0; i < l->n_jobs; i++)
        l->jobs[i].m->data = w->packed + l->jobs[i].at;
    pthread_mutex_init(&work.lock, NULL);
    pool_run(pool, pack_work, &work);
    pthread_mutex_destroy(&work.lock);
    w->core_share = work.share;
    return 0;
}
