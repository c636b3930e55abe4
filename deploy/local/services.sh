# Building, starting, watching and stopping MailHost, Api and Web.

MAIL_ROLES="mx submission lmtp imap pop3 sieve relay jobs router scan"
declare -A PORT=() PID=() DLL=()
SERVICES=()

# The list's MailHost roles go to MailHost; `api` and `web` are processes of their own.
choose_roles() {
    local role mail=()
    if [[ $ROLES == all ]]; then
        SERVICES=(mailhost api web)
        MAILHOST_ROLES=all
        return
    fi
    for role in ${ROLES//,/ }; do
        case " $MAIL_ROLES api web " in
            *" $role "*) ;;
            *) die "unknown role '$role' (known: ${MAIL_ROLES// /,},api,web)" ;;
        esac
        # router and scan are library calls inside the others.
        case $role in api | web | router | scan) ;; *) mail+=("$role") ;; esac
    done
    MAILHOST_ROLES=$(IFS=,; echo "${mail[*]}")
    ((${#mail[@]})) && SERVICES+=(mailhost)
    case ",$ROLES," in *,api,*) SERVICES+=(api) ;; esac
    case ",$ROLES," in *,web,*) SERVICES+=(web) ;; esac
    ((${#SERVICES[@]})) || die "--roles names nothing to run"
}

runs() { case " ${SERVICES[*]} " in *" $1 "*) return 0 ;; *) return 1 ;; esac }

has_role() { [[ $MAILHOST_ROLES == all ]] || case ",$MAILHOST_ROLES," in *,"$1",*) return 0 ;; *) return 1 ;; esac }

assign_ports() {
    local name
    PORT=([smtp_mx]=2525 [smtp_submission]=2587 [smtps]=2465 [lmtp]=2424 [imap]=2143 [imaps]=2993 [pop3]=2110 [pop3s]=2995
        [sieve]=24190 [mailhost]=8082 [api]=8081 [web]=8080)
    for name in "${!PORT[@]}"; do
        PORT[$name]=$((PORT[$name] + PORT_BASE))
    done
    case $LISTEN in
        localhost | any) CHECK_HOST=127.0.0.1 ;;
        *) CHECK_HOST=$LISTEN ;;
    esac
    DLL=([mailhost]=MailHost [api]=Api [web]=Web)
}

ports_of() {
    case $1 in
        mailhost)
            echo mailhost
            if has_role mx; then echo smtp_mx; fi
            if has_role submission; then echo smtp_submission smtps; fi
            if has_role lmtp; then echo lmtp; fi
            if has_role imap; then echo imap imaps; fi
            if has_role pop3; then echo pop3 pop3s; fi
            if has_role sieve; then echo sieve; fi
            ;;
        *) echo "$1" ;;
    esac
}

check_ports() {
    local service name
    stop_leftovers
    for service in "${SERVICES[@]}"; do
        for name in $(ports_of "$service"); do
            if port_answers "$CHECK_HOST" "${PORT[$name]}"; then
                die "port ${PORT[$name]} ($name) is in use; stop what uses it, or choose others with --port-base N"
            fi
        done
    done
}

# Processes of an earlier ./run on this data that was killed and could not stop them.
stop_leftovers() {
    local pid name
    [[ -f $DATA/pids ]] || return 0
    while read -r name pid; do
        if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "SaaS.${DLL[$name]:-?}.dll"; then
            kill -TERM "$pid" 2>/dev/null || true
            wait_until 30 eval "! kill -0 $pid 2>/dev/null" || kill -KILL "$pid" 2>/dev/null || true
        fi
    done <"$DATA/pids"
    rm -f "$DATA/pids"
}

output_of() { echo "$ROOT/$1/bin/$CONFIGURATION/net10.0/SaaS.$1.dll"; }

build() {
    command -v dotnet >/dev/null || die "the .NET SDK is not installed (dotnet is not on the PATH)"
    local stamp=$ROOT/artifacts/run-$CONFIGURATION.stamp lock
    mkdir -p "$ROOT/artifacts"
    exec {lock}>"$ROOT/artifacts/run-build.lock"
    flock "$lock"
    if ! is_built "$stamp"; then
        say "Building …"
        touch "$stamp.new"
        # Neither servers nor nodes may stay behind, so both are off; analyzers are for ./test.
        (cd "$ROOT" && dotnet build deploy/local/run.slnf -c "$CONFIGURATION" --nologo -v q -nodeReuse:false -p:UseSharedCompilation=false \
            -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false) </dev/null >"$LOG/build.log" 2>&1 {lock}>&- ||
            die "the build failed: $(grep -m1 -E 'error' "$LOG/build.log" || tail -1 "$LOG/build.log") (see $LOG/build.log)"
        mv "$stamp.new" "$stamp"
    fi
    exec {lock}>&-
}

# Nothing newer than the last build, folders (deleted files) included.
is_built() {
    local project changed
    for project in Migrations MailHost Api Web; do
        [[ -f $(output_of $project) ]] || return 1
    done
    [[ -f $1 ]] || return 1
    changed=$(cd "$ROOT" && find Domain Client MailHost Api Web Migrations Directory.Build.props Directory.Packages.props global.json \
        \( -name bin -o -name obj \) -prune -o -newer "$1" -print -quit)
    [[ -z $changed ]]
}

# The last line that says what went wrong (no stack frame), else the last line.
last_words() {
    { grep -vE '^ +(at|---) ' "$1" | grep -E 'FATAL|ERROR|rror:|fail|denied|could not|Exception' | tail -1 | sed -E 's/^[ >-]+//'; } 2>/dev/null |
        grep . || tail -1 "$1" 2>/dev/null || true
}

migrate_and_seed() {
    say "Preparing the database …"
    (cd "$ROOT/Migrations" && ConnectionStrings__Postgres=$DATABASE Seed__Accounts=$ACCOUNTS Seed__Output=$DATA/seed.json \
        dotnet exec "$(output_of Migrations)" migrate seed) </dev/null >"$LOG/migrations.log" 2>&1 {LOCK}>&- ||
        die "the database cannot be prepared: $(last_words "$LOG/migrations.log") (see $LOG/migrations.log)"
}

start_services() {
    local service
    export ConnectionStrings__Postgres=$DATABASE Listen__Address=$LISTEN Auth__AllowPlaintextAuth=$PLAINTEXT_AUTH Dns__Server=$DNS \
        Smtp__Mx__Port=${PORT[smtp_mx]} Smtp__Submission__Port=${PORT[smtp_submission]} Smtp__Submission__TlsPort=${PORT[smtps]} \
        Smtp__Lmtp__Port=${PORT[lmtp]} Imap__Port=${PORT[imap]} Imap__TlsPort=${PORT[imaps]} Pop3__Port=${PORT[pop3]} \
        Pop3__TlsPort=${PORT[pop3s]} Sieve__Port=${PORT[sieve]} Http__Port=${PORT[mailhost]} Api__Port=${PORT[api]} Web__Port=${PORT[web]} \
        Api__BaseUrl=${Api__BaseUrl:-http://$CHECK_HOST:${PORT[api]}}
    # Whoever opens a trial to other machines calls it by any name.
    if [[ $LISTEN != localhost ]]; then export Platform__AllowAnyHost=${Platform__AllowAnyHost:-true}; fi
    export ASPNETCORE_ENVIRONMENT=${ASPNETCORE_ENVIRONMENT:-Production} DOTNET_ENVIRONMENT=${DOTNET_ENVIRONMENT:-Production} DOTNET_gcServer=0
    : >"$DATA/pids"
    for service in "${SERVICES[@]}"; do
        start_service "$service"
    done
}

start_service() {
    local name=$1 project=${DLL[$1]} roles=
    if [[ $name == mailhost ]]; then roles=$MAILHOST_ROLES; fi
    mkdir -p -m 700 "$DATA/$name"
    [[ -f $LOG/$name.log ]] && mv -f "$LOG/$name.log" "$LOG/$name.log.1"
    # A session of its own, so that Ctrl-C reaches only this script, which stops things in order; and it ends if this script is killed.
    cd "$ROOT/$project"
    # Passwords of moves are encrypted by Api and read by the role jobs.
    KeyProtection__File=${KeyProtection__File:-$([[ $name == mailhost ]] && echo "$DATA/api/keys/master.key")} Roles=$roles Data__Path=$DATA/$name setsid setpriv --pdeathsig TERM dotnet exec "$(output_of "$project")" \
        </dev/null >"$LOG/$name.log" 2>&1 {LOCK}>&- &
    PID[$name]=$!
    cd "$ROOT"
    echo "$name ${PID[$name]}" >>"$DATA/pids"
}

http_port_of() { echo "${PORT[$1]}"; }

is_ready() { [[ $(http_status "$CHECK_HOST" "$(http_port_of "$1")" /health/ready) == 200 ]]; }

await_services() {
    local service end=$((SECONDS + 120))
    say "Starting ${SERVICES[*]} …"
    for service in "${SERVICES[@]}"; do
        until is_ready "$service"; do
            check_alive
            ((SECONDS < end)) || die "$service is not ready after 120 seconds: $(last_words "$LOG/$service.log") (see $LOG/$service.log)"
            sleep 0.1
        done
    done
}

# Says which process ended, with its last lines.
check_alive() {
    local name code
    for name in "${!PID[@]}"; do
        if ! kill -0 "${PID[$name]}" 2>/dev/null; then
            code=0
            wait "${PID[$name]}" 2>/dev/null || code=$?
            unset "PID[$name]"
            { echo "The last lines of $LOG/$name.log:"; tail -n 15 "$LOG/$name.log" | sed 's/^/    /'; } >&2
            die "$name ended with code $code, so everything stops (see $LOG/$name.log)"
        fi
    done
    if [[ -n ${PG_STARTED:-} ]] && ! kill -0 "$PG_PID" 2>/dev/null && [[ ! -d /proc/$PG_PID ]]; then
        PG_STARTED=
        tail -n 15 "$LOG/postgres.log" | sed 's/^/    /' >&2
        die "postgres ended: $(last_words "$LOG/postgres.log")"
    fi
}

watch_services() {
    while true; do
        check_alive
        # A background sleep, so that a signal is served at once.
        sleep 0.5 &
        wait $! || true
    done
}

# First those that take work in, drained; then the database under them.
stop_everything() {
    trap '' INT TERM HUP
    trap - EXIT
    local name
    rm -f "${DATA:-/nonexistent}/run.json"
    if ((${#PID[@]})); then
        say "Stopping …"
        for name in "${!PID[@]}"; do
            kill -TERM "${PID[$name]}" 2>/dev/null || true
        done
        for name in "${!PID[@]}"; do
            wait_until 35 eval "! kill -0 ${PID[$name]} 2>/dev/null" || {
                printf 'run: %s did not stop in time and was killed\n' "$name" >&2
                kill -KILL "${PID[$name]}" 2>/dev/null || true
            }
        done
    fi
    stop_postgres
    rm -f "${DATA:-/nonexistent}/pids" "${DATA:-/nonexistent}/run.pid"
}
