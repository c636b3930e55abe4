# A private PostgreSQL cluster below the data folder: durable settings, a unix socket, and a free loopback port.
# It never runs as root: root hands it to the user `postgres`, anybody else runs it as themselves.

PG_MINIMUM=15

find_postgres() {
    local bin
    for bin in "${PG_BIN:-}" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn) /usr/local/pgsql/bin /usr/pgsql-*/bin \
        "$(dirname "$(command -v initdb 2>/dev/null || echo /nowhere/x)")"; do
        if [[ -n $bin && -x $bin/initdb && -x $bin/postgres && -x $bin/pg_ctl ]] && (($(postgres_major "$bin") >= PG_MINIMUM)); then
            PG=$bin
            return 0
        fi
    done
    return 1
}

postgres_major() { "$1/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/'; }

install_postgres() {
    say "Installing PostgreSQL …"
    # The package would start a cluster of its own on port 5432: it is told not to.
    as_root mkdir -p /etc/postgresql-common 2>/dev/null || true
    [[ -e /etc/postgresql-common/createcluster.conf ]] ||
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null 2>&1 || true
    apt_install postgresql >"$LOG/install.log" 2>&1 && find_postgres
}

as_postgres() {
    if [[ $(id -u) == 0 ]]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

# Before anything that takes minutes: without a server nothing else helps.
need_postgres() {
    find_postgres || install_postgres ||
        die "PostgreSQL $PG_MINIMUM or newer is not installed and could not be installed (apt-get needs root or sudo); see $LOG/install.log"
    if [[ $(id -u) == 0 ]] && ! id postgres >/dev/null 2>&1; then
        useradd --system --no-create-home --shell /usr/sbin/nologin postgres || die "cannot make the user postgres, and PostgreSQL refuses to run as root"
    fi
}

start_postgres() {
    place_cluster
    if [[ -s $CLUSTER/PG_VERSION ]]; then
        local major
        major=$(cat "$CLUSTER/PG_VERSION")
        if [[ $(postgres_major "$PG") != "$major" ]]; then
            PG=/usr/lib/postgresql/$major/bin
            [[ -x $PG/postgres ]] || die "$CLUSTER was made by PostgreSQL $major, which is not installed"
        fi
    else
        say "Making a PostgreSQL cluster …"
        create_cluster
    fi
    if as_postgres "$PG/pg_ctl" -D "$CLUSTER" status >/dev/null 2>&1; then
        # Left over from a ./run that was killed: it may be on another port than we would choose, and is fine.
        as_postgres "$PG/pg_ctl" -D "$CLUSTER" -m fast -w stop >/dev/null 2>&1 || die "the PostgreSQL that still runs on $CLUSTER cannot be stopped"
    fi
    PG_PORT=$(free_port)
    [[ -f $LOG/postgres.log ]] && mv -f "$LOG/postgres.log" "$LOG/postgres.log.1"
    : >"$LOG/postgres.log"
    # The server writes through this shell's descriptor, so it needs no way into the log folder.
    as_postgres "$PG/pg_ctl" -D "$CLUSTER" -w -t 120 -o "-p $PG_PORT -k '$SOCKET'" start </dev/null >>"$LOG/postgres.log" 2>&1 {LOCK}>&- ||
        die "PostgreSQL does not start: $(last_words "$LOG/postgres.log")"
    PG_STARTED=1
    PG_PID=$(as_postgres head -1 "$CLUSTER/postmaster.pid")
    as_postgres "$PG/psql" -h "$SOCKET" -p "$PG_PORT" -U postyard -d postgres -qAtc "SELECT 1 FROM pg_database WHERE datname = 'postyard'" 2>>"$LOG/postgres.log" |
        grep -q 1 || as_postgres "$PG/createdb" -h "$SOCKET" -p "$PG_PORT" -U postyard postyard 2>>"$LOG/postgres.log" ||
        die "the database cannot be made: $(last_words "$LOG/postgres.log")"
    DATABASE="Host=$SOCKET;Port=$PG_PORT;Username=postyard;Database=postyard"
    DATABASE_TCP="Host=127.0.0.1;Port=$PG_PORT;Username=postyard;Password=$(as_postgres cat "$PG_HOME/password");Database=postyard"
}

# DATA/pg, unless the user postgres cannot reach it (a home folder closed to others): then DATA/pg is a link to a place that it can.
place_cluster() {
    PG_HOME=$DATA/pg
    if [[ ! -e $PG_HOME ]]; then
        mkdir "$PG_HOME"
        if [[ $(id -u) == 0 ]]; then
            chown postgres "$PG_HOME"
            if ! as_postgres test -w "$PG_HOME"; then
                rmdir "$PG_HOME"
                PG_HOME=$(mktemp -d /var/lib/postyard-XXXXXX)
                chown postgres "$PG_HOME"
                chmod 755 "$PG_HOME"
                ln -s "$PG_HOME" "$DATA/pg"
                say "The user postgres cannot enter $DATA, so the cluster is in $PG_HOME."
            fi
        fi
    fi
    PG_HOME=$(cd "$PG_HOME" 2>/dev/null && pwd -P) || die "the cluster's folder $DATA/pg leads nowhere; remove it to start afresh"
    as_postgres test -w "$PG_HOME" || die "the user $(as_postgres id -un) cannot write to $PG_HOME"
    CLUSTER=$PG_HOME/cluster
    SOCKET=$PG_HOME/socket
    # The path of a unix socket holds at most 107 bytes.
    if ((${#SOCKET} > 80)); then
        SOCKET=/tmp/postyard-$(printf '%s' "$PG_HOME" | cksum | cut -d' ' -f1)
    fi
    as_postgres mkdir -p -m 700 "$SOCKET"
    [[ $(stat -c %U "$SOCKET") == "$(as_postgres id -un)" ]] || die "$SOCKET belongs to somebody else"
}

create_cluster() {
    local locale=C password
    locale -a 2>/dev/null | grep -qix 'C.utf-\?8' && locale=C.UTF-8
    password=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
    printf '%s\n' "$password" | as_postgres tee "$PG_HOME/password" >/dev/null
    as_postgres chmod 600 "$PG_HOME/password"
    as_postgres rm -rf "$CLUSTER.new"
    # Access over the socket is by the socket folder's permissions; over loopback by the password.
    as_postgres "$PG/initdb" -D "$CLUSTER.new" -U postyard -E UTF8 --locale="$locale" --auth-local=trust --auth-host=scram-sha-256 \
        --pwfile="$PG_HOME/password" --data-checksums >"$LOG/initdb.log" 2>&1 || die "initdb failed: $(last_words "$LOG/initdb.log")"
    settings | as_postgres tee -a "$CLUSTER.new/postgresql.conf" >/dev/null
    if as_postgres "$PG/postgres" -D "$CLUSTER.new" -C wal_compression -c wal_compression=lz4 >/dev/null 2>&1; then
        echo "wal_compression = lz4" | as_postgres tee -a "$CLUSTER.new/postgresql.conf" >/dev/null
    fi
    as_postgres mv "$CLUSTER.new" "$CLUSTER"
}

# For mail: many small durable transactions, few large queries.
settings() {
    local memory buffers
    memory=$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || echo 2048)
    buffers=$((memory / 6))
    buffers=$((buffers < 128 ? 128 : buffers > 2048 ? 2048 : buffers))
    cat <<CONF

# Written by ./run; change as you like.
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = ${buffers}MB
effective_cache_size = $((memory / 2))MB
work_mem = 8MB
maintenance_work_mem = 128MB
# Acknowledged means on disk.
fsync = on
full_page_writes = on
synchronous_commit = on
wal_compression = on
wal_buffers = 16MB
min_wal_size = 512MB
max_wal_size = 4GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
max_parallel_workers_per_gather = 0
autovacuum_naptime = 15s
autovacuum_vacuum_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.05
autovacuum_vacuum_cost_limit = 1000
log_min_duration_statement = 2000
log_checkpoints = off
CONF
}

free_port() {
    local port
    while true; do
        port=$((20000 + RANDOM % 12000))
        port_answers 127.0.0.1 "$port" || break
    done
    echo "$port"
}

stop_postgres() {
    [[ -n ${PG_STARTED:-} ]] || return 0
    PG_STARTED=
    as_postgres "$PG/pg_ctl" -D "$CLUSTER" -m fast -w -t 60 stop >>"$LOG/postgres.log" 2>&1 ||
        printf 'run: PostgreSQL did not stop; see %s\n' "$LOG/postgres.log" >&2
}
