#!/usr/bin/env bash
# Plays the outage of INCIDENT.md against a gateway of its own: five and a half minutes, then the figures.
#   docs/incident/reproduce.sh artifacts/bin/Gateway.Web/debug/Gateway.Web.dll [directory for the results]
# Needs bash, curl, jq and the built product; nothing leaves this machine.
set -euo pipefail
program=$1
here=$(cd "$(dirname "$0")" && pwd)
out=${2:-$(mktemp -d)}
port=${INCIDENT_PORT:-9571}
gw=http://127.0.0.1:$port
mkdir -p "$out/calls"
# west: how many calls at a time it takes; 3 is the outage, 24 what it should have been.
west=${INCIDENT_WEST:-3}
sed "s/max_concurrency: 3/max_concurrency: $west/" "$here/gateway.yaml" > "$out/gateway.yaml"

export ASPNETCORE_ENVIRONMENT=Development ADMIN_API_KEY=adm INCIDENT_KEY=sk-incident-shop
Gateway__DataDirectory=$(mktemp -d) Gateway__Port=$port Gateway__Admin__Password=pw-for-looking-1 \
    dotnet "$program" serve "$out/gateway.yaml" > "$out/gateway.log" 2>&1 &
gateway=$!
trap 'kill $gateway $load 2> /dev/null || true' EXIT
load=
until curl -sf "$gw/readyz" > /dev/null; do sleep 0.5; done

admin() { curl -sf -H "X-Admin-Key: $ADMIN_API_KEY" -H 'Content-Type: application/json' "$@"; }
say() { printf '%s  %s\n' "$(date -u +%T)" "$*" | tee -a "$out/steps.txt"; }

# One call: second of the start, streamed or not, status, seconds until the end, and whether the answer was whole.
call() {
    local file="$out/calls/$1" body whole=yes
    body="{\"model\":\"assistant\",\"stream\":$2,\"messages\":[{\"role\":\"user\",\"content\":\"Where is my parcel $1?\"}]}"
    local at line
    at=$(date -u +%s)
    line=$(curl -sN -m 60 -o "$file" -w '%{http_code} %{time_total}' "$gw/v1/chat/completions" \
        -H "Authorization: Bearer $INCIDENT_KEY" -H 'Content-Type: application/json' -d "$body") || true
    if [ "$2" = true ]; then grep -q '^data: \[DONE\]' "$file" || whole=no; else grep -q '"finish_reason"' "$file" || whole=no; fi
    echo "$at $2 $line $whole" >> "$out/calls.txt"
}
# Four calls a second, every other one streamed.
(trap 'exit 0' TERM; n=0; while true; do n=$((n + 1)); call $n "$([ $((n % 2)) = 0 ] && echo true || echo false)" & sleep 0.25; done) &
load=$!

admin "$gw/admin/v1/alerts/rules" -d '{"name":"Too many fail","metric":"error_rate_percent","scope":"model","of":"assistant","threshold":5,
    "window_minutes":1,"for_seconds":0,"severity":"critical","channels":[]}' > /dev/null
from=$(date -u +%FT%TZ)
say "start: all is well"
sleep 60
admin "$gw/admin/v1/chaos" -d '{"fault":"cut","provider":"east","rate":0.3,"seconds":600}' > /dev/null
say "fault: east breaks three of ten answers off"
sleep 60
admin -X DELETE "$gw/admin/v1/chaos"
admin "$gw/admin/v1/chaos" -d '{"fault":"server_error","provider":"east","rate":1,"seconds":600}' > /dev/null
say "fault: east answers 500 to everything"
sleep 60
sed -i "s/max_concurrency: $west/max_concurrency: 24/" "$out/gateway.yaml"
say "step: west's max_concurrency from $west to 24, by the file"
sleep 75
admin -X DELETE "$gw/admin/v1/chaos"
say "fault over: east is well again"
sleep 75
kill $load; wait $load 2> /dev/null || true
say "end"
sleep 15
to=$(date -u +%FT%TZ)

admin "$gw/admin/v1/events?from=$from&to=$to&limit=500" > "$out/events.json"
admin "$gw/admin/v1/incidents/draft?from=$from&to=$to" | jq -r .markdown > "$out/draft.md"
admin "$gw/admin/v1/usage?from=$from&to=$to&group_by=backend" > "$out/usage.json"
admin "$gw/admin/v1/requests?from=$from&to=$to&limit=1000" > "$out/requests.json"
"$here/figures.sh" "$out"
echo "Everything is in $out."
