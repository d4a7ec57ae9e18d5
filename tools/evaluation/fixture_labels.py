"""Which points of the fixtures' test parts lie on a defect: scans the defective ones anew as tools/fixtures does, checks that they
are those in fixtures/parts, and writes one boolean for each point of each part (all false on good ones).

    python tools/evaluation/fixture_labels.py labels.npz

Needs what tools/fixtures needs (tools/fixtures/requirements.txt, Debian's sweethome3d-furniture).
"""
import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/fixtures"))
import make  # noqa: E402


def main():
    labels, latest, scan = {}, [], make.scan

    def kept(*arguments):
        latest[:] = [scan(*arguments)]
        return latest[0]

    make.scan = kept
    truth = json.loads((ROOT / "fixtures/parts/truth.json").read_text())["parts"]
    for index, kind in enumerate(make.PART_TYPES):
        name = kind.source.part_type
        coarse = make.load(kind.source)
        nominal = make.refine(coarse, lambda p: np.full(len(p), make.COARSE_MM))
        for part in (p for p in truth if p["part_type"] == name):
            if part["kind"] == make.GOOD:
                labels[part["part_id"]] = np.zeros(part["points"], bool)
                continue
            # As make.make_type draws it: each part has a generator of its own.
            rng = np.random.default_rng([make.SEED, index, 1, int(part["part_id"].split("_")[1]) - 1])
            defect = next(d for d in kind.defects if d.kind == part["kind"])
            count = dict(make.DENSE).get((name, defect.kind)) or int(kind.points * rng.uniform(0.9, 1.2))
            points, _ = make.make_part(coarse, nominal, defect, count, (8.0, 10.0), rng)
            file = ROOT / "fixtures" / part["file"]
            known = np.frombuffer(file.read_bytes().split(b"DATA binary\n", 1)[1], "<f4").reshape(-1, 3)
            if len(points) != len(known) or np.abs(np.asarray(points, "<f4") - known).max() > 1e-3:
                sys.exit(f"{file} is not what these tools make: check the versions in tools/fixtures/requirements.txt")
            labels[part["part_id"]] = np.asarray(latest[0].is_anomalous, bool)
            print(part["part_id"], part["kind"], int(labels[part["part_id"]].sum()), flush=True)
    np.savez_compressed(sys.argv[1], **labels)


if __name__ == "__main__":
    main()
