"""Writes neighbourhoods and their eigen-decomposition for ExactGeometryTests: needs NumPy.

    python tools/reference/exact.py Tests/PointCloudsTests/Fixtures
"""
import json
import sys
from pathlib import Path

import numpy as np

out = Path(sys.argv[1])
rng = np.random.default_rng(31)
K = 24
GROUPS = 240


def spectrum(kind):
    """Standard deviations along the three axes, mm: a surface patch, a thin scan line, a nearly flat patch, a ball."""
    if kind == 0:
        return np.array([rng.uniform(0.01, 0.3), rng.uniform(0.5, 1), 1])
    if kind == 1:
        s = 10 ** rng.uniform(-4, -1.5)
        return np.array([s * 10 ** rng.uniform(-2, -0.1), s, 1])
    if kind == 2:
        return np.array([10 ** rng.uniform(-5, -2.5), rng.uniform(0.4, 1), 1])
    return np.array([rng.uniform(0.7, 0.95), rng.uniform(0.95, 1), rng.uniform(1, 1.3)])


points = np.empty((GROUPS, K, 3), np.float32)
for g in range(GROUPS):
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    size = 10 ** rng.uniform(-2, 2)
    offset = rng.uniform(-1, 1, 3) * size * 10 ** rng.uniform(0, 2.5)
    points[g] = (rng.normal(size=(K, 3)) * spectrum(g % 4) @ rotation.T) * size + offset
d = points.astype(np.float64)
d -= d.mean(1, keepdims=True)
values, vectors = np.linalg.eigh(np.einsum("gki,gkj->gij", d, d) / K)
values = np.maximum(values, 0)
points.tofile(out / "neighborhoods.f32")
np.concatenate([values, vectors[:, :, 0]], 1).astype(np.float64).tofile(out / "neighborhoods.eigen.f64")
(out / "neighborhoods.json").write_text(json.dumps({
    "tool": f"numpy {np.__version__}", "script": "tools/reference/exact.py", "groups": GROUPS, "size": K}, indent=1) + "\n")
