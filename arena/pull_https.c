/* Weights from an https address, going on where an earlier pull stopped. */
#include "arena/pull_private.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/easy.h"
#include "backends/url.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"

#define HTTPS_CONNECT_S 15L
#define HTTPS_STALL_S 60L      /* without a byte: given up */
#define HTTPS_REDIRECTS 5L
#define HTTPS_TAG_BYTES 512
#define HTTPS_MAX_BYTES ((int64_t)1 << 42)

/* One transfer.  `tag` is the server's name for this state of the file (its
 * ETag, else Last-Modified): the rest of a file is only asked for "if it is
 * still the same", so that a changed file is fetched anew. */
struct transfer {
    struct pull *p;
    CURL *curl;
    int fd;             /* the part file, at its end */
    int64_t begun_at;   /* its size when this transfer began */
    char tag[HTTPS_TAG_BYTES]; /* of this answer */
    char *tag_path;     /* where it is kept between pulls */
    bool checked;       /* the answer's head was looked at */
    int write_errno;
    struct err *e;
    bool failed;        /* *e is set */
};

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    static const char *const names[] = {"ETag:", "Last-Modified:"};
    n *= size;
    if (n > 5 && strncasecmp(line, "HTTP/", 5) == 0)
        t->tag[0] = '\0'; /* of a redirect, not of the file */
    for (size_t i = 0; i < 2; i++) {
        size_t skip = strlen(names[i]);
        if (n <= skip || strncasecmp(line, names[i], skip) != 0 ||
            (i == 1 && t->tag[0] != '\0'))
            continue;
        while (skip < n && line[skip] == ' ')
            skip++;
        size_t len = n - skip;
        while (len > 0 && (unsigned char)line[skip + len - 1] <= ' ')
            len--;
        /* A weak tag promises nothing about bytes (RFC 9110, 8.8.1). */
        if (len < HTTPS_TAG_BYTES && strncmp(line + skip, "W/", 2) != 0) {
            memcpy(t->tag, line + skip, len);
            t->tag[len] = '\0';
        }
    }
    return n;
}

/* At the first byte of the body: whether it is the file from its beginning
 * (200) or the rest of it (206). */
static bool check_head(struct transfer *t)
{
    long status = 0;
    t->checked = true;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200 && t->begun_at > 0) {
        if (ftruncate(t->fd, 0) != 0)
            return false;
        t->begun_at = 0;
    }
    if (status == 200 || status == 206)
        return path_write_file(t->tag_path, t->tag, strlen(t->tag), 0600,
                               NULL) == 0;
    return true;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    long status = 0;
    n *= size;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && status != 206)
        return n; /* the words of an error: dropped */
    if (!t->checked && !check_head(t)) {
        t->write_errno = errno;
        return 0;
    }
    for (size_t done = 0; done < n;) {
        ssize_t w = write(t->fd, bytes + done, n - done);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0) {
            t->write_errno = errno;
            return 0;
        }
        done += (size_t)w;
    }
    return n;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now,
                       curl_off_t up_total, curl_off_t up_now)
{
    struct transfer *t = arg;
    (void)up_total;
    (void)up_now;
    int64_t whole = t->p->size;
    if (whole < 0 && total > 0)
        whole = t->begun_at + total;
    if (t->begun_at + now > HTTPS_MAX_BYTES ||
        (t->p->size >= 0 && t->begun_at + now > t->p->size)) {
        err_set(t->e, ERR_FORMAT, "%s: the server sends more than the file "
                "has", t->p->what);
        t->failed = true;
    } else if (pull_report(t->p, t->begun_at + now, whole, t->e) != 0) {
        t->failed = true;
    }
    return t->failed ? 1 : 0;
}

/* No key and nothing of the user's is sent, so unlike an API's, a redirect (to
 * wherever a site keeps its large files) may be followed.  http is for servers
 * on this machine, such as a mirror or a test's. */
static void set_options(struct transfer *t, const char *url)
{
    CURL *curl = t->curl;
    easy_prepare(curl, url, url_is_loopback(url));
    easy_follow(curl, HTTPS_REDIRECTS);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, HTTPS_CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, HTTPS_STALL_S);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

/* Asks for the rest of the file where there is a beginning with a tag. */
static struct curl_slist *ask_for_rest(struct transfer *t)
{
    struct buf tag, line;
    struct curl_slist *headers = NULL;
    buf_init(&tag, HTTPS_TAG_BYTES);
    buf_init(&line, HTTPS_TAG_BYTES + 64);
    if (t->begun_at > 0 && buf_read_file(&tag, t->tag_path) == 0 &&
        tag.len > 0 && strpbrk(tag.data, "\r\n") == NULL) {
        buf_addf(&line, "Range: bytes=%lld-", (long long)t->begun_at);
        headers = curl_slist_append(headers, line.data);
        buf_clear(&line);
        buf_addf(&line, "If-Range: %s", tag.data);
        headers = curl_slist_append(headers, line.data);
        curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, headers);
    }
    buf_free(&tag);
    buf_free(&line);
    return headers;
}

static int judge(struct transfer *t, CURLcode code, const char *detail,
                 struct err *e)
{
    long status = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (t->failed)
        return -1;
    if (t->write_errno != 0)
        return err_set(e, ERR_FAILURE, "%s: %s", t->p->part,
                       strerror(t->write_errno));
    if (code != CURLE_OK)
        return err_set(e, ERR_BACKEND, "%s: %s; what has come is kept, pull "
                       "it again to go on", t->p->what,
                       *detail ? detail : curl_easy_strerror(code));
    /* 416: nothing is missing, or what is there is longer than the file;
     * either way the checks of the whole tell. */
    if (status != 200 && status != 206 && status != 416)
        return err_set(e, ERR_BACKEND, "%s: the server answered HTTP %ld",
                       t->p->what, status);
    return 0;
}

/* Opens the part file at its end. */
static int open_part(struct transfer *t, struct err *e)
{
    struct stat st;
    t->fd = open(t->p->part, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (t->fd < 0 || fstat(t->fd, &st) != 0)
        return err_set(e, ERR_FAILURE, "%s: %s", t->p->part, strerror(errno));
    t->begun_at = st.st_size;
    return 0;
}

int pull_https(struct pull *p, const char *url, struct err *e)
{
    char detail[CURL_ERROR_SIZE] = "";
    struct transfer t = {.p = p, .fd = -1, .e = e};
    struct curl_slist *headers = NULL;
    int result = -1;
    t.tag_path = path_join(p->folder, "tag");
    t.curl = curl_easy_init();
    if (t.curl == NULL) {
        err_set(e, ERR_FAILURE, "%s: libcurl cannot be started", p->what);
        goto out;
    }
    if (open_part(&t, e) != 0)
        goto out;
    if (p->size >= 0 && t.begun_at == p->size) {
        result = 0; /* only the check was missing */
        goto out;
    }
    set_options(&t, url);
    curl_easy_setopt(t.curl, CURLOPT_ERRORBUFFER, detail);
    headers = ask_for_rest(&t);
    if (headers == NULL && t.begun_at > 0 && ftruncate(t.fd, 0) == 0)
        t.begun_at = 0;
    CURLcode code = curl_easy_perform(t.curl);
    result = judge(&t, code, detail, e);
out:
    if (t.fd >= 0)
        close(t.fd);
    curl_slist_free_all(headers);
    curl_easy_cleanup(t.curl);
    free(t.tag_path);
    return result;
}
