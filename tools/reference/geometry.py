"""Writes the reference values of PointCloudsTests: run with an environment that has NumPy, SciPy and Open3D.

    python tools/reference/geometry.py Tests/PointCloudsTests/Fixtures
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import open3d as o3d
import scipy
from scipy.spatial import cKDTree

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(20240607)
K = 24


def save(name, array):
    (out / name).write_bytes(np.ascontiguousarray(array).tobytes())


def part(n):
    """A bracket: two plates and a cylinder, unevenly sampled, with a little noise; mm."""
    a = np.c_[rng.uniform(0, 120, n // 3), rng.uniform(0, 60, n // 3), np.zeros(n // 3)]
    b = np.c_[rng.uniform(0, 120, n // 3), np.zeros(n // 3), rng.uniform(0, 80, n // 3)]
    t = rng.uniform(0, 2 * np.pi, n - 2 * (n // 3))
    c = np.c_[60 + 15 * np.cos(t), 30 + 15 * np.sin(t), rng.uniform(0, 40, len(t))]
    p = np.r_[a, b, c] + rng.normal(0, 0.02, (n, 3))
    return p.astype(np.float32)


points = part(3000)
save("part.f32", points)
tree = cKDTree(points.astype(np.float64))
distance, index = tree.query(points.astype(np.float64), k=K)
save("neighbors.i32", index.astype(np.int32))
save("neighbors.distance.f32", distance.astype(np.float32))

normals = np.empty((len(points), 3))
values = np.empty((len(points), 3))
for i, row in enumerate(index):
    d = points[row].astype(np.float64)
    d -= d.mean(0)
    w, v = np.linalg.eigh(d.T @ d / K)
    normals[i], values[i] = v[:, 0], np.maximum(w, 0)
total = values.sum(1)
save("normals.f64", normals)
save("eigenvalues.f64", values)
save("curvature.f64", values[:, 0] / (values[:, 0] + values[:, 1] + 1e-9 * total))

# GPS, as docs/imrnet.md has it, in float64.
n = normals[index[:, 1:]]
own = normals[:, None, :]
bend = np.minimum(np.linalg.norm(own - n, axis=2), np.linalg.norm(own + n, axis=2))
spacing = distance[:, 1].mean()
length = np.maximum(distance[:, 1:], 0.1 * spacing)
k = values[:, 0] / (values[:, 0] + values[:, 1] + 1e-9 * total)
curve = np.abs(k[:, None] - k[index[:, 1:]])
save("change.f64", (bend * spacing / length + curve).mean(1))
save("change.paper.f64", (bend / length + curve).mean(1))

# ICP, point to plane, Open3D: source = a rotated other sample of the part.
angle = np.radians(6.0)
axis = np.array([1.0, -2.0, 0.5]) / np.linalg.norm([1.0, -2.0, 0.5])
rotation = o3d.geometry.get_rotation_matrix_from_axis_angle(axis * angle)
source = (part(2500).astype(np.float64) @ rotation.T + [4.0, -3.0, 5.0]).astype(np.float32)
save("source.f32", source)
a, b = o3d.geometry.PointCloud(), o3d.geometry.PointCloud()
a.points = o3d.utility.Vector3dVector(source.astype(np.float64))
b.points = o3d.utility.Vector3dVector(points.astype(np.float64))
b.normals = o3d.utility.Vector3dVector(normals)
transform = np.eye(4)
for reach in (30.0, 10.0, 4.0):
    result = o3d.pipelines.registration.registration_icp(
        a, b, reach, transform, o3d.pipelines.registration.TransformationEstimationPointToPlane(),
        o3d.pipelines.registration.ICPConvergenceCriteria(1e-12, 1e-12, 200))
    transform = result.transformation

# Statistical outliers and clusters, Open3D.
stray = np.r_[points[::3], rng.uniform(-40, 160, (30, 3)).astype(np.float32)].astype(np.float32)
save("stray.f32", stray)
c = o3d.geometry.PointCloud()
c.points = o3d.utility.Vector3dVector(stray.astype(np.float64))
# Open3D counts the point itself among its neighbours.
_, kept = c.remove_statistical_outlier(nb_neighbors=17, std_ratio=2.0)

# Files, as Open3D writes them.
small = o3d.t.geometry.PointCloud()
few = points[:40]
few_normals = normals[:40].astype(np.float32)
legacy = o3d.geometry.PointCloud()
legacy.points = o3d.utility.Vector3dVector(few.astype(np.float64))
legacy.normals = o3d.utility.Vector3dVector(few_normals.astype(np.float64))
o3d.io.write_point_cloud(str(out / "ascii.pcd"), legacy, write_ascii=True)
o3d.io.write_point_cloud(str(out / "binary.pcd"), legacy)
repeated = o3d.geometry.PointCloud()
more = np.r_[np.repeat(few, 8, axis=0), few]
repeated.points = o3d.utility.Vector3dVector(more.astype(np.float64))
o3d.io.write_point_cloud(str(out / "compressed.pcd"), repeated, compressed=True)
o3d.io.write_point_cloud(str(out / "ascii.ply"), legacy, write_ascii=True)
o3d.io.write_point_cloud(str(out / "little.ply"), legacy)
mesh = o3d.geometry.TriangleMesh.create_box(2, 3, 4)
mesh.compute_vertex_normals()
o3d.io.write_triangle_mesh(str(out / "mesh.ply"), mesh)
# Open3D does not write big endian: the same, by hand, with a list element before the vertices and one inside them.
with open(out / "big.ply", "wb") as f:
    f.write(b"ply\nformat binary_big_endian 1.0\ncomment by hand\nelement strip 2\n"
            b"property list uchar short ids\nproperty double w\nelement vertex 40\nproperty double x\nproperty float y\n"
            b"property list ushort uint k\nproperty float z\nproperty uchar red\nproperty short intensity\nend_header\n")
    f.write(struct.pack(">B3hd", 3, 1, 2, 3, 0.5) + struct.pack(">Bd", 0, 1.5))
    for i, p in enumerate(few):
        f.write(struct.pack(">df", p[0], p[1]) + struct.pack(">H", i % 3) + struct.pack(f">{i % 3}I", *range(i % 3)))
        f.write(struct.pack(">fBh", p[2], i, i - 20))
save("few.f32", few)
save("few.normals.f32", few_normals)
save("repeated.f32", more.astype(np.float32))

box = o3d.geometry.OrientedBoundingBox.create_from_points(
    o3d.utility.Vector3dVector(points.astype(np.float64)), robust=False)
(out / "reference.json").write_text(json.dumps({
    "tool": f"numpy {np.__version__}, scipy {scipy.__version__}, open3d {o3d.__version__}",
    "script": "tools/reference/geometry.py",
    "spacing": spacing,
    "icp": {"transform": np.asarray(transform).flatten().tolist(), "fitness": result.fitness},
    "chamfer": float((cKDTree(source.astype(np.float64)).query(points.astype(np.float64))[0] ** 2).mean()
                     + (tree.query(source.astype(np.float64))[0] ** 2).mean()),
    "kept": sorted(kept),
    "boxVolume": float(np.prod(box.extent)),
}, indent=1) + "\n")
