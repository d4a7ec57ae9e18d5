#!/usr/bin/env bash
# Takes the dashboard's pictures of README.md and docs/dashboard.md anew, with the fixtures' scans, two scanners and a browser.
# On a quiet machine: the latencies in them are what readers see. Needs Debian's chromium, libjs-three, curl, jq and pngquant.
set -euo pipefail
cd "$(dirname "$0")/.."

scanward=${SCANWARD:-.build/release/scanward}
models=${MODELS:-.demo/models}
folder=${OUT:-docs}
for type in mug tap; do
  [[ -f $models/$type/manifest.json ]] ||
    "$scanward" teach --type "$type" --out "$models/$type" "fixtures/parts/$type/train"
done

work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
"$scanward" run --bind "ipc://$work/in" --publish none --replay none --state "$work/state" --model "$models" \
  --http 127.0.0.1:0 --line line2 --station taps >"$work/out" 2>"$work/err" &
until grep -q "^http at " "$work/out"; do sleep 0.2; done
address=$(sed -n 's/^http at //p' "$work/out")

# So many verdicts, of any kind.
await() {
  until [[ $(curl -sS "$address/api/status" | jq '[.evaluations[]] | add // 0') -ge $1 ]]; do sleep 0.2; done
}
# A frame a minute: the scanner stays connected behind its first part. scan SOURCE TYPE SCAN PART
scan() {
  mkdir -p "$work/$4"
  ln -s "$PWD/fixtures/parts/$2/test/$3.pcd" "$work/$4/$4.pcd"
  ln -s "$PWD/fixtures/parts/$2/test/$3.pcd" "$work/$4/$4-next.pcd"
  "$scanward" fake-scanner "$work/$4/$4.pcd" "$work/$4/$4-next.pcd" --to "ipc://$work/in" --part-type "$2" \
    --source "$1" --frames-per-part 1 --rate 0.016 >/dev/null 2>&1 &
}
mkdir "$work/taps"
for number in 02 03 07 01 08 09 05 12; do
  ln -s "$PWD/fixtures/parts/tap/test/tap_$number.pcd" "$work/taps/tap-20$((38 + $(ls "$work/taps" | wc -l))).pcd"
done
"$scanward" fake-scanner "$work/taps" --to "ipc://$work/in" --part-type tap --source scanner-a --rate 1 >/dev/null
await 8
scan scanner-b mug "${GOOD:-mug_03}" mug-1048
await 9
scan scanner-a tap "${FAILED:-tap_06}" tap-2046
await 10

# shoot ADDRESS CANVASES FILE
shoot() {
  python3 tools/screenshot.py "$1" "$2" "$work/shot.png"
  pngquant --force --output "$3" "$work/shot.png"
}
shoot "$address/" 1 "$folder/dashboard-live.png"
part=$(curl -sS "$address/api/verdicts?order=newest&limit=1&evaluation=not_ok&format=summary" | jq -r .result_id)
shoot "$address/parts/$part" 2 "$folder/dashboard-part.png"
