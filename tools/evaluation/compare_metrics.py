"""Whether an independent scorer's metrics are ours: every class, part and point metrics, within 1e-6.

    python tools/evaluation/compare_metrics.py results.json ROW theirs.json

results.json is `scanward evaluate`'s for one seed; theirs.json has classes -> name -> I_AUROC, I_AP, P_AUROC, P_AP, hits.
"""
import json
import sys

NAMES = {"i_auroc": "I_AUROC", "i_ap": "I_AP", "p_auroc": "P_AUROC", "p_ap": "P_AP"}


def main():
    row = next(r for r in json.load(open(sys.argv[1]))["rows"] if r["name"] == sys.argv[2])
    theirs = json.load(open(sys.argv[3]))
    largest, count = 0.0, 0
    for ours in row["classes"]:
        other = theirs["classes"][ours["part_class"]]
        for name, key in NAMES.items():
            difference = abs(ours["metrics"][name]["value"] - other[key])
            largest, count = max(largest, difference), count + 1
            if difference > 1e-6:
                print(f"{ours['part_class']} {name}: {ours['metrics'][name]['value']} and {other[key]}")
    for kind in row["kinds"]:
        hits = [h for c in theirs["classes"].values() for k, v in c["hits"].items() if kind["kind"] in (k, "all") for h in v]
        difference = abs(kind["recall_at_zero_false_rejects"]["value"] - sum(hits) / len(hits))
        largest, count = max(largest, difference), count + 1
        if difference > 1e-6:
            print(f"recall of {kind['kind']}: {kind['recall_at_zero_false_rejects']['value']} and {sum(hits) / len(hits)}")
    print(f"{count} values compared, largest difference {largest:.2e}")
    sys.exit(largest > 1e-6)


if __name__ == "__main__":
    main()
