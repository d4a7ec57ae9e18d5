#!/bin/bash
# Fuzzes every decoder of bytes from outside with libFuzzer and AddressSanitizer.
#
# usage: tools/fuzzing/run.sh SECONDS [target ...]
#
# Targets are pcd ply obj stl xyz sniffed (clouds), ply-mesh obj-mesh stl-mesh, zmtp frame array packets pcap (what comes over
# the network or from a capture), safetensors shard manifest settings verdict (models and verdicts), request, keys
# and configuration (what consumers ask, who may connect, and what the monitor is told), part, answer and cloud (to and
# from the workers of a fleet); all of them if none is named. Each runs for SECONDS from its seeds (seeds/), written by other programs where there are such, and from
# the kept corpus. What it adds to the coverage is kept in Fixtures/corpus/TARGET of Tests/PointCloudsTests and
# Tests/DecoderTests, by hash, and `make test` reads it from then on.
# Exit 1 if any target crashed, took more than 10 s over an input or more than 512 MB; the input stays in .build/findings.
# Once it is mended, copy that input to the kept corpus as found-HASH: such files stay there for good.
# FUZZ_KEEP=no leaves the kept corpus as it is.
set -euo pipefail

seconds=${1:?usage: run.sh SECONDS [target ...]}
shift
here=$(cd "$(dirname "$0")" && pwd)
targets=("$@")
readers=(pcd ply obj stl xyz sniffed ply-mesh obj-mesh stl-mesh)
decoders=(zmtp frame array packets pcap safetensors shard manifest settings verdict request keys configuration part answer cloud)
[ ${#targets[@]} -gt 0 ] || targets=("${readers[@]}" "${decoders[@]}")
findings="$here/.build/findings"
# Room for the kept corpus of one target: beyond that the largest inputs stay out.
most_bytes=40000

# Swift's own backtraces would take the crashes that libFuzzer reports.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0

cd "$here"
# The kernels in C are instrumented too: what they read and write is what no bounds check of Swift sees.
flags=(-Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address)
swift build -c release --product fuzz-readers "${flags[@]}"
fuzzer=$(swift build -c release --product fuzz-readers "${flags[@]}" --show-bin-path)/fuzz-readers

mkdir -p "$findings"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat dictionaries/*.dict > "$work/all.dict"

# Fuzzes one target in a shell of its own and prints its line; false if it crashed.
fuzz() {
    local target=$1 failed=0 crashes=0
    local kept="$here/../../Tests/PointCloudsTests/Fixtures/corpus" largest=4096 keeping=1024
    if [[ " ${decoders[*]} " == *" $target "* ]]; then
        kept="$here/../../Tests/DecoderTests/Fixtures/corpus"
        largest=16384 keeping=4096
    fi
    export FUZZ_TARGET=$target
    mkdir -p "$work/$target" "$work/merged-$target" "$kept/$target"
    local log="$work/$target.log"
    local dictionary="dictionaries/${target%-mesh}.dict"
    [ -f "$dictionary" ] || dictionary="$work/all.dict"
    local limits=(-seed=1 -rss_limit_mb=512 -malloc_limit_mb=256 -timeout=10 -max_len=$largest "-artifact_prefix=$findings/$target-")
    "$fuzzer" "${limits[@]}" -max_total_time="$seconds" -dict="$dictionary" -print_final_stats=1 \
        "$work/$target" "$kept/$target" "seeds/$target" > "$log" 2>&1 || crashes=1
    local line executions
    line=$(grep -aE '^#[0-9]+' "$log" | grep -a ' cov: ' | tail -1 || true)
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | head -1)
    if [ $crashes -eq 1 ]; then
        failed=1
        grep -aE 'Fatal error|ERROR|SUMMARY|Test unit written' "$log" >&2 || tail -5 "$log" >&2
    elif [ "${FUZZ_KEEP:-yes}" = yes ]; then
        # The fewest files that reach every edge of the code that any of them reaches.
        "$fuzzer" "${limits[@]}" -max_len=$keeping -set_cover_merge=1 -use_counters=0 "$work/merged-$target" \
            "$kept/$target" "$work/$target" "seeds/$target" >> "$log" 2>&1 || { failed=1; tail -5 "$log" >&2; }
        find "$kept/$target" -type f ! -name 'found-*' -delete
        local total=0 size name
        while read -r size name; do
            total=$((total + size))
            [ $total -le $most_bytes ] || break
            cp "$work/merged-$target/$name" "$kept/$target/"
        done < <(find "$work/merged-$target" -type f -printf '%s %f\n' | sort -n)
    fi
    printf '%-13s %12s %9s %9s %7s %8s\n' "$target" "${executions:-?}" \
        "$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' <<< "$line")" "$(sed -n 's/.* ft: \([0-9]*\).*/\1/p' <<< "$line")" \
        "$crashes" "$(find "$kept/$target" -type f | wc -l)"
    return $failed
}

printf '%-13s %12s %9s %9s %7s %8s\n' target executions coverage features crashes kept
# As many at once as there are cores: each keeps one busy.
failed=0 running=0
for target in "${targets[@]}"; do
    if [ $running -ge "$(nproc)" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    fuzz "$target" &
    running=$((running + 1))
done
while [ $running -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done
exit $failed
