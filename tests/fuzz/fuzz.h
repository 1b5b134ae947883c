/* fuzz: what every fuzz target needs.  A target is a file fuzz_NAME.c with
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
 *
 * that hands the bytes to one reader of foreign input, and aborts where a
 * promise of the reader's header is broken.  Seeds lie in seeds/NAME/. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#define _GNU_SOURCE /* memfd_create */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(promise)                                           \
    do {                                                              \
        if (!(promise)) {                                             \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, \
                    #promise);                                        \
            abort();                                                  \
        }                                                             \
    } while (0)

/* The bytes as a file, for readers that want a path: /proc/self/fd/N into
 * path[64].  Returns the descriptor; close it after use. */
static inline int fuzz_file(const uint8_t *data, size_t size, char path[64])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0);
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, data + done, size - done);
        FUZZ_CHECK(n > 0);
        done += (size_t)n;
    }
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

#endif
