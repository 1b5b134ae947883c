# tap.sh: for test programs in shell.  Use:
#
#     #!/bin/sh
#     . tests/tap.sh
#     out=$("$ARENA" version); is "$?" 0 "version succeeds"
#     like "$out" "arena *" "and names the program"
#     done_testing
#
# Tests start in the source tree; $scratch is an empty folder for each program
# that goes away at the end, and all user's folders (XDG) lie in it.  $ARENA is
# the program.  Nothing here sleeps: wait for a state with `until_true`.

tap_n=0
tap_failed=0
ARENA=${ARENA:-$PWD/build/release/arena}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/arena-tap.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
export HOME="$scratch/home"
export XDG_CONFIG_HOME="$scratch/config" XDG_DATA_HOME="$scratch/data"
export XDG_STATE_HOME="$scratch/state" XDG_CACHE_HOME="$scratch/cache"
mkdir -p "$HOME" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" "$XDG_STATE_HOME" \
    "$XDG_CACHE_HOME"

# ok NAME COMMAND...: the command succeeds.
ok() {
    tap_name=$1
    shift
    tap_n=$((tap_n + 1))
    if "$@" >"$scratch/tap.out" 2>&1; then
        echo "ok $tap_n - $tap_name"
    else
        tap_status=$?
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_n - $tap_name"
        echo "# status $tap_status: $*" | head -1 | cut -c 1-200
        sed 's/^/#   /' "$scratch/tap.out" | head -20
    fi
}

# is GOT WANTED NAME: two strings are equal.
is() {
    tap_n=$((tap_n + 1))
    if [ "$1" = "$2" ]; then
        echo "ok $tap_n - $3"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_n - $3"
        printf '%s\n' "got:    $1" "wanted: $2" | sed 's/^/# /'
    fi
}

# like GOT PATTERN NAME: the shell pattern is somewhere in the string.
like() {
    tap_n=$((tap_n + 1))
    case $1 in
    *$2*)
        echo "ok $tap_n - $3"
        ;;
    *)
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_n - $3"
        printf '%s\n' "got:    $1" "wanted: *$2*" | sed 's/^/# /'
        ;;
    esac
}

# unlike GOT PATTERN NAME: it is nowhere in the string.
unlike() {
    tap_n=$((tap_n + 1))
    case $1 in
    *$2*)
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_n - $3"
        printf '%s\n' "got:      $1" "unwanted: *$2*" | sed 's/^/# /'
        ;;
    *)
        echo "ok $tap_n - $3"
        ;;
    esac
}

# until_true SECONDS COMMAND...: tries until the command succeeds; fails after
# so many seconds.
until_true() {
    tap_end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$tap_end" ] || return 1
    done
}

skip_all() {
    echo "1..0 # SKIP $*"
    exit 0
}

done_testing() {
    echo "1..$tap_n"
    [ "$tap_failed" = 0 ]
    exit
}
