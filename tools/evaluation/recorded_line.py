"""The tables of docs/accuracy.md on the recorded line, from the verdicts on it.

    scanward journal export STATE | python tools/evaluation/recorded_line.py fixtures/parts/truth.json

Of parts judged more than once the last verdict counts. Places are in the scanner's coordinates, lengths in mm.
"""
import json
import statistics
import sys


def distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b)) ** 0.5


def main():
    truth = {part["part_id"]: part for part in json.load(open(sys.argv[1]))["parts"]}
    verdicts = {v["part_id"]: v for v in map(json.loads, filter(str.strip, sys.stdin)) if v["part_id"] in truth}
    missing = sorted(truth.keys() - verdicts.keys())
    if missing:
        sys.exit(f"expected a verdict on each of {len(truth)} parts, found none on {', '.join(missing)}: replay the whole capture")
    right = {e: [p for p, t in truth.items() if t["evaluation"] == e and verdicts[p]["evaluation"] == e] for e in ("ok", "not_ok")}
    of = {e: sum(t["evaluation"] == e for t in truth.values()) for e in right}
    print(f"{len(right['not_ok'])} of {of['not_ok']} defective parts not_ok, {len(right['ok'])} of {of['ok']} good parts ok.")
    took = sorted(v["durations_ms"]["total"] for v in verdicts.values())
    print(f"Latency: median {statistics.median(took):.0f} ms, 95 % {took[int(0.95 * len(took))]:.0f} ms, longest {took[-1]:.0f} ms.\n")

    print("| type | threshold | scores of good parts | scores of defective parts |\n|---|--:|---|---|")
    for kind in sorted({t["part_type"] for t in truth.values()}):
        scores = {e: [verdicts[p]["score"] for p, t in truth.items() if t["part_type"] == kind and t["evaluation"] == e] for e in of}
        threshold = next(verdicts[p]["threshold"] for p, t in truth.items() if t["part_type"] == kind)
        ranges = [f"{min(s):.2f} to {max(s):.2f}" for s in (scores["ok"], scores["not_ok"])]
        print(f"| {kind} | {threshold:.2f} | {ranges[0]} | {ranges[1]} |")

    print("\n| part | defect | size, mm | depth, mm | score / threshold | deviation told, mm | first region off by, mm (of part size) |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for name, part in sorted(truth.items()):
        if "defect" not in part:
            continue
        verdict, defect = verdicts[name], part["defect"]
        told, off = "-", "-"
        if verdict["regions"]:
            first = verdict["regions"][0]
            deviation = first.get("deviation")
            told = "-" if deviation is None else f"{deviation:+.2f}"
            apart = distance(first["centroid"], defect["centre_mm"])
            off = f"{apart:.1f} ({100 * apart / part['part_size_mm']:.0f} %)"
        print(
            f"| {name} | {part['kind']} | {defect['size_mm']:.0f} | {defect['depth_mm']:.1f} "
            f"| {verdict['score']:.2f} / {verdict['threshold']:.2f} | {told} | {off} |"
        )


main()
