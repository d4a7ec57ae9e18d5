#!/usr/bin/env bash
# The line in one go: teaches the fixtures' part types (once), starts the monitor, replays the recorded capture into it
# over a ZeroMQ socket, and leaves the failed parts' heat maps in .demo/heatmaps.
set -euo pipefail
cd "$(dirname "$0")/.."

scanward=${SCANWARD:-.build/release/scanward}
models=.demo/models
mkdir -p "$models"

for type in bottle mug tap; do
  [[ -f $models/$type/manifest.json ]] ||
    "$scanward" teach --type "$type" --out "$models/$type" "fixtures/parts/$type/train"
done

rm -rf .demo/heatmaps
mkfifo .demo/monitor.$$
trap 'rm -f .demo/monitor.$$; kill $(jobs -p) 2>/dev/null || true' EXIT
parts=$(grep -c '"part_id"' fixtures/parts/truth.json)
"$scanward" run --bind tcp://127.0.0.1:0 --publish tcp://127.0.0.1:0 --model "$models" --heatmaps .demo/heatmaps \
  --line demo --station table --until-parts "$parts" >.demo/monitor.$$ &
monitor=$!

# The monitor's first line says where it listens: the port is the system's choice, so that none can be in use.
exec 3<.demo/monitor.$$
read -r -u 3 line
echo "$line"
"$scanward" replay fixtures/captures/line.pcap --to "${line##* }" --rate 0.5 >.demo/replay.log &
replay=$!
cat <&3 &
shown=$!
if ! wait "$replay"; then
  kill "$monitor"
  wait "$shown" || true
  echo "the replay failed: see above" >&2
  exit 1
fi
wait "$monitor"
wait "$shown"
cat .demo/replay.log
