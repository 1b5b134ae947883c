#include "arena/weights/digest.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define DIGEST_CHUNK_BYTES (1u << 20)

/* Feeds a file to the digest.  False with errno set. */
static bool feed(EVP_MD_CTX *md, int fd)
{
    unsigned char *chunk = mem_calloc(DIGEST_CHUNK_BYTES, 1);
    ssize_t n;
    while ((n = read(fd, chunk, DIGEST_CHUNK_BYTES)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || EVP_DigestUpdate(md, chunk, (size_t)n) != 1)
            break;
    }
    free(chunk);
    return n == 0;
}

int digest_file(const char *path, char out[DIGEST_TEXT_BYTES], struct err *e)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_FAILURE, "%s: %s", path, strerror(errno));
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    errno = EIO;
    bool good = md != NULL &&
                EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
                feed(md, fd) && EVP_DigestFinal_ex(md, bytes, &n) == 1 &&
                n * 2 + 1 == DIGEST_TEXT_BYTES;
    int why = errno;
    EVP_MD_CTX_free(md);
    close(fd);
    if (!good)
        return err_set(e, ERR_FAILURE, "%s: cannot take its sha256: %s", path,
                       strerror(why));
    for (unsigned i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
    return 0;
}

bool digest_is_valid(const char *text)
{
    size_t n = 0;
    while (isxdigit((unsigned char)text[n]))
        n++;
    return n == DIGEST_TEXT_BYTES - 1 && text[n] == '\0';
}
