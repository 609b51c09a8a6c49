#!/usr/bin/env bash
# CPU per request of the gateway and of YARP that does not spin, both up at once and measured in turns of a second each, so that
# a machine whose speed drifts slows both alike: "gateway/yarp us" a turn, then the medians. SPIN=1 lets YARP spin as it does by default.
#   BENCH=<the harness> bench/turns.sh /tmp/pub [turns] ["-m closed -c 64 -d 1" | "-m open -r 3000 -c 64 -d 1"]
set -euo pipefail
cd "$(dirname "$0")/.."
published=$1 turns=${2:-20} load=${3:--m closed -c 64 -d 1}
export BIN=${BIN:-/tmp/bench-bin} MOCK=9900
make -s -C "$BENCH" BIN="$BIN" tools floor
first="taskset -c 0" second="taskset -c 1"
$second "$BIN/mock" -p $MOCK & mock=$!
rm -rf /tmp/gateway-bench
GATEWAY_KEY=sk-bench $first dotnet "$published/Gateway.Web.dll" serve bench/gateway.yaml >/tmp/requests.log & gateway=$!
[ -n "${SPIN:-}" ] || export DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0
$first "$BIN/dotnet-floor/dotnet-floor" yarp 9924 $MOCK >/dev/null & yarp=$!
trap 'kill $mock $gateway $yarp; wait' EXIT

# Port and process: microseconds of CPU for each answer.
turn() {
    local before after answers
    before=$("$BIN/cputime" "$2")
    answers=$($second "$BIN/load" $load -p "$1" -H "Authorization: Bearer sk-bench" | tail -1 | tr ' ' '\n' | sed -n 's/^ok=//p')
    after=$("$BIN/cputime" "$2")
    awk "BEGIN { printf \"%.1f\", ($after - $before) / 1000 / $answers }"
}

"$BIN/load" -m probe -d 60 -p 9930 -H "Authorization: Bearer sk-bench" >/dev/null
"$BIN/load" -m probe -d 60 -p 9924 >/dev/null
# Until both are compiled; then until what was recorded meanwhile is in the database.
for _ in $(seq 12); do turn 9930 $gateway; turn 9924 $yarp; done >/dev/null
sleep 20
for _ in $(seq "$turns"); do echo "$(turn 9930 $gateway) $(turn 9924 $yarp)"; done | tee /tmp/turns | tr ' \n' '/ '
middle() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
echo
echo "gateway $(cut -d' ' -f1 /tmp/turns | middle) us, yarp $(cut -d' ' -f2 /tmp/turns | middle) us, ratio $(awk '{ printf "%.2f\n", $1 / $2 }' /tmp/turns | middle)"
