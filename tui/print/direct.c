#include "tui/print/direct.h"

#include <stdio.h>
#include <unistd.h>

void direct_print_begin(struct direct_printer *p)
{
    clean_init(&p->clean);
    p->terminal = isatty(STDOUT_FILENO);
    p->wrote = false;
}

void direct_print(struct direct_printer *p, const char *bytes, size_t n)
{
    p->wrote = p->wrote || n > 0;
    if (p->terminal) {
        struct buf out;
        buf_init(&out, 32 * n + 64);
        clean_add(&p->clean, bytes, n, &out);
        fwrite(out.data, 1, out.len, stdout);
        buf_free(&out);
    } else {
        fwrite(bytes, 1, n, stdout);
    }
    fflush(stdout);
}

void direct_print_end(struct direct_printer *p)
{
    if (p->terminal) {
        struct buf out;
        buf_init(&out, 64);
        clean_end(&p->clean, &out);
        fwrite(out.data, 1, out.len, stdout);
        buf_free(&out);
    }
    putchar('\n');
}

void direct_print_stop(struct direct_printer *p)
{
    if (p->wrote)
        direct_print_end(p);
    fflush(stdout);
}
