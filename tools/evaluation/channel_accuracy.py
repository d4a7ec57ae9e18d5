"""How well each channel of models tells good from bad on the fixtures: I-AUROC and P-AUROC, by scikit-learn.

    scanward score --model MODELS/TYPE --json --maps MAPS/TYPE fixtures/parts/TYPE/test >MAPS/TYPE.jsonl   # for each type
    python tools/evaluation/channel_accuracy.py labels.npz MAPS [MAPS ...]

labels.npz is what fixture_labels.py makes. I-AUROC: part scores of a type, 6 good and 6 bad (steps of 1/36). P-AUROC: points of
a type pooled, good parts' among them; for each map the reference labels of the points it holds, found by their coordinates.
"""
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["reconstruction", "feature", "deviation", "score"]


def pcd(path):
    head, body = path.read_bytes().split(b"DATA binary\n", 1)
    return np.frombuffer(body, "<f4").reshape(-1, 3)


def ply(path):
    head, body = path.read_bytes().split(b"end_header\n", 1)
    lines = head.decode().split("\n")
    names = [line.split()[-1] for line in lines if line.startswith("property float")]
    count = next(int(line.split()[-1]) for line in lines if line.startswith("element vertex"))
    table = np.frombuffer(body, "<f4", count * len(names)).reshape(count, len(names))
    return {name: table[:, i] for i, name in enumerate(names)}, table[:, :3]


def labelled(part, file, labels):
    """Labels of a map's points, -1 for points that the scan does not have: surface that the part lacks."""
    known = {row.tobytes(): label for row, label in zip(pcd(ROOT / "fixtures" / part["file"]), labels)}
    return np.array([int(known.get(row.tobytes(), -1)) for row in np.ascontiguousarray(ply(file)[1])])


def evaluate(folder, labels, truth):
    rows = {}
    for kind in sorted({part["part_type"] for part in truth}):
        verdicts = {v["part_id"]: v for v in map(json.loads, (folder / f"{kind}.jsonl").read_text().splitlines())}
        parts = [p for p in truth if p["part_type"] == kind]
        scores, points, classes, marks = {n: [] for n in NAMES}, {n: [] for n in NAMES}, [], []
        for part in parts:
            verdict = verdicts[part["part_id"]]
            if verdict.get("score") is None:
                sys.exit(f"{folder}: {part['part_id']} was not scored: {verdict['reasons']}")
            classes.append(part["evaluation"] != "ok")
            file = next((folder / kind).glob(part["part_id"] + "-*.ply"))
            mark, columns = labelled(part, file, labels[part["part_id"]]), ply(file)[0]
            marks.append(mark[mark >= 0])
            for name in NAMES:
                score = verdict["score"] if name == "score" else verdict["channels"].get(name)
                column = columns.get("score" if name == "score" else f"channel_{name}")
                if score is not None:
                    scores[name].append(score)
                if column is not None:
                    points[name].append(column[mark >= 0])
        rows[kind] = {
            name: (roc_auc_score(classes, scores[name]), roc_auc_score(np.concatenate(marks), np.concatenate(points[name])))
            for name in NAMES if scores[name]}
    return rows


def main():
    labels = np.load(sys.argv[1])
    truth = json.loads((ROOT / "fixtures/parts/truth.json").read_text())["parts"]
    print("I-AUROC / P-AUROC\n| models | channel | " + " | ".join(sorted({p["part_type"] for p in truth})) + " | mean |")
    for folder in map(Path, sys.argv[2:]):
        rows = evaluate(folder, labels, truth)
        for name in NAMES:
            cells = [rows[kind][name] for kind in sorted(rows) if name in rows[kind]]
            if cells:
                print(f"| {folder.name} | {name} | " + " | ".join(f"{i:.3f} / {p:.3f}" for i, p in cells + [tuple(np.mean(cells, 0))]) + " |")


if __name__ == "__main__":
    main()
