# Shared by ./run and ./test: words to the user, root, waiting.

say() { printf '%s\n' "$*"; }

# One clear line on stderr, and out.
die() {
    printf 'run: %s\n' "$*" >&2
    exit 1
}

# Calls a command as root: directly, or by sudo where that asks for nothing.
as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# wait_until SECONDS COMMAND…: polls ten times a second.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

port_answers() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# First line of the answer to GET; no curl needed.
http_status() {
    timeout 3 "$BASH" -c 'exec 3<>"/dev/tcp/$0/$1" || exit 1
        printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$2" >&3
        read -r _ status _ <&3 && printf "%s" "$status"' "$1" "$2" "$3" 2>/dev/null || true
}

# apt_install PACKAGE…
apt_install() {
    command -v apt-get >/dev/null || return 1
    as_root true || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null 2>&1 || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null
}

# What a caller had open (a lock, a pipe) must not live as long as the services do.
close_inherited_descriptors() {
    local fd
    for fd in /proc/$$/fd/*; do
        fd=${fd##*/}
        if ((fd > 2 && fd != 255)); then
            eval "exec $fd>&-" || true
        fi
    done
}
