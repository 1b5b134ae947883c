#include "backends/engine/file/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define MAPPING_MAX 256 /* at one time: models, and parts of split models */

struct mapping {
    unsigned char *data;
    size_t n;
    char *path;
    int slot; /* in `registry` */
};

/* What the signal handler can see.  A slot is taken by setting begin from 0;
 * end is stored before begin and is valid as long as begin is not 0. */
static struct {
    atomic_uintptr_t begin, end;
    atomic_bool taken, broken;
} registry[MAPPING_MAX];

static size_t page_bytes;
static struct sigaction old_action;

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
    (void)context;
    int saved = errno;
    uintptr_t at = (uintptr_t)info->si_addr;
    for (int i = 0; i < MAPPING_MAX; i++) {
        uintptr_t begin = atomic_load(&registry[i].begin);
        uintptr_t end = atomic_load(&registry[i].end);
        if (begin == 0 || at < begin || at >= end)
            continue;
        /* All pages after a lost one lie beyond the file's end too. */
        uintptr_t page = at - at % page_bytes;
        void *got = mmap((void *)page, end - page, PROT_READ,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (got == MAP_FAILED)
            break;
        atomic_store(&registry[i].broken, true);
        errno = saved;
        return;
    }
    /* Not ours: what was there before handles it when it strikes again. */
    sigaction(sig, &old_action, NULL);
    errno = saved;
}

/* At every open, since others may have put a handler of their own before. */
static void install_handler(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct sigaction now, ours = {.sa_sigaction = on_sigbus,
                                  .sa_flags = SA_SIGINFO | SA_RESTART};
    pthread_mutex_lock(&lock);
    if (page_bytes == 0) /* others read it, having been here */
        page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    sigemptyset(&ours.sa_mask);
    sigaction(SIGBUS, NULL, &now);
    if (!(now.sa_flags & SA_SIGINFO) || now.sa_sigaction != on_sigbus) {
        old_action = now;
        sigaction(SIGBUS, &ours, NULL);
    }
    pthread_mutex_unlock(&lock);
}

static int take_slot(void)
{
    for (int i = 0; i < MAPPING_MAX; i++)
        if (!atomic_exchange(&registry[i].taken, true))
            return i;
    return -1;
}

static void release_slot(int i)
{
    atomic_store(&registry[i].begin, 0);
    atomic_store(&registry[i].broken, false);
    atomic_store(&registry[i].taken, false);
}

/* Maps the file behind fd; *size is what fstat says of it. */
static int map_fd(int fd, const char *path, unsigned char **data, size_t *size,
                  struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(e, ERR_BACKEND, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_FORMAT, "%s: is %s, not a weights file", path,
                       S_ISDIR(st.st_mode) ? "a folder" : "a device or pipe");
    if (st.st_size == 0)
        return err_set(e, ERR_FORMAT, "%s: the file is empty", path);
    if ((uint64_t)st.st_size > SIZE_MAX / 2)
        return err_set(e, ERR_FORMAT, "%s: the file is too large", path);
    *size = (size_t)st.st_size;
    void *p = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return err_set(e, ERR_BACKEND, "%s: cannot map %zu bytes: %s", path,
                       *size, strerror(errno));
    *data = p;
    return 0;
}

int mapping_open(struct mapping **out, const char *path, struct err *e)
{
    install_handler();

    /* O_NONBLOCK: opening a named pipe must not wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set(e, ERR_BACKEND, "%s: %s", path, strerror(errno));
    unsigned char *data = NULL;
    size_t n = 0;
    int rc = map_fd(fd, path, &data, &n, e);
    close(fd);
    if (rc != 0)
        return -1;
    int slot = take_slot();
    if (slot < 0) {
        munmap(data, n);
        return err_set(e, ERR_BACKEND, "%s: more than %d weights files open",
                       path, MAPPING_MAX);
    }
    atomic_store(&registry[slot].end, (uintptr_t)data + n);
    atomic_store(&registry[slot].begin, (uintptr_t)data);

    struct mapping *m = mem_calloc(1, sizeof(*m));
    *m = (struct mapping){data, n, mem_strdup(path), slot};
    *out = m;
    return 0;
}

void mapping_close(struct mapping *m)
{
    if (m == NULL)
        return;
    release_slot(m->slot);
    munmap(m->data, m->n);
    free(m->path);
    free(m);
}

const unsigned char *mapping_data(const struct mapping *m)
{
    return m->data;
}

size_t mapping_bytes(const struct mapping *m)
{
    return m->n;
}

const char *mapping_path(const struct mapping *m)
{
    return m->path;
}

bool mapping_broken(const struct mapping *m)
{
    return atomic_load(&registry[m->slot].broken);
}

int mapping_check(const struct mapping *m, struct err *e)
{
    if (!mapping_broken(m))
        return 0;
    return err_set(e, ERR_BACKEND,
                   "%s: the file changed or became unreadable while in use; "
                   "load it again", m->path);
}

/* Ranges are fetched about in the order of the file: so early a disk is asked
 * for what comes next, and works meanwhile. */
#define AHEAD_BYTES ((uintptr_t)16 << 20)

static void ask_ahead(const struct mapping *m, uintptr_t begin, size_t n)
{
    size_t left = (uintptr_t)m->data + m->n - begin;
    if (left <= AHEAD_BYTES)
        return;
    left -= AHEAD_BYTES;
    madvise((void *)(begin + AHEAD_BYTES), n < left ? n : left, MADV_WILLNEED);
}

void mapping_fetch(const struct mapping *m, const void *bytes, size_t n)
{
    uintptr_t begin = (uintptr_t)bytes / page_bytes * page_bytes;
    uintptr_t end = (uintptr_t)bytes + n;
    if (mapping_broken(m))
        return;
    ask_ahead(m, begin, end - begin);
#ifdef MADV_POPULATE_READ /* Linux 5.14; elsewhere the faults do it */
    madvise((void *)begin, end - begin, MADV_POPULATE_READ);
#endif
}

void mapping_drop(const struct mapping *m, const void *bytes, size_t n)
{
    /* Only whole pages inside of the range. */
    uintptr_t begin = ((uintptr_t)bytes + page_bytes - 1) / page_bytes *
                      page_bytes;
    uintptr_t end = ((uintptr_t)bytes + n) / page_bytes * page_bytes;
    if (begin < end && !mapping_broken(m))
        madvise((void *)begin, end - begin, MADV_DONTNEED);
}
