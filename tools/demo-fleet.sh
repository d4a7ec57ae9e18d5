#!/usr/bin/env bash
# A fleet on one machine: nats-server, a line, three workers and the hub. One worker is killed while it scores, and every part
# still has its one verdict. The hub's page stays open until Ctrl-C (or --end).
set -euo pipefail
cd "$(dirname "$0")/.."

scanward=${SCANWARD:-.build/release/scanward}
demo=.demo/fleet
model=.demo/models/mug
port=${FLEET_PORT:-24222}
http=${FLEET_HTTP:-127.0.0.1:8089}
nats="nats://127.0.0.1:$port"

[[ -f $model/manifest.json ]] || "$scanward" teach --type mug --out "$model" fixtures/parts/mug/train
rm -rf "$demo"
mkdir -p "$demo"
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true' EXIT

/usr/sbin/nats-server -a 127.0.0.1 -p "$port" -js -sd "$demo/nats" 2>"$demo/nats.log" &
until grep -q "Server is ready" "$demo/nats.log"; do sleep 0.1; done
"$scanward" fleet init --nats "$nats" --size 1

"$scanward" run --role hub --nats "$nats" --line hub --state "$demo/hub" --publish none --replay none --http "$http" \
  >"$demo/hub.txt" &
for worker in 1 2 3; do
  "$scanward" run --role score --nats "$nats" --threads 1 --state "$demo/worker" 2>"$demo/worker$worker.log" >/dev/null &
  workers[worker]=$!
done
"$scanward" run --role ingest --nats "$nats" --line press1 --lease 3 --model "$model" --state "$demo/press1" \
  --bind "ipc://$demo/frames" --publish none --replay none --http none >"$demo/press1.txt" &
until grep -q "scored by the fleet" "$demo/press1.txt"; do sleep 0.1; done

echo
echo "press1 scans 24 parts; the hub's page: http://$http"
"$scanward" fake-scanner fixtures/parts/mug/test --to "ipc://$demo/frames" --part-type mug --loop 2 --topspeed >"$demo/scanner.txt" &

verdicts() { grep -cE '^\S+ +(OK|NOT OK|NOT DECIDABLE|UNDEFINED) ' "$1" || true; }
until (($(verdicts "$demo/press1.txt") >= 6)); do sleep 0.1; done
echo "worker 2 is killed (kill -9)"
kill -9 "${workers[2]}"
until (($(verdicts "$demo/hub.txt") >= 24)); do sleep 0.2; done
echo "press1 has $(verdicts "$demo/press1.txt") verdicts, the hub $(verdicts "$demo/hub.txt")"
echo
"$scanward" fleet status --nats "$nats"
[[ ${1:-} == --end ]] || { echo; echo "http://$http shows the hub; Ctrl-C ends it all"; wait "${workers[1]}"; }
