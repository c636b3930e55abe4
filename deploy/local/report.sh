# What runs where: DATA/run.json for programs, a table for people.

json_string() { printf '"%s"' "$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g')"; }

listens() { port_answers "$CHECK_HOST" "${PORT[$1]}"; }

write_run_json() {
    local name new=$DATA/run.json.new host=$CHECK_HOST
    umask 077
    {
        echo "{"
        for name in smtp_mx smtp_submission smtps lmtp imap imaps pop3 pop3s sieve; do
            if runs mailhost && listens "$name"; then
                ADDRESSES+=("$name")
                echo "  \"$name\": \"$host:${PORT[$name]}\","
            fi
        done
        if runs web; then echo "  \"http\": \"$(web_url)\","; fi
        if runs api; then
            echo "  \"api\": \"http://$host:${PORT[api]}\","
            echo "  \"metrics_api\": \"http://$host:${PORT[api]}/metrics\","
        fi
        if runs web; then echo "  \"metrics_web\": \"http://$host:${PORT[web]}/metrics\","; fi
        if runs mailhost; then echo "  \"metrics\": \"http://$host:${PORT[mailhost]}/metrics\","; fi
        echo "  \"database\": $(json_string "$DATABASE"),"
        if [[ -n ${DATABASE_TCP:-} ]]; then echo "  \"database_tcp\": $(json_string "$DATABASE_TCP"),"; fi
        echo "  \"data\": $(json_string "$DATA"),"
        echo "  \"roles\": $(json_string "$ROLES"),"
        echo "  \"pid\": $$,"
        echo "  \"pids\": {"
        for name in "${SERVICES[@]}"; do echo "    \"$name\": ${PID[$name]},"; done
        if [[ -n ${PG_STARTED:-} ]]; then echo "    \"postgres\": $PG_PID,"; fi
        echo "    \"run\": $$"
        echo "  },"
        if ((ACCOUNTS)); then
            echo "  \"load_accounts\": { \"first\": \"u1@example.test\", \"last\": \"u$ACCOUNTS@example.test\", \"count\": $ACCOUNTS, \"password\": \"secret\" },"
        fi
        echo "  \"accounts\": $(cat "$DATA/seed.json")"
        echo "}"
    } >"$new"
    # The detached parent shows our table as soon as the file is there.
    TABLE_TEXT=$(table)
}

web_url() {
    case $LISTEN in
        localhost | any) echo "http://localhost:${PORT[web]}" ;;
        *) echo "http://$LISTEN:${PORT[web]}" ;;
    esac
}

table() {
    local name
    echo
    if runs web; then printf '  %-18s %s\n' "Webmail, portal" "$(web_url)"; fi
    if runs api; then printf '  %-18s %s\n' "API" "http://$CHECK_HOST:${PORT[api]}"; fi
    for name in "${ADDRESSES[@]}"; do
        printf '  %-18s %s\n' "$name" "$CHECK_HOST:${PORT[$name]}"
    done
    if runs mailhost; then printf '  %-18s %s\n' "metrics" "http://$CHECK_HOST:${PORT[mailhost]}/metrics"; fi
    echo
    # One account a line in seed.json, so that no JSON tool is needed here.
    sed -nE 's/.*"address": "([^"]*)", "password": "([^"]*)", "role": "([^"]*)".*/\3 \1 \2/p' "$DATA/seed.json" |
        while read -r role address password; do
            printf '  %-18s %-28s %s\n' "$role" "$address" "$password"
        done
    if ((ACCOUNTS)); then printf '  %-18s %-28s %s\n' "load" "u1…u$ACCOUNTS@example.test" secret; fi
    echo
    echo "  Data in $DATA, logs in $LOG. Stop with Ctrl-C, or ./run --stop --data $DATA."
    if [[ $LISTEN != localhost ]]; then
        echo "  Listening beyond this machine with well-known demo passwords: for trials only."
    fi
    echo
}

print_table() {
    printf '%s\n\n' "$TABLE_TEXT"
    mv "$DATA/run.json.new" "$DATA/run.json"
}
