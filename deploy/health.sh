#!/usr/bin/env bash
# health PORT: does /health/ready answer 200? Needs nothing but bash.
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
printf 'GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r _ status _ <&3 && [[ $status == 200 ]]
