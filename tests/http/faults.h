/* faults: what servers do right and wrong, for every protocol the same.
 *
 * A case is a play, words with blanks between, each a part of the protocol
 * (tests/http/protocols.h) or one of these:
 *   part=X     the part with X for its text
 *   hello      begin, text=H\u00e9 (as two bytes), text=llo
 *   end        the finish and the marker, as far as there are such
 *   closing, marked   nothing: but the case needs a protocol that `closes`, or
 *                     one with a marker
 *   comment    a comment, or a blank line if lines have none
 *   flood=N    N comments;  many=N: N texts of 1000 bytes each
 *   long=N     one text of N bytes
 *   nested=N   an array in an array, N of them, as an event
 *   cut=N      the last N bytes are taken away again
 *   raw=X      X, to the end of the play
 * The bytes are then changed, and sent in a way, and what comes of them is
 * compared with the case. */
#ifndef TESTS_HTTP_FAULTS_H
#define TESTS_HTTP_FAULTS_H

#include "backends/stream.h"
#include "tests/http/server.h"

#define FAULTS_KEY "sk-canary-0123456789" /* planted; nobody may tell it */

enum fault_group { FRAMING, CONTENT, ENDS, WAITS, ERRORS, STATUSES, TRANSPORT };
#define FAULT_GROUPS \
    {"framing", "content", "ends", "waits", "errors", "statuses", "transport"}

enum fault_change {
    CRLF = 1,        /* lines end in CR LF */
    CR = 2,          /* or in CR */
    NO_SPACE = 4,    /* none behind "data:" */
    SPACES = 8,      /* three of them */
    NO_BLANKS = 16,  /* no blank line between events */
    NO_LAST = 32,    /* no line end at the end */
    BLANKS = 64,     /* four blank lines for one */
    BYTEWISE = 128,  /* one byte a write */
    CHUNKED = 256,   /* chunks of 7 bytes, with a last one */
    UNENDED = 512,   /* chunks without a last one */
    COUNTED = 1024,  /* with a right Content-Length */
    SHORT = 2048,    /* Content-Length says 100 more */
    MARK = 4096,     /* a byte order mark in front */
    COMMENTS = 8192, /* a comment in front of every event */
    FIELDS = 16384,  /* "id:", "retry:" and an unknown field there */
    PARTED = 32768,  /* the data of an event in two data: lines */
    DATA_FIRST = 65536, /* the "event:" line behind the "data:" line */
};

struct fault_case {
    enum fault_group group;
    const char *name;
    const char *play;
    unsigned changes;
    enum server_end end;

    const char *head;  /* status line and headers, each with CR LF; NULL: 200
                          with the protocol's type */
    const char *then;  /* a play for all requests but the first, with 200 */
    int pause_ms;      /* in the middle of the bytes */
    const char *drip;  /* a play, again and again, after the first */
    const char *url;   /* of the server, "#" for its port */
    double first_s, stall_s, total_s; /* limits, else ample ones */

    const char *text, *thinking; /* NULL: whatever came */
    enum finish finish;          /* FINISH_NONE: stop, or an error */
    const char *words;           /* in the error, with "|" between choices */
    int n_requests;              /* 0: 1; -1: any number */
};

#define HELLO "H\xC3\xA9llo"
#define GOOD "hello counted"
#define WHOLE .text = HELLO, .finish = FINISH_STOP
#define BROKEN .finish = FINISH_ERROR
#define STATUS(line, more) "HTTP/1.1 " line "\r\n" more
#define SOON "retry-after-ms: 1\r\n"

static const struct fault_case faults[] = {
    /* --- the same bytes, framed in another way --- */
    {FRAMING, "plain", GOOD, WHOLE},
    {FRAMING, "one byte a write", GOOD, BYTEWISE, WHOLE},
    {FRAMING, "chunks", GOOD, CHUNKED, WHOLE},
    {FRAMING, "a length", GOOD, COUNTED, WHOLE},
    {FRAMING, "a connection that stays", GOOD, CHUNKED, SERVER_KEEP, WHOLE},
    {FRAMING, "CR LF", GOOD, CRLF, WHOLE},
    {FRAMING, "CR LF, one byte a write", GOOD, CRLF | BYTEWISE, WHOLE},
    {FRAMING, "CR", GOOD, CR, WHOLE},
    {FRAMING, "no space after data:", GOOD, NO_SPACE, WHOLE},
    {FRAMING, "spaces after data:", GOOD, SPACES, WHOLE},
    {FRAMING, "no blank lines", GOOD, NO_BLANKS, WHOLE},
    {FRAMING, "many blank lines", GOOD, BLANKS, WHOLE},
    {FRAMING, "no last line end", GOOD, NO_LAST, WHOLE},
    {FRAMING, "no last line end, CR LF", GOOD, NO_LAST | CRLF, WHOLE},
    {FRAMING, "a byte order mark", GOOD, MARK, WHOLE},
    {FRAMING, "comments", GOOD, COMMENTS, WHOLE},
    {FRAMING, "comments, CR LF", GOOD, COMMENTS | CRLF, WHOLE},
    {FRAMING, "a mark and comments", GOOD, MARK | COMMENTS, WHOLE},
    {FRAMING, "id, retry and unknown fields", GOOD, FIELDS, WHOLE},
    {FRAMING, "data in two lines", GOOD, PARTED, WHOLE},
    {FRAMING, "data in two lines, CR LF", GOOD, PARTED | CRLF, WHOLE},
    {FRAMING, "the name behind the data", GOOD, DATA_FIRST, WHOLE},
    {FRAMING, "a flood of comments before",
     "flood=20000 hello counted", WHOLE},
    {FRAMING, "a flood of comments within",
     "begin text=H\xC3\xA9 flood=20000 text=llo counted", WHOLE},
    {FRAMING, "a flood of keep-alives",
     "begin text=H\xC3\xA9 alive alive alive alive text=llo alive counted",
     WHOLE},
    {FRAMING, "keep-alives first", "alive comment alive hello counted", WHOLE},
    {FRAMING, "unknown events",
     "begin unknown text=H\xC3\xA9 unknown text=llo counted", WHOLE},
    {FRAMING, "text/plain", GOOD,
     .head = STATUS("200 OK", "Content-Type: text/plain\r\n"), WHOLE},
    {FRAMING, "application/json", GOOD,
     .head = STATUS("200 OK", "Content-Type: application/json\r\n"), WHOLE},
    {FRAMING, "no content type", GOOD, .head = STATUS("200 OK", ""), WHOLE},
    {FRAMING, "HTTP/1.0", GOOD, .head = "HTTP/1.0 200 OK\r\n", WHOLE},
    {FRAMING, "headers of any case", GOOD, CHUNKED,
     .head = "HTTP/1.1 200\r\ncontent-TYPE:text/event-stream\r\n", WHOLE},
    {FRAMING, "early hints", GOOD,
     .head = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
             STATUS("200 OK", ""), WHOLE},
    {FRAMING, "100 Continue", GOOD,
     .head = "HTTP/1.1 100 Continue\r\n\r\n" STATUS("200 OK", ""), WHOLE},
    {FRAMING, "status 201", GOOD, .head = STATUS("201 Made", ""), WHOLE},
    {FRAMING, "encoding: identity", GOOD,
     .head = STATUS("200 OK", "Content-Encoding: identity\r\n"), WHOLE},

    /* --- content --- */
    {CONTENT, "an escape", "begin text=H\\u00e9llo end", WHOLE},
    {CONTENT, "a pair of surrogates", "begin text=\\ud83d\\ude00 end",
     .text = "\xF0\x9F\x98\x80", .finish = FINISH_STOP},
    {CONTENT, "surrogates apart", "begin text=\\ud83d text=\\ude00 end",
     .text = "\xF0\x9F\x98\x80", .finish = FINISH_STOP},
    {CONTENT, "surrogates apart, a keep-alive between",
     "begin text=\\ud83d alive text=\\ude00 end",
     .text = "\xF0\x9F\x98\x80", .finish = FINISH_STOP},
    {CONTENT, "half a pair", "begin text=a\\ud83d text=b end",
     .text = "a\xEF\xBF\xBD" "b", .finish = FINISH_STOP},
    {CONTENT, "half a pair at the end", "begin text=a\\ud83d end",
     .text = "a\xEF\xBF\xBD", .finish = FINISH_STOP},
    {CONTENT, "no UTF-8", "begin text=a\xFF\xFE end",
     .text = "a\xEF\xBF\xBD\xEF\xBF\xBD", .finish = FINISH_STOP},
    {CONTENT, "a character cut in two events",
     "begin text=a\xC3 text=\xA9 end", .finish = FINISH_STOP},
    {CONTENT, "a zero", "begin text=a\\u0000b end",
     .text = "a\xEF\xBF\xBD" "b", .finish = FINISH_STOP},
    {CONTENT, "escape sequences, as they are",
     "begin text=\\u001b[2Ja end", .text = "\x1b[2Ja", .finish = FINISH_STOP},
    {CONTENT, "line ends in the text", "begin text=a\\r\\n\\nb end",
     .text = "a\r\n\nb", .finish = FINISH_STOP},
    {CONTENT, "null and empty pieces",
     "begin empty text=H\xC3\xA9 empty text=llo empty counted", WHOLE},
    {CONTENT, "an empty answer", "begin end", .finish = FINISH_STOP,
     .text = ""},
    {CONTENT, "an empty answer of empty pieces", "begin empty empty end",
     .text = "", .finish = FINISH_STOP},
    {CONTENT, "thinking", "begin thinking=hm text=" HELLO " counted", WHOLE,
     .thinking = "hm"},
    {CONTENT, "thinking in tags",
     "begin text=<th text=ink>hm</thi text=nk> text=" HELLO " counted", WHOLE,
     .thinking = "hm"},
    {CONTENT, "nothing but thinking, and the limit",
     "begin thinking=hm length", .text = "", .thinking = "hm", BROKEN,
     .words = "thinking"},
    {CONTENT, "no usage", "hello end", WHOLE},
    {CONTENT, "usage", GOOD, WHOLE},
    {CONTENT, "cut by the limit", "hello length", .text = HELLO,
     .finish = FINISH_LENGTH},
    {CONTENT, "withheld", "hello filter", .text = HELLO,
     .finish = FINISH_FILTER},
    {CONTENT, "in one piece", "whole", .text = "whole", .finish = FINISH_STOP},
    {CONTENT, "in one piece, by the byte", "whole", BYTEWISE, .text = "whole",
     .finish = FINISH_STOP},
    {CONTENT, "in one piece, as JSON", "whole", COUNTED,
     .head = STATUS("200 OK", "Content-Type: application/json\r\n"),
     .text = "whole", .finish = FINISH_STOP},
    {CONTENT, "in one piece, cut", "whole cut=8", BROKEN, .text = ""},
    {CONTENT, "a text of 200 kB", "begin long=200000 end",
     .finish = FINISH_STOP},
    {CONTENT, "a line of 10 MB", "begin long=10000000 end", BROKEN,
     .words = "a line of more than"},
    {CONTENT, "9 MB of text", "begin many=9000 end", BROKEN,
     .words = "larger than"},
    {CONTENT, "JSON that is nested too deep",
     "begin text=a nested=2000 end", .n_requests = 1},

    /* --- where it ends --- */
    {ENDS, "closed in the middle", "hello", BROKEN, .text = HELLO,
     .words = "cut off"},
    {ENDS, "closed inside of an event", "hello text=x cut=9", BROKEN,
     .text = HELLO},
    {ENDS, "closed inside of a character", "begin text=a text=\xC3", BROKEN},
    {ENDS, "closed after the begin", "begin", BROKEN, .text = ""},
    {ENDS, "closed after a thought", "begin thinking=hm", BROKEN, .text = ""},
    {ENDS, "closed after a comment", "comment", BROKEN, .text = ""},
    {ENDS, "closed after a keep-alive", "alive", BROKEN, .text = ""},
    {ENDS, "closed after the headers", "", BROKEN, .text = ""},
    /* On a connection that was used before, curl asks anew. */
    {ENDS, "closed inside of the headers", "", .head = "HTTP/1.1 200 OK",
     BROKEN, .text = "", .n_requests = -1},
    {ENDS, "closed before a word", "", .head = "", BROKEN, .text = "",
     .n_requests = -1},
    {ENDS, "a finish, no marker", "closing hello finish", WHOLE},
    {ENDS, "a marker, no finish", "hello marker", .text = HELLO},
    {ENDS, "chunks without a last one", "hello", UNENDED, BROKEN,
     .text = HELLO, .words = "cut off"},
    {ENDS, "a finish, chunks without a last one", "hello finish", UNENDED,
     BROKEN, .text = HELLO},
    {ENDS, "fewer bytes than the length", "hello", SHORT, BROKEN,
     .text = HELLO, .words = "cut off"},
    {ENDS, "fewer bytes than the length, but an end", "marked hello counted",
     SHORT, WHOLE},
    {ENDS, "silence after the end", "marked hello counted", 0, SERVER_HANG,
     WHOLE},
    {ENDS, "a reset after the end", "marked hello counted", 0, SERVER_RESET,
     .text = NULL},
    {ENDS, "reset in the middle", "hello", 0, SERVER_RESET, BROKEN},
    {ENDS, "reset after the headers", "", 0, SERVER_RESET, BROKEN,
     .text = ""},
    {ENDS, "reset before a word", "", 0, SERVER_RESET, .head = "", BROKEN,
     .text = "", .n_requests = -1},
    {ENDS, "reset after a finish", "hello finish", 0, SERVER_RESET, BROKEN},
    {ENDS, "text after the end", "marked hello counted text=late", WHOLE},
    {ENDS, "nonsense after the end", "marked hello counted raw=data: {bro",
     WHOLE},
    {ENDS, "a second answer after the end",
     "marked hello counted hello counted", WHOLE},

    /* --- time --- */
    {WAITS, "slow at first", GOOD, .pause_ms = 300, .first_s = 20, WHOLE},
    {WAITS, "silence at first", "", 0, SERVER_HANG, .first_s = 0.2, BROKEN,
     .text = "", .words = "\"first_token_timeout_s\""},
    {WAITS, "silence before the headers", "", 0, SERVER_HANG, .head = "",
     .first_s = 0.2, BROKEN, .text = "", .words = "\"first_token_timeout_s\""},
    {WAITS, "silence inside of the headers", "", 0, SERVER_HANG,
     .head = "HTTP/1.1 200 OK\r\nX", .first_s = 0.2, BROKEN, .text = "",
     .words = "\"first_token_timeout_s\""},
    {WAITS, "silence after the begin", "begin", 0, SERVER_HANG, .first_s = 0.2,
     BROKEN, .text = "", .words = "\"first_token_timeout_s\""},
    {WAITS, "silence in the middle", "hello", 0, SERVER_HANG, .stall_s = 0.2,
     BROKEN, .text = HELLO, .words = "\"stall_timeout_s\""},
    {WAITS, "silence inside of an event", "hello text=x cut=9", 0, SERVER_HANG,
     .stall_s = 0.2, BROKEN, .text = HELLO, .words = "\"stall_timeout_s\""},
    {WAITS, "blanks without end", "", 0, SERVER_DRIP, .drip = "raw=\n",
     .first_s = 0.2, BROKEN, .text = "", .words = "\"first_token_timeout_s\""},
    {WAITS, "comments without end", "", 0, SERVER_DRIP, .drip = "comment",
     .first_s = 0.2, BROKEN, .text = "", .words = "\"first_token_timeout_s\""},
    {WAITS, "keep-alives without end, before a word", "begin", 0, SERVER_DRIP,
     .drip = "alive", .first_s = 0.2, BROKEN, .text = "",
     .words = "\"first_token_timeout_s\""},
    {WAITS, "keep-alives without end, after a word", "hello", 0, SERVER_DRIP,
     .drip = "alive comment", .stall_s = 0.2, BROKEN, .text = HELLO,
     .words = "\"stall_timeout_s\""},
    {WAITS, "empty pieces without end", "hello", 0, SERVER_DRIP,
     .drip = "empty", .stall_s = 0.2, BROKEN, .text = HELLO,
     .words = "\"stall_timeout_s\""},
    {WAITS, "text without end", "hello", 0, SERVER_DRIP, .drip = "text=x",
     .total_s = 0.3, BROKEN, .words = "\"total_timeout_s\""},
    {WAITS, "headers without end", "", 0, SERVER_DRIP,
     .head = "HTTP/1.1 200 OK\r\nX", .drip = "raw=X: y\r\n", .first_s = 0.2,
     BROKEN, .text = "", .words = "\"first_token_timeout_s\""},
    {WAITS, "an error without end", "refusal=No", 0, SERVER_HANG,
     .head = STATUS("500 No", "Content-Length: 9999\r\n"), .first_s = 0.2,
     .stall_s = 0.2, BROKEN, .text = "", .n_requests = -1},

    /* --- errors under status 200 --- */
    {ERRORS, "at once", "error=No_GPU", BROKEN, .text = "",
     .words = "No_GPU", .n_requests = -1},
    {ERRORS, "after the begin", "begin error=No_GPU", BROKEN, .text = "",
     .words = "No_GPU", .n_requests = -1},
    {ERRORS, "in the middle", "hello error=No_GPU", BROKEN, .text = HELLO,
     .words = "No_GPU"},
    {ERRORS, "in the middle, by the byte", "hello error=No_GPU", BYTEWISE,
     BROKEN, .text = HELLO, .words = "No_GPU"},
    {ERRORS, "in the middle, then an end", "hello error=No_GPU end", BROKEN,
     .text = HELLO, .words = "No_GPU"},
    {ERRORS, "after the finish", "hello finish error=No_GPU marker", BROKEN,
     .text = HELLO, .words = "No_GPU"},
    {ERRORS, "in the middle, then silence", "hello error=No_GPU", 0,
     SERVER_HANG, BROKEN, .text = HELLO, .words = "No_GPU"},
    {ERRORS, "in the middle, then a reset", "hello error=No_GPU", 0,
     SERVER_RESET, BROKEN},
    {ERRORS, "in the middle, without its last line end", "hello error=No_GPU",
     NO_LAST, BROKEN, .text = HELLO, .words = "No_GPU"},
    {ERRORS, "another way", "hello failure=No_GPU end", BROKEN, .text = HELLO,
     .words = "No_GPU"},
    {ERRORS, "with the key in it", "hello error=bad_" FAULTS_KEY, BROKEN,
     .text = HELLO, .words = "[key]"},
    {ERRORS, "in one JSON", "refusal=No_GPU", BROKEN, .text = "",
     .words = "No_GPU", .n_requests = -1},
    {ERRORS, "in one JSON, in an array", "raw=[{\"error\":{\"code\":400,"
     "\"message\":\"No_GPU\"}}]", BROKEN, .text = "", .words = "No_GPU"},
    {ERRORS, "an event named error", "hello raw=event: error\ndata: "
     "{\"message\":\"No_GPU\"}\n\n", BROKEN, .text = HELLO},
    {ERRORS, "a web page", "raw=<html><title>My  shop</title>", BROKEN,
     .text = "", .words = "My shop"},
    {ERRORS, "some words", "raw=hello", BROKEN, .text = "",
     .words = "hello"},
    {ERRORS, "an empty object", "raw={}", BROKEN, .text = ""},
    {ERRORS, "an empty array", "raw=[]", BROKEN, .text = ""},
    {ERRORS, "null", "raw=null", BROKEN, .text = ""},
    {ERRORS, "no JSON in the middle", "hello raw=data: oops\n\n", BROKEN,
     .text = HELLO},
    {ERRORS, "binary", "raw=\x01\x02\xFF\xFE\x7F\x1B[2J", BROKEN, .text = ""},
    {ERRORS, "204", "", .head = STATUS("204 Nothing", ""), BROKEN,
     .text = ""},

    /* --- statuses --- */
    {STATUSES, "400", "refusal=too_hot", .head = STATUS("400 No", SOON),
     BROKEN, .words = "too_hot"},
    {STATUSES, "400, in an array", "raw=[{\"error\":{\"message\":\"too_hot\"}}]",
     .head = STATUS("400 No", SOON), BROKEN, .words = "too_hot"},
    {STATUSES, "400, a text", "raw=too_hot", .head = STATUS("400 No", SOON),
     BROKEN, .words = "too_hot"},
    {STATUSES, "400, nothing", "", .head = STATUS("400 No", SOON), BROKEN,
     .words = "HTTP 400"},
    {STATUSES, "400, by the byte", "refusal=too_hot", BYTEWISE,
     .head = STATUS("400 No", SOON), BROKEN, .words = "too_hot"},
    {STATUSES, "400, control characters", "refusal=a\\u001b[2J\\nb",
     .head = STATUS("400 No", SOON), BROKEN, .words = "a [2J b"},
    {STATUSES, "400 of 1 MB", "long=1000000",
     .head = STATUS("400 No", SOON), BROKEN, .words = "HTTP 400"},
    {STATUSES, "400, cut", "refusal=too_hot cut=3", SHORT,
     .head = STATUS("400 No", SOON), BROKEN},
    {STATUSES, "401, with the key", "refusal=bad_" FAULTS_KEY,
     .head = STATUS("401 No", ""), BROKEN, .words = "bad_[key]"},
    {STATUSES, "402", "refusal=Pay", .head = STATUS("402 No", ""), BROKEN,
     .words = "Pay"},
    {STATUSES, "403", "refusal=not_here", .head = STATUS("403 No", ""),
     BROKEN, .words = "not_here"},
    {STATUSES, "404, a text", "raw=404 page not found",
     .head = STATUS("404 No", ""), BROKEN, .words = "\"base_url\""},
    {STATUSES, "404 of a model", "refusal=no_such_model",
     .head = STATUS("404 No", ""), BROKEN, .words = "no_such_model"},
    {STATUSES, "405", "refusal=only_GET", .head = STATUS("405 No", ""),
     BROKEN, .words = "only_GET"},
    {STATUSES, "408, then good", "", .head = STATUS("408 Late", SOON),
     .then = GOOD, WHOLE, .n_requests = 2},
    {STATUSES, "409, then good", "", .head = STATUS("409 Race", SOON),
     .then = GOOD, WHOLE, .n_requests = 2},
    {STATUSES, "413", "refusal=too_big", .head = STATUS("413 No", ""),
     BROKEN, .words = "too long"},
    {STATUSES, "422, a list",
     "raw={\"detail\":[{\"loc\":[\"body\",\"n\"],\"msg\":\"no_number\"}]}",
     .head = STATUS("422 No", ""), BROKEN, .words = "no_number"},
    {STATUSES, "429, in seconds, then good", "refusal=Slow",
     .head = STATUS("429 Slow", "Retry-After: 0\r\n"), .then = GOOD, WHOLE,
     .n_requests = 2},
    {STATUSES, "429, a fraction, then good", "refusal=Slow",
     .head = STATUS("429 Slow", "Retry-After: 0.05\r\n"), .then = GOOD, WHOLE,
     .n_requests = 2},
    {STATUSES, "429, a date, then good", "refusal=Slow",
     .head = STATUS("429 Slow",
                    "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n"),
     .then = GOOD, WHOLE, .n_requests = 2},
    {STATUSES, "429, milliseconds, then good", "refusal=Slow",
     .head = STATUS("429 Slow", "retry-after-ms: 20\r\n"), .then = GOOD, WHOLE,
     .n_requests = 2},
    {STATUSES, "429, nothing, then good", "", .head = STATUS("429 Slow", ""),
     .then = GOOD, WHOLE, .n_requests = 2},
    {STATUSES, "429, no number, then good", "refusal=Slow",
     .head = STATUS("429 Slow", "Retry-After: soon\r\n"), .then = GOOD, WHOLE,
     .n_requests = 2},
    {STATUSES, "429, less than nothing, then good", "refusal=Slow",
     .head = STATUS("429 Slow", "Retry-After: -5\r\n"), .then = GOOD, WHOLE,
     .n_requests = 2},
    {STATUSES, "429, in words, then good",
     "refusal=try\\u0020again\\u0020in\\u002030ms",
     .head = STATUS("429 Slow", ""), .then = GOOD, WHOLE, .n_requests = 2},
    {STATUSES, "429 in seconds, for long", "refusal=Slow",
     .head = STATUS("429 Slow", "Retry-After: 7325\r\n"), BROKEN,
     .words = "2 h 2 min 5 s"},
    {STATUSES, "429 at a date, for long", "refusal=Slow",
     .head = STATUS("429 Slow",
                    "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT\r\n"),
     BROKEN, .words = "It asks to wait"},
    {STATUSES, "429 three times", "refusal=Slow",
     .head = STATUS("429 Slow", SOON), BROKEN, .words = "Slow (tried 3 times)",
     .n_requests = 3},
    {STATUSES, "429 for good",
     "raw={\"error\":{\"message\":\"Pay\",\"code\":\"insufficient_quota\"}}",
     .head = STATUS("429 Slow", SOON), BROKEN, .words = "Pay"},
    {STATUSES, "429 for the day",
     "raw={\"error\":{\"message\":\"free-models-per-day\"}}",
     .head = STATUS("429 Slow", SOON), BROKEN, .words = "per-day"},
    {STATUSES, "500, then good", "refusal=oops", .head = STATUS("500 No", SOON),
     .then = GOOD, WHOLE, .n_requests = 2},
    {STATUSES, "500 three times", "refusal=oops",
     .head = STATUS("500 No", SOON), BROKEN, .words = "oops",
     .n_requests = 3},
    {STATUSES, "502, a page",
     "raw=<html>\n<head><TITLE>Bad\nGateway</TITLE>",
     .head = STATUS("502 No", SOON), BROKEN,
     .words = "(HTTP 502): Bad Gateway", .n_requests = 3},
    {STATUSES, "503, nothing", "", .head = STATUS("503 Busy", SOON), BROKEN,
     .words = "HTTP 503", .n_requests = 3},
    {STATUSES, "503, loading, then good", "refusal=Loading\\u0020model",
     .head = STATUS("503 Busy", ""), .then = GOOD, WHOLE, .n_requests = 2},
    {STATUSES, "503, no use", "", BROKEN, .words = "HTTP 503",
     .head = STATUS("503 Busy", "x-should-retry: false\r\n")},
    {STATUSES, "504, then good", "", .head = STATUS("504 Late", SOON),
     .then = GOOD, WHOLE, .n_requests = 2},
    {STATUSES, "529, then good", "refusal=Overloaded",
     .head = STATUS("529 Full", SOON), .then = GOOD, WHOLE, .n_requests = 2},
    {STATUSES, "500, then a cut answer", "", .head = STATUS("500 No", SOON),
     .then = "hello", BROKEN, .text = HELLO, .words = "cut off",
     .n_requests = 2},
    {STATUSES, "500, then an error in the middle", "",
     .head = STATUS("500 No", SOON), .then = "hello error=No_GPU", BROKEN,
     .text = HELLO, .words = "No_GPU", .n_requests = 2},
    {STATUSES, "418", "refusal=teapot", .head = STATUS("418 Pot", ""), BROKEN,
     .words = "teapot"},
    {STATUSES, "status 999", "", .head = STATUS("999 No", SOON), BROKEN,
     .n_requests = -1},

    /* --- the way there --- */
    {TRANSPORT, "301 to another host", "", BROKEN, .words = "redirects",
     .head = STATUS("301 Gone", "Location: http://127.0.0.1:@/v1\r\n")},
    {TRANSPORT, "302 to another host", "", BROKEN, .words = "redirects",
     .head = STATUS("302 Gone", "Location: http://127.0.0.1:@/v1\r\n")},
    {TRANSPORT, "307 to another host", "", BROKEN, .words = "redirects",
     .head = STATUS("307 Gone", "Location: http://127.0.0.1:@/v1\r\n")},
    {TRANSPORT, "308 to another host, with the key", "", BROKEN,
     .words = "redirects",
     .head = STATUS("308 Gone", "Location: http://" FAULTS_KEY
                                ".example/\r\n")},
    {TRANSPORT, "a redirect to nowhere", "", BROKEN, .words = "redirects",
     .head = STATUS("302 Gone", "")},
    {TRANSPORT, "304", "", .head = STATUS("304 Same", ""), BROKEN},
    {TRANSPORT, "gzip", "raw=\x1F\x8B\x08\x01\x02", BROKEN, .text = "",
     .words = "compressed",
     .head = STATUS("200 OK", "Content-Encoding: gzip\r\n")},
    {TRANSPORT, "a bomb of gzip", "raw=\x1F\x8B\x08\x01\x02", 0, SERVER_DRIP,
     .drip = "long=100000", BROKEN, .text = "", .words = "compressed",
     .head = STATUS("200 OK", "content-encoding:GZIP\r\n")},
    {TRANSPORT, "deflate", "raw=\x78\x9C\x01", BROKEN, .text = "",
     .words = "compressed",
     .head = STATUS("200 OK", "Content-Encoding: deflate\r\n")},
    {TRANSPORT, "br", "raw=\x01\x02", BROKEN, .text = "",
     .words = "compressed",
     .head = STATUS("200 OK", "Content-Encoding: br\r\n")},
    {TRANSPORT, "gzip, unsaid", "raw=\x1F\x8B\x08\x01\x02", BROKEN,
     .text = ""},
    {TRANSPORT, "an error in gzip", "raw=\x1F\x8B\x08\x01\x02", BROKEN,
     .head = STATUS("400 No", "Content-Encoding: gzip\r\n")},
    {TRANSPORT, "chunks that are none", "raw=zzz\r\nhello\r\n", BROKEN,
     .text = "", .head = STATUS("200 OK", "Transfer-Encoding: chunked\r\n")},
    {TRANSPORT, "two lengths", GOOD, .n_requests = 1,
     .head = STATUS("200 OK", "Content-Length: 5\r\nContent-Length: 7\r\n")},
    {TRANSPORT, "a length below zero", GOOD, .n_requests = 1,
     .head = STATUS("200 OK", "Content-Length: -5\r\n")},
    {TRANSPORT, "mail", "", .head = "220 mail.example ESMTP\r\n", BROKEN,
     .text = "", .words = "does not speak HTTP"},
    {TRANSPORT, "no status", "", .head = "HTTP/1.1 abc\r\n", BROKEN,
     .text = ""},
    {TRANSPORT, "nobody listens", "", .url = "http://127.0.0.1:1", BROKEN,
     .text = "", .words = "cannot connect", .n_requests = -1},
    {TRANSPORT, "plain http where TLS is wanted", "",
     .url = "https://127.0.0.1:#", BROKEN, .text = "",
     .words = "does not speak TLS", .n_requests = -1},
    {TRANSPORT, "a name that is none", "", .url = "https://nowhere.invalid",
     BROKEN, .text = "", .words = "cannot find the host|cannot connect",
     .n_requests = -1},
};
#define N_FAULTS (sizeof(faults) / sizeof(faults[0]))

#endif
