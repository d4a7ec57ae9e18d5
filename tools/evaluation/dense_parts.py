"""Four good mugs of 30,000 points each, scanned as the fixtures' training parts: to time `scanward teach`.

    python tools/evaluation/dense_parts.py FOLDER [POINTS]
"""
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/fixtures"))
import make  # noqa: E402


def main():
    out, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 30_000
    out.mkdir(parents=True, exist_ok=True)
    index = next(i for i, kind in enumerate(make.PART_TYPES) if kind.source.part_type == "mug")
    coarse = make.load(make.PART_TYPES[index].source)
    nominal = make.refine(coarse, lambda p: np.full(len(p), make.COARSE_MM))
    for i in range(4):
        rng = np.random.default_rng([make.SEED, index, 2, i])
        points, _ = make.make_part(coarse, nominal, None, count, (2.0, 2.0), rng)
        make.pcd.write(out / f"mug_dense{i}.pcd", points)
        print(i, len(points), flush=True)


if __name__ == "__main__":
    main()
