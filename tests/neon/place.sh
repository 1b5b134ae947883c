# What scripts/neon and tests/neon/neon.t both know.  Sourced.
neon_lib=$PWD/build/neon/lib # libraries for arm64
neon_cc=aarch64-linux-gnu-gcc
neon_root=/usr/aarch64-linux-gnu # of Debian's cross packages

# The packages that are not there.
neon_missing() {
    missing=
    command -v $neon_cc >/dev/null || missing="gcc-aarch64-linux-gnu"
    [ -e $neon_root/include/stdio.h ] ||
        missing="$missing libc6-dev-arm64-cross"
    command -v qemu-aarch64 >/dev/null || missing="$missing qemu-user"
    echo $missing
}
