/* Whether there are tiles. */
#include "backends/engine/kernels/tiles.h"

#ifdef KERN_TILES

#include <cpuid.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* SDM, volume 2, CPUID leaf 7: bits 24 and 25 of EDX. */
static bool processor_names_them(void)
{
    const unsigned tile = 1u << 24, int8 = 1u << 25;
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & tile) && (d & int8);
}

/* The system must have switched on both parts of their state: bits 17 and 18
 * of XCR0 (SDM, volume 1, chapter 13). */
static bool system_keeps_them(void)
{
    const unsigned both = 3u << 17;
    unsigned a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
        return false;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    (void)high;
    return (low & both) == both;
}

/* Linux gives a process the large part of the state if it asks (since 5.16:
 * Documentation/arch/x86/xstate.rst). */
static bool system_grants_them(void)
{
    const long request_permission = 0x1023, tile_data = 18;
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

static sigjmp_buf no_tiles;

static void on_illegal(int signal)
{
    (void)signal;
    siglongjmp(no_tiles, 1);
}

/* One product of known numbers. */
static bool multiply_well(void)
{
    enum { A = 1, B = 2, C = 0 };
    _Alignas(64) int8_t a[16][64], b[16][64];
    _Alignas(64) int32_t c[16][16];
    struct tile_shapes shapes = {0};
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 64; j++) {
            a[i][j] = (int8_t)(i * 23 + j * 7);
            b[i][j] = (int8_t)(i * 11 - j * 5);
        }
    for (int t = C; t <= B; t++)
        tile_shape(&shapes, t, 16, 64);
    tile_configure(&shapes);
    tile_load(A, a, 64);
    tile_load(B, b, 64);
    tile_zero(C);
    tile_multiply(C, A, B);
    tile_store(C, c, 64);
    tile_release();
    for (int m = 0; m < 16; m++)
        for (int n = 0; n < 16; n++) {
            int32_t sum = 0;
            for (int k = 0; k < 64; k++)
                sum += a[m][k] * b[k / 4][4 * n + k % 4];
            if (c[m][n] != sum)
                return false;
        }
    return true;
}

bool tiles_multiply_well(void)
{
    struct sigaction act, before;
    memset(&act, 0, sizeof(act));
    act.sa_handler = on_illegal;
    if (sigaction(SIGILL, &act, &before) != 0)
        return false;
    volatile bool well = false;
    if (sigsetjmp(no_tiles, 1) == 0)
        well = multiply_well();
    sigaction(SIGILL, &before, NULL);
    return well;
}

static bool work;

static void find_out(void)
{
    work = processor_names_them() && system_keeps_them() &&
           system_grants_them() && tiles_multiply_well();
}

bool tiles_work(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_out);
    return work;
}

#else

bool tiles_multiply_well(void)
{
    return false;
}

bool tiles_work(void)
{
    return false;
}

#endif
