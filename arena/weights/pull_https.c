/* Weights from an https address, going on where an earlier pull stopped. */
#include "arena/weights/pull_https.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/remote/easy.h"
#include "backends/remote/libcurl.h"
#include "backends/remote/url.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"

#define HTTPS_CONNECT_S 15L
#define HTTPS_STALL_S 60L      /* without a byte: given up */
#define HTTPS_REDIRECTS 5L
#define HTTPS_TAG_BYTES 512
#define HTTPS_NOTE_BYTES 8192 /* an address and a tag */
#define HTTPS_MAX_BYTES ((int64_t)1 << 42)

/* One transfer.  `tag` is the server's name for this state of the file (its
 * ETag, else Last-Modified): the rest of a file is only asked for "if it is
 * still the same", so that a changed file is fetched anew.  Tags of two
 * addresses are not to be compared, so the address is kept beside it. */
struct transfer {
    struct part *p;
    CURL *curl;
    const char *url;
    int fd;             /* the part file, at its end */
    int64_t begun_at;   /* its size when this transfer began */
    char tag[HTTPS_TAG_BYTES];   /* of this answer */
    char asked[HTTPS_TAG_BYTES]; /* of the beginning that is there, or "" */
    int64_t start, total; /* of the part that comes, as the server says; -1 */
    char *tag_path;     /* where url and tag are kept between pulls */
    bool checked;       /* the answer's head was looked at */
    int write_errno;
    struct err *e;
    bool failed;        /* *e is set */
};

/* The value of a header line, if it is `name` and fits.  curl's lines have
 * no NUL at their end. */
static bool header_value(const char *line, size_t n, const char *name,
                         char value[HTTPS_TAG_BYTES])
{
    size_t skip = strlen(name);
    if (n <= skip || strncasecmp(line, name, skip) != 0)
        return false;
    while (skip < n && line[skip] == ' ')
        skip++;
    while (n > skip && (unsigned char)line[n - 1] <= ' ')
        n--;
    if (n - skip >= HTTPS_TAG_BYTES)
        return false;
    memcpy(value, line + skip, n - skip);
    value[n - skip] = '\0';
    return true;
}

/* "bytes 5-9/10", or with a star for what is unknown (RFC 9110, 14.4). */
static void read_range(struct transfer *t, const char *value)
{
    const char *slash = strchr(value, '/');
    if (strncasecmp(value, "bytes ", 6) != 0 || slash == NULL)
        return;
    if (isdigit((unsigned char)value[6]))
        t->start = strtoll(value + 6, NULL, 10);
    if (isdigit((unsigned char)slash[1]))
        t->total = strtoll(slash + 1, NULL, 10);
}

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    char value[HTTPS_TAG_BYTES];
    n *= size;
    if (n > 5 && strncasecmp(line, "HTTP/", 5) == 0) {
        t->tag[0] = '\0'; /* what was, was of a redirect, not of the file */
        t->start = t->total = -1;
    }
    if (header_value(line, n, "Content-Range:", value))
        read_range(t, value);
    /* A weak tag promises nothing about bytes (RFC 9110, 8.8.1). */
    else if ((header_value(line, n, "ETag:", value) &&
              strncmp(value, "W/", 2) != 0) ||
             (header_value(line, n, "Last-Modified:", value) &&
              t->tag[0] == '\0'))
        memcpy(t->tag, value, sizeof(value));
    return n;
}

static int start_anew(struct transfer *t, const char *why)
{
    t->failed = true;
    if (ftruncate(t->fd, 0) != 0)
        return err_set(t->e, ERR_FAILURE, "%s: %s", t->p->part,
                       strerror(errno));
    return err_set(t->e, ERR_BACKEND, "%s: %s; pull it again to start over",
                   t->p->what, why);
}

/* The rest must be the rest of what is there, whatever the server was asked. */
static int check_rest(struct transfer *t)
{
    if (t->start != t->begun_at)
        return start_anew(t, "the server sends another part of the file than "
                             "it was asked for");
    if (t->tag[0] != '\0' && strcmp(t->tag, t->asked) != 0 &&
        t->begun_at > 0)
        return start_anew(t, "the file has changed at the server");
    if (t->tag[0] == '\0') /* RFC 9110, 15.3.7, lets it go without saying */
        memcpy(t->tag, t->asked, sizeof(t->tag));
    return 0;
}

static int keep_tag(const struct transfer *t)
{
    struct buf text;
    buf_init(&text, HTTPS_NOTE_BYTES);
    buf_addf(&text, "%s\n%s\n", t->url, t->tag);
    int result = path_write_file(t->tag_path, text.data, text.len, 0600, t->e);
    buf_free(&text);
    return result;
}

/* At the first byte of the body: whether it is the file from its beginning
 * (200) or the rest of it (206).  0, or -1 with t->failed or errno. */
static int check_head(struct transfer *t, long status)
{
    curl_off_t length = -1;
    t->checked = true;
    if (status == 206) {
        if (check_rest(t) != 0)
            return -1;
    } else {
        if (t->begun_at > 0 && ftruncate(t->fd, 0) != 0)
            return -1;
        t->begun_at = 0;
        t->total = -1;
    }
    curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (t->total < 0 && length >= 0)
        t->total = t->begun_at + length;
    if (t->p->size < 0)
        t->p->size = t->total;
    t->failed = keep_tag(t) != 0;
    return t->failed ? -1 : 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    long status = 0;
    n *= size;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && status != 206)
        return n; /* the words of an error: dropped */
    if (!t->checked && check_head(t, status) != 0) {
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
    (void)total;
    int64_t whole = t->p->size;
    if (!t->checked)
        now = 0; /* of a redirect, or the words of an error */
    if (t->begun_at + now > HTTPS_MAX_BYTES ||
        (t->p->size >= 0 && t->begun_at + now > t->p->size)) {
        start_anew(t, "the server sends more than the file has");
    } else if (part_report(t->p, t->begun_at + now, whole, t->e) != 0) {
        t->failed = true;
    }
    return t->failed ? 1 : 0;
}

/* No key and nothing of the user's is sent, so unlike an API's, a redirect (to
 * wherever a site keeps its large files) may be followed.  http is for servers
 * on this machine, such as a mirror or a test's. */
static void set_options(struct transfer *t)
{
    CURL *curl = t->curl;
    easy_prepare(curl, t->url, url_is_loopback(t->url));
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

/* Reads the tag of the beginning that is there into t->asked; "" if it is
 * of another address. */
static void read_asked(struct transfer *t)
{
    struct buf note;
    buf_init(&note, HTTPS_NOTE_BYTES);
    size_t n_url = strlen(t->url);
    if (buf_read_file(&note, t->tag_path) == 0 && note.len > n_url &&
        memcmp(note.data, t->url, n_url) == 0 && note.data[n_url] == '\n') {
        const char *tag = note.data + n_url + 1;
        size_t n = strcspn(tag, "\r\n");
        if (n < sizeof(t->asked)) {
            memcpy(t->asked, tag, n);
            t->asked[n] = '\0';
        }
    }
    buf_free(&note);
}

/* Asks for the rest of the file if there is a beginning with a tag. */
static struct curl_slist *ask_for_rest(struct transfer *t)
{
    struct buf line;
    struct curl_slist *headers = NULL;
    if (t->begun_at > 0)
        read_asked(t);
    if (t->asked[0] == '\0')
        return NULL;
    buf_init(&line, HTTPS_TAG_BYTES + 64);
    buf_addf(&line, "Range: bytes=%lld-", (long long)t->begun_at);
    headers = curl_slist_append(headers, line.data);
    buf_clear(&line);
    buf_addf(&line, "If-Range: %s", t->asked);
    headers = curl_slist_append(headers, line.data);
    curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, headers);
    buf_free(&line);
    return headers;
}

/* A transfer that ended well: whether it brought all.  A server that tells no
 * length may break off without a sign. */
static int check_end(struct transfer *t, long status, struct err *e)
{
    struct stat st;
    if (status != 416 && !t->checked && check_head(t, status) != 0)
        return t->failed ? -1 : err_set(e, ERR_FAILURE, "%s: %s", t->p->part,
                                        strerror(errno));
    if (status == 416 && t->p->size < 0)
        t->p->size = t->total; /* nothing is missing, or too much is there */
    if (status == 416 && t->p->size < 0)
        return start_anew(t, "the server has no more of it, and does not say "
                             "how long it is");
    if (fstat(t->fd, &st) != 0)
        return err_set(e, ERR_FAILURE, "%s: %s", t->p->part, strerror(errno));
    if (t->p->size < 0 || st.st_size >= t->p->size)
        return 0; /* too much is thrown away by whoever checks the whole */
    return err_set(e, ERR_BACKEND, "%s: the server ended after %lld of %lld "
                   "bytes; what has come is kept, pull it again to resume",
                   t->p->what, (long long)st.st_size, (long long)t->p->size);
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
                       "it again to resume", t->p->what,
                       *detail ? detail : curl_easy_strerror(code));
    if (status != 200 && status != 206 && status != 416)
        return err_set(e, ERR_BACKEND, "%s: the server answered HTTP %ld",
                       t->p->what, status);
    return check_end(t, status, e);
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

int pull_https(struct part *p, const char *url, struct err *e)
{
    char detail[CURL_ERROR_SIZE] = "";
    struct transfer t = {.p = p, .url = url, .fd = -1, .start = -1,
                         .total = -1, .e = e};
    struct curl_slist *headers = NULL;
    int result = -1;
    t.tag_path = path_join(p->folder, "tag");
    t.curl = curl_easy_init();
    if (t.curl == NULL) {
        err_set(e, ERR_FAILURE, "%s: %s", p->what, libcurl_problem()
                ? libcurl_problem() : "libcurl cannot be started");
        goto out;
    }
    if (open_part(&t, e) != 0)
        goto out;
    if (p->size >= 0 && t.begun_at == p->size) {
        result = 0; /* only the check was missing */
        goto out;
    }
    set_options(&t);
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
