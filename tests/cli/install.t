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

# A folder may have blanks in its name, and lie relative to the source.
mkdir "$scratch/two"
date >"$scratch/two/kept"
below="$scratch/two words, it's" prefix="/opt/our own"
ok "make install below a folder with blanks" \
    put install DESTDIR="$below" PREFIX="$prefix"
there=$below$prefix
ok "installs there" test -x "$there/bin/arena"
is "$(cd "$there/share/arena" && find . -type f | sort)" \
    "$(cd data && find . -type f | sort)" "with all data"
ok "make uninstall" put uninstall DESTDIR="$below" PREFIX="$prefix"
is "$(find "$below" -type f)" "" "takes all away"
ok "and nothing else" test -s "$scratch/two/kept"
near=$(realpath --relative-to=. "$scratch")/near
ok "make install below a relative folder" put install DESTDIR="$near" PREFIX=/usr
ok "installs the program there" test -x "$scratch/near/usr/bin/arena"
ok "and its data" test -s "$scratch/near/usr/share/arena/weights.json"
ok "make uninstall" put uninstall DESTDIR="$near" PREFIX=/usr
is "$(find "$scratch/near" -type f)" "" "takes all away"

if git rev-parse HEAD >/dev/null 2>&1; then
    ok "make dist" make -s dist
    version=$("$ARENA" version | sed 's/arena //')
    like "$(tar -tzf "build/arena-$version.tar.gz")" \
        "arena-$version/README.md" "packs what is committed"
fi

done_testing
