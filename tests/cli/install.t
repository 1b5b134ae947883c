#!/bin/sh
# `make install` puts in place what is needed to run from there, for packagers,
# too, and `make uninstall` takes it away.
. tests/tap.sh

build=$(dirname "$ARENA")
# The program is there already: installing builds nothing.
put() {
    make -s BUILD="$build" VARIANT="${build##*/}" "$@"
}
ok "make install" put install PREFIX="$scratch/usr" WERROR=1
installed="$scratch/usr/bin/arena"
is "$("$installed" version)" "$("$ARENA" version)" "the program runs there"
ok "the man page is there" test -s "$scratch/usr/share/man/man1/arena.1"
out=$(cd "$scratch" && "$installed" models pull)
like "$out" "smollm2-135m" "it finds its data"
ok "which is there, too" test -s "$scratch/usr/share/arena/weights.json"
mv "$scratch/usr" "$scratch/moved"
out=$(cd "$scratch" && moved/bin/arena models pull)
like "$out" "smollm2-135m" "even when it was moved"

ok "make install DESTDIR" put install DESTDIR="$scratch/package" PREFIX=/usr
ok "is below it" test -x "$scratch/package/usr/bin/arena"
ok "make uninstall" put uninstall DESTDIR="$scratch/package" PREFIX=/usr
is "$(find "$scratch/package" -type f)" "" "leaves no file"

if git rev-parse HEAD >/dev/null 2>&1; then
    ok "make dist" make -s dist
    version=$("$ARENA" version | sed 's/arena //')
    like "$(tar -tzf "build/arena-$version.tar.gz")" \
        "arena-$version/README.md" "packs what is committed"
fi

done_testing
