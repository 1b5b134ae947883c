#!/bin/sh
# The engine compiled for 64-bit ARM: its unit tests, the NEON kernels against
# the scalar ones and tiny models of every architecture among them, run by
# qemu-user.  `make check-neon` fetches what it needs; without that, and in
# other builds than the release, it is left out.
. tests/tap.sh
. tests/neon/place.sh

case $ARENA in */build/release/arena) ;; *) skip_all "only beside the release" ;; esac
missing=$(neon_missing)
[ -z "$missing" ] || skip_all "needs $missing"
[ -e "$neon_lib/complete" ] || skip_all "run make check-neon once"

# Unit tests of what needs base and engine only.
above='"(arena|rating|tui|backends/([a-z_]+\.h|local)|answers|company)'
programs=$(grep -LE "#include $above" tests/unit/test_*.c |
    xargs grep -l '#include "backends/engine\|tokenizer_helpers' |
    sed 's|^tests/|build/neon/|; s|\.c$||')

# The headers of the libraries are the same on every machine.
nice make -s -j"$(nproc)" BUILD=build/neon CC=$neon_cc WERROR="${WERROR:-}" \
    SRC="$(find base backends/engine -name '*.c' | sort | tr '\n' ' ')" \
    PKG_CFLAGS="-idirafter /usr/include" \
    PKG_LIBS="-L$neon_lib -lcjson -lpcre2-8 -lutf8proc" $programs >"$scratch/log" 2>&1
status=$?
is "$status" 0 "the engine compiles for ARM"
[ "$status" = 0 ] || cat "$scratch/log" >&2

for program in $programs; do
    out=$(qemu-aarch64 -cpu max -L $neon_root \
        -E LD_LIBRARY_PATH="$neon_lib:$neon_root/lib" \
        -E ARENA_TEST_KERNELS=neon "$program" 2>&1)
    status=$?
    is "$status" 0 "${program##*/}"
    [ "$status" = 0 ] || echo "$out" | grep -v '^ok' >&2
done
done_testing
