/* An emulator of AMX tiles: the handler of SIGILL carries out the instruction
 * that the processor does not know and goes on behind it.  So the kernels for
 * tiles run as they were compiled on any machine with AVX-512; slowly.
 *
 * A test that includes this has the set "amx": its tiles_work takes the place
 * of the library's.  If the machine has tiles, they do the work.
 *
 * The emulator knows LDTILECFG, TILERELEASE, TILEZERO, TILELOADD, TILESTORED,
 * TDPBSSD and TDPBSUD in their VEX form, and refuses what a processor would
 * refuse: wrong shapes, tiles that were not configured.  (Intel 64 and IA-32
 * Architectures Software Developer's Manual, volume 2.) */
#ifndef TILE_EMULATOR_H
#define TILE_EMULATOR_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "backends/engine/kernels/tiles.h"

#ifdef KERN_TILES

#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

struct emulated_tile {
    int rows, row_bytes;
    uint8_t data[16][64];
};

static _Thread_local struct {
    bool configured;
    struct emulated_tile tiles[8];
} emulator;

static void emulator_refuse(const char *why)
{
    static const char say[] = "tile emulator: ";
    if (write(2, say, sizeof(say) - 1) < 0 || write(2, why, strlen(why)) < 0 ||
        write(2, "\n", 1) < 0)
        _exit(3);
    _exit(2);
}

/* --- instructions ------------------------------------------------------- */

static void emulate_configuration(const uint8_t *p)
{
    if (p[0] != 1)
        emulator_refuse("a palette that is not 1");
    for (int t = 0; t < 8; t++) {
        struct emulated_tile *tile = &emulator.tiles[t];
        uint16_t row_bytes;
        memset(tile, 0, sizeof(*tile));
        memcpy(&row_bytes, p + 16 + 2 * t, 2);
        tile->row_bytes = row_bytes;
        tile->rows = p[48 + t];
        if (tile->rows > 16 || tile->row_bytes > 64 ||
            (tile->rows == 0) != (tile->row_bytes == 0))
            emulator_refuse("a shape that no tile may have");
    }
    emulator.configured = true;
}

static struct emulated_tile *emulated_tile(int t)
{
    if (!emulator.configured || emulator.tiles[t].rows == 0)
        emulator_refuse("a tile without a shape");
    return &emulator.tiles[t];
}

static void emulate_product(int c, int a, int b, bool b_is_signed)
{
    struct emulated_tile *to = emulated_tile(c), *x = emulated_tile(a),
                         *y = emulated_tile(b);
    if (c == a || c == b || a == b || to->rows != x->rows ||
        to->row_bytes != y->row_bytes || x->row_bytes % 4 != 0 ||
        x->row_bytes / 4 != y->rows)
        emulator_refuse("shapes that do not match");
    for (int m = 0; m < to->rows; m++)
        for (int n = 0; n < to->row_bytes / 4; n++) {
            uint32_t sum;
            memcpy(&sum, to->data[m] + 4 * n, 4);
            for (int k = 0; k < x->row_bytes; k++) {
                uint8_t v = y->data[k / 4][4 * n + k % 4];
                int w = b_is_signed ? (int8_t)v : v;
                sum += (uint32_t)((int8_t)x->data[m][k] * w);
            }
            memcpy(to->data[m] + 4 * n, &sum, 4);
        }
}

/* --- decoding ----------------------------------------------------------- */

/* C4, R̄ X̄ B̄ and the map, W v̄vvv L pp, opcode, ModRM. */
struct instruction {
    const uint8_t *bytes;
    int reg, rm, mod, v, prefix, opcode;
    bool x, b; /* extend the index and the base */
};

/* Places in gregs, as in Linux's struct sigcontext. */
enum { AT_RIP = 16 };

static uint64_t register_of(const ucontext_t *context, int i)
{
    /* rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, … r15 */
    static const int at[16] = {13, 14, 12, 11, 15, 10, 9, 8,
                               0,  1,  2,  3,  4,  5,  6, 7};
    return (uint64_t)context->uc_mcontext.gregs[at[i]];
}

/* Where the operand in memory is; *length: of the instruction.  *step: what
 * the index holds, unscaled as here it must be. */
static uint8_t *address_of(const struct instruction *i,
                           const ucontext_t *context, uint64_t *step,
                           int *length)
{
    const uint8_t *p = i->bytes + 5;
    int base = i->rm;
    uint64_t at = 0;
    *step = 0;
    if (i->rm == 4) {
        uint8_t sib = *p++;
        int index = (sib >> 3 & 7) | i->x << 3;
        base = sib & 7;
        if (index != 4)
            *step = register_of(context, index) << (sib >> 6);
    }
    if (i->mod == 0 && base == 5) {
        int32_t offset;
        memcpy(&offset, p, 4);
        p += 4;
        *length = (int)(p - i->bytes);
        if (i->rm != 4) /* relative to the next instruction */
            at = (uint64_t)(uintptr_t)p;
        return (uint8_t *)(uintptr_t)(at + (uint64_t)(int64_t)offset);
    }
    at = register_of(context, base | i->b << 3);
    if (i->mod == 1)
        at += (uint64_t)(int64_t)(int8_t)*p++;
    if (i->mod == 2) {
        int32_t offset;
        memcpy(&offset, p, 4);
        p += 4;
        at += (uint64_t)(int64_t)offset;
    }
    *length = (int)(p - i->bytes);
    return (uint8_t *)(uintptr_t)at;
}

enum { PREFIX_NONE, PREFIX_66, PREFIX_F3, PREFIX_F2 };

static bool decode(const uint8_t *p, struct instruction *i)
{
    if (p[0] != 0xc4 || (p[1] & 31) != 2 || (p[2] & 0x84) != 0)
        return false;
    *i = (struct instruction){
        .bytes = p, .x = !(p[1] & 0x40), .b = !(p[1] & 0x20),
        .v = ~(p[2] >> 3) & 15, .prefix = p[2] & 3, .opcode = p[3],
        .mod = p[4] >> 6, .reg = p[4] >> 3 & 7, .rm = p[4] & 7};
    return true;
}

/* 49: configurations and zeros. */
static int emulate_49(const struct instruction *i, const ucontext_t *context)
{
    int length = 5;
    uint64_t step;
    if (i->mod != 3 && i->prefix == PREFIX_NONE && i->reg == 0) {
        const uint8_t *at = address_of(i, context, &step, &length);
        emulate_configuration(at + step);
    } else if (i->mod == 3 && i->prefix == PREFIX_NONE && i->bytes[4] == 0xc0) {
        emulator.configured = false;
    } else if (i->mod == 3 && i->prefix == PREFIX_F2) {
        memset(emulated_tile(i->reg)->data, 0, sizeof(emulator.tiles->data));
    } else {
        return 0;
    }
    return length;
}

/* 4B: from and to memory. */
static int emulate_4b(const struct instruction *i, const ucontext_t *context)
{
    int length;
    uint64_t step;
    struct emulated_tile *tile = emulated_tile(i->reg);
    if (i->mod == 3 || i->rm != 4)
        return 0;
    uint8_t *at = address_of(i, context, &step, &length);
    if (i->prefix == PREFIX_F2)
        memset(tile->data, 0, sizeof(tile->data));
    for (int r = 0; r < tile->rows; r++, at += step)
        if (i->prefix == PREFIX_F2)
            memcpy(tile->data[r], at, (size_t)tile->row_bytes);
        else if (i->prefix == PREFIX_F3)
            memcpy(at, tile->data[r], (size_t)tile->row_bytes);
        else
            return 0;
    return length;
}

/* Carries out one instruction.  Returns its length; 0: it is none of ours. */
static int emulate(const ucontext_t *context)
{
    struct instruction i;
    const uint8_t *p =
        (const uint8_t *)(uintptr_t)context->uc_mcontext.gregs[AT_RIP];
    if (!decode(p, &i))
        return 0;
    if (i.opcode == 0x49)
        return emulate_49(&i, context);
    if (i.opcode == 0x4b)
        return emulate_4b(&i, context);
    if (i.opcode != 0x5e || i.mod != 3 ||
        (i.prefix != PREFIX_F2 && i.prefix != PREFIX_F3))
        return 0;
    emulate_product(i.reg, i.rm, i.v, i.prefix == PREFIX_F2);
    return 5;
}

static void emulator_on_illegal(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    int length = emulate(context);
    if (length == 0)
        emulator_refuse("an illegal instruction that is not about tiles");
    ((ucontext_t *)context)->uc_mcontext.gregs[AT_RIP] += length;
}

bool tiles_work(void)
{
    struct sigaction act;
    memset(&act, 0, sizeof(act));
    act.sa_sigaction = emulator_on_illegal;
    act.sa_flags = SA_SIGINFO | SA_NODEFER;
    syscall(SYS_arch_prctl, 0x1023, 18L); /* real ones, if there are any */
    return sigaction(SIGILL, &act, NULL) == 0;
}

#endif
#endif
