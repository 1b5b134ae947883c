#include "base/clock.h"

#include <limits.h>
#include <string.h>
#include <time.h>

static int64_t read_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_monotonic_ms(void)
{
    return read_ns(CLOCK_MONOTONIC) / 1000000;
}

int64_t clock_monotonic_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_thread_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_wall_ms(void)
{
    return read_ns(CLOCK_REALTIME) / 1000000;
}

int clock_sooner_ms(int x_ms, int y_ms)
{
    return x_ms < 0 || (y_ms >= 0 && y_ms < x_ms) ? y_ms : x_ms;
}

void clock_format(int64_t wall_ms, char out[CLOCK_TEXT_BYTES])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(out, CLOCK_TEXT_BYTES, "%Y-%m-%d %H:%M:%SZ", &parts) == 0)
        memcpy(out, "?", sizeof("?"));
}

/* Exactly `n` digits, as a number; -1 if they are none. */
static int digits(const char **at, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = 10 * value + (**at - '0');
    }
    return value;
}

/* A separator, then two digits. */
static int part(const char **at, const char *separators)
{
    if (**at == '\0' || strchr(separators, **at) == NULL)
        return -1;
    (*at)++;
    return digits(at, 2);
}

/* ".123456" behind the seconds: milliseconds, or 0 if there is none. */
static int fraction(const char **at)
{
    int ms = 0;
    if (**at != '.' || (*at)[1] < '0' || (*at)[1] > '9')
        return 0;
    (*at)++;
    for (int place = 100; **at >= '0' && **at <= '9'; (*at)++, place /= 10)
        ms += place * (**at - '0');
    return ms;
}

/* "Z", "+02:00" or nothing: minutes before UTC; INT_MIN: it is none. */
static int zone(const char **at)
{
    int sign = **at == '-' ? -1 : 1;
    if (**at == 'Z')
        (*at)++;
    if (**at != '+' && **at != '-')
        return 0;
    int hours = part(at, "+-"), minutes = hours < 0 ? -1 : part(at, ":");
    return minutes < 0 ? INT_MIN : sign * (60 * hours + minutes);
}

bool clock_parse(const char *text, int64_t *wall_ms)
{
    struct tm t = {0};
    int ms = 0, ahead = 0;
    t.tm_year = digits(&text, 4) - 1900;
    if (t.tm_year < -1900)
        return false;
    t.tm_mon = part(&text, "-") - 1;
    if (t.tm_mon < 0)
        return false;
    t.tm_mday = part(&text, "-");
    if (t.tm_mday > 0 && (*text == ' ' || *text == 'T')) {
        t.tm_hour = part(&text, " T");
        if (t.tm_hour < 0)
            return false;
        t.tm_min = part(&text, ":");
        if (*text == ':' && t.tm_min >= 0) {
            t.tm_sec = part(&text, ":");
            ms = fraction(&text);
        }
        ahead = zone(&text);
    }
    struct tm same = t;
    time_t seconds = timegm(&same);
    /* timegm turns February 30 into a day of March: not what was written. */
    if (*text != '\0' || ahead == INT_MIN || same.tm_year != t.tm_year ||
        same.tm_mon != t.tm_mon || same.tm_mday != t.tm_mday ||
        same.tm_hour != t.tm_hour || same.tm_min != t.tm_min ||
        same.tm_sec != t.tm_sec)
        return false;
    *wall_ms = ((int64_t)seconds - 60 * ahead) * 1000 + ms;
    return true;
}
