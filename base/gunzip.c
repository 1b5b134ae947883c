#include "base/gunzip.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

#define SONAME "libz.so.1"

enum { IN_BYTES = 1 << 16 };

/* inflateInit2: a gzip header is expected (zlib.h), with any window. */
enum { GZIP_WINDOW = 16 + MAX_WBITS };

static struct {
    int (*init)(z_streamp z, int window, const char *version, int size);
    int (*inflate)(z_streamp z, int flush);
    int (*reset)(z_streamp z);
    int (*end)(z_streamp z);
    bool is_there;
} zlib;

static pthread_once_t loaded = PTHREAD_ONCE_INIT;

/* Into a function's pointer, as POSIX says to do it. */
static bool find(void *library, const char *name, void *pointer)
{
    void **to = pointer;
    *to = dlsym(library, name);
    return *to != NULL;
}

static void load(void)
{
    void *library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
    zlib.is_there = library != NULL &&
                    find(library, "inflateInit2_", &zlib.init) &&
                    find(library, "inflate", &zlib.inflate) &&
                    find(library, "inflateReset", &zlib.reset) &&
                    find(library, "inflateEnd", &zlib.end);
}

struct gunzip {
    z_stream z;
    int fd;
    bool in_member; /* the data of one have begun and not ended */
    bool is_done;
    unsigned char *in; /* [cap]; z reads from it */
    size_t cap;
};

bool gunzip_is(const char *s, size_t n)
{
    return n >= 3 && memcmp(s, "\x1F\x8B\x08", 3) == 0;
}

int gunzip_open(struct gunzip **out, int fd, const char *s, size_t n,
                struct err *e)
{
    pthread_once(&loaded, load);
    if (!zlib.is_there)
        return err_set(e, ERR_FAILURE, "packed by gzip, and there is no "
                       SONAME " to unpack it; use gunzip");
    struct gunzip *g = mem_calloc(1, sizeof(*g));
    g->fd = fd;
    g->cap = n > IN_BYTES ? n : IN_BYTES;
    g->in = mem_try(g->cap, 1);
    if (g->in == NULL || n > UINT_MAX ||
        zlib.init(&g->z, GZIP_WINDOW, ZLIB_VERSION, sizeof(g->z)) != Z_OK) {
        free(g->in);
        free(g);
        return err_set(e, ERR_FAILURE, "not enough memory to unpack it");
    }
    memcpy(g->in, s, n);
    g->z.next_in = g->in;
    g->z.avail_in = (unsigned)n;
    *out = g;
    return 0;
}

void gunzip_close(struct gunzip *g)
{
    if (g == NULL)
        return;
    zlib.end(&g->z);
    free(g->in);
    free(g);
}

/* More packed bytes.  1; 0 at the end; -1. */
static int fill(struct gunzip *g, struct err *e)
{
    ssize_t n = 0;
    if (g->fd >= 0)
        do {
            n = read(g->fd, g->in, g->cap);
        } while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set(e, ERR_FAILURE, "cannot read: %s", strerror(errno));
    g->z.next_in = g->in;
    g->z.avail_in = (unsigned)n;
    return n > 0;
}

/* Begins the next member, if what follows is one: gzip files may be joined.
 * Zeros at the end, which tapes leave, are nothing.  1; 0: no more; -1. */
static int next_member(struct gunzip *g, struct err *e)
{
    while (g->z.avail_in > 0 || fill(g, e) > 0) {
        if (*g->z.next_in == 0) {
            g->z.next_in++;
            g->z.avail_in--;
            continue;
        }
        if (*g->z.next_in != 0x1F)
            return err_set(e, ERR_FORMAT, "something that gzip did not pack "
                           "follows the packed data");
        zlib.reset(&g->z);
        return 1;
    }
    return e->code == ERR_NONE ? 0 : -1;
}

long gunzip_read(struct gunzip *g, char *out, size_t n, struct err *e)
{
    struct err why = {.code = ERR_NONE};
    g->z.next_out = (unsigned char *)out;
    g->z.avail_out = n > INT_MAX ? INT_MAX : (unsigned)n;
    unsigned room = g->z.avail_out;
    while (!g->is_done && g->z.avail_out == room) {
        if (!g->in_member) {
            int more = next_member(g, &why);
            if (more < 0)
                break;
            g->is_done = more == 0;
            g->in_member = more > 0;
            continue;
        }
        if (g->z.avail_in == 0 && fill(g, &why) <= 0) {
            if (why.code == ERR_NONE)
                err_set(&why, ERR_FORMAT, "the packed data end too early");
            break;
        }
        int status = zlib.inflate(&g->z, Z_NO_FLUSH);
        g->in_member = status != Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
            err_set(&why, ERR_FORMAT, "the packed data are damaged");
            break;
        }
    }
    if (why.code != ERR_NONE) {
        *e = why;
        return -1;
    }
    return (long)(room - g->z.avail_out);
}
