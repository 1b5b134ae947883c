#!/bin/sh
# The way to a server: TLS and its certificates, proxies, connections that are
# used again.
. tests/tap.sh

command -v openssl >/dev/null || skip_all "no openssl to make certificates"
servers=
trap 'kill $servers; rm -rf "$scratch"' EXIT
certificate() { # NAME SUBJECT_ALT_NAME MORE...
    name=$1 names=$2
    shift 2
    openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$name" \
        -addext "subjectAltName=$names" -keyout "$scratch/$name.key" \
        -out "$scratch/$name.crt" "$@" 2>/dev/null || exit 1
    cat "$scratch/$name.crt" "$scratch/$name.key" >"$scratch/$name.pem"
}
start() { # NAME PROGRAM ARGUMENTS...
    server=$1 program=$2
    shift 2
    python3 "tests/http/$program" "$scratch/$server.port" \
        "$scratch/$server.log" "$@" &
    servers="$servers $!"
    : >"$scratch/$server.log"
    until_true 30 test -e "$scratch/$server.port" || exit 1
}
port() { cat "$scratch/$1.port"; }

certificate good IP:127.0.0.1,DNS:far.example
certificate other DNS:other.example
start plain chat_server.py
start good chat_server.py "$scratch/good.pem"
start other chat_server.py "$scratch/other.pem"
start proxy proxy.py "$(port plain)"
start tunnel proxy.py "$(port good)"
start refuses proxy.py "$(port good)" 403
echo "no certificate" >"$scratch/empty.crt"

export KEY=sk-canary-0123456789
model() { # NAME BASE MORE
    echo '{ "name": "'"$1"'", "backend": "openai", "id": "m",'
    echo '  "base_url": "'"$2"'/plain/v1", "key_env": "KEY"'"$3"' }'
}
ca() { echo ', "ca_file": "'"$scratch/$1.crt"'"'; }
here=https://127.0.0.1
{
    echo '{ "models": ['
    model good "$here:$(port good)" "$(ca good)"; echo ,
    model unnamed "$here:$(port good)"; echo ,
    model wrong "$here:$(port good)" "$(ca other)"; echo ,
    model unfit "$here:$(port good)" "$(ca empty)"; echo ,
    model other "$here:$(port other)" "$(ca other)"; echo ,
    model far https://far.example "$(ca good)"; echo ,
    model plain http://far.example ', "allow_http": true'; echo ,
    model here "http://127.0.0.1:$(port plain)"
    echo '] }'
} >"$scratch/arena.json"
{
    echo '{ "models": ['
    model gone "$here:$(port good)" "$(ca gone)"
    echo '] }'
} >"$scratch/gone.json"

arena() {
    out=$("$ARENA" --config "$scratch/arena.json" "$@" 2>"$scratch/err" \
        </dev/null)
    status=$?
    err=$(cat "$scratch/err")
}

# Certificates.
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY no_proxy NO_PROXY
unset CURL_CA_BUNDLE SSL_CERT_FILE
arena generate good hi
is "$status $out" "0 Hello world." "a server of an own authority answers"
arena generate unnamed hi
is "$status" 5 "one that nobody vouches for does not"
like "$err" "the certificate of 127.0.0.1:$(port good) cannot be trusted (*" \
    "for its certificate"
like "$err" '; name the file of its authority with "ca_file"' "and what to do"
export CURL_CA_BUNDLE="$scratch/good.crt"
arena generate unnamed hi
is "$status $out" "0 Hello world." "CURL_CA_BUNDLE vouches for it"
unset CURL_CA_BUNDLE
export SSL_CERT_FILE="$scratch/other.crt"
arena generate unnamed hi
like "$err" "; see SSL_CERT_FILE=$scratch/other.crt" \
    "a variable that does not is named"
unset SSL_CERT_FILE
arena generate wrong hi
is "$status" 5 "another authority does not"
like "$err" "cannot be trusted (*\"ca_file\" $scratch/other.crt" \
    "and its file is named"
arena generate unfit hi
is "$status" 5 "nor does a file without certificates"
like "$err" "\"ca_file\" $scratch/empty.crt" "which is named, too"
arena generate other hi
is "$status" 5 "a certificate of another name is none"
like "$err" "cannot be trusted (*127.0.0.1" "and the name is told"
out=$("$ARENA" --config "$scratch/gone.json" generate gone hi 2>&1)
is "$?" 3 "a file that is not there is an error of the config"
like "$out" "\"ca_file\" $scratch/gone.crt: No such file" "that names the key"
is "$(grep -c . "$scratch/good.log")" 2 "nothing was sent to the untrusted"
is "$(cat "$scratch/other.log")" "" "wherever they are"

# Several answers on one connection.
printf 'a\nb\nc\nd\n' >"$scratch/p.txt"
: >"$scratch/good.log"
: >"$scratch/plain.log"
arena eval -j 1 --models good,here "$scratch/p.txt"
is "$status" 0 "eight answers"
is "$(grep -c . "$scratch/good.log")" 4 "four of them by TLS"
clients() { sed 's/.* client=\([0-9]*\) .*/\1/' "$scratch/$1.log" | sort -u |
    wc -l | tr -d ' '; }
is "$(clients good) $(clients plain)" "1 1" "came by two connections"

# Proxies.
export http_proxy="http://127.0.0.1:$(port proxy)"
arena generate plain hi
is "$status $out" "0 Hello world." "http goes by http_proxy"
like "$(cat "$scratch/proxy.log")" "POST http://far.example/plain/v1/chat" \
    "as a proxy is asked"
arena generate here hi
is "$status $(grep -c . "$scratch/proxy.log")" "0 1" \
    "but not to a server on this machine"
export https_proxy="http://127.0.0.1:$(port tunnel)"
arena generate far hi
is "$status $out" "0 Hello world." "https goes by https_proxy"
is "$(cat "$scratch/tunnel.log")" "CONNECT far.example:443 HTTP/1.1" \
    "which sees no more than the host"

export https_proxy="http://user:secret-pass@127.0.0.1:$(port refuses)"
arena generate far hi
is "$status" 5 "a proxy that refuses is an error"
like "$err" "the proxy refuses to connect to far.example:443 (HTTP 403); see \
https_proxy" "that names the variable"
unlike "$err" "secret-pass" "and not the password"
export https_proxy=http://127.0.0.1:1
arena generate far hi
is "$status" 5 "so is one that is not there"
like "$err" "(by the proxy of https_proxy)" "whose variable is named"
export https_proxy=http://nowhere.invalid:1
arena generate far hi
like "$err" "(by the proxy of https_proxy)" "or that has no address"
unset https_proxy
export no_proxy http_proxy=http://127.0.0.1:1
for no_proxy in far.example "a.b, .example" '*'; do
    arena generate plain hi
    is "$status" 5 "a host of no_proxy ($no_proxy) is not found"
    unlike "$err" "proxy" "and no proxy is blamed"
done
export no_proxy=r.example,example.com
arena generate plain hi
like "$err" "(by the proxy of http_proxy)" "others are not excepted"

kept=$(grep -r -l -e "$KEY" -e secret-pass "$HOME" "$XDG_CONFIG_HOME" \
    "$XDG_DATA_HOME" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$scratch/err")
is "$kept" "" "no key and no password stands in a file"

done_testing
