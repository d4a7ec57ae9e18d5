# Writes the FPFH fixture: a small cloud, fixed normals, and Open3D's histograms at two neighbourhood sizes.
# Usage: python tools-reference-fpfh.py OUTPUT_FOLDER
import json, sys
import numpy as np, open3d as o3d

out = sys.argv[1]
rng = np.random.default_rng(11)
n = 400
# Three pieces without symmetry: a wavy sheet, half a ball, a rod.
u, v = rng.random((2, 200))
sheet = np.c_[100 * u, 60 * v, 4 * np.sin(u * 9) * np.cos(v * 7)]
d = rng.normal(size=(136, 3)); d /= np.linalg.norm(d, axis=1)[:, None]; d[:, 2] = abs(d[:, 2])
ball = d * 18 + [30, 25, 2]
a, h = rng.random((2, 64))
rod = np.c_[6 * np.cos(6.2832 * a) + 80, 6 * np.sin(6.2832 * a) + 40, 40 * h]
points = (np.r_[sheet, ball, rod] + rng.normal(0, 0.05, (n, 3)))[rng.permutation(n)].astype(np.float32)
c = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points.astype(np.float64)))
c.estimate_normals(o3d.geometry.KDTreeSearchParamKNN(12))
c.orient_normals_towards_camera_location(np.array([50.0, 30.0, 300.0]))
normals = np.asarray(c.normals).astype(np.float32)
c.normals = o3d.utility.Vector3dVector(normals.astype(np.float64))
f = o3d.pipelines.registration.compute_fpfh_feature
for k in (20, 60):
    f(c, o3d.geometry.KDTreeSearchParamKNN(k)).data.T.astype(np.float32).tofile(f"{out}/fpfh.{k}.f32")
f(c, o3d.geometry.KDTreeSearchParamHybrid(12.0, 60)).data.T.astype(np.float32).tofile(f"{out}/fpfh.radius.f32")
points.tofile(f"{out}/fpfh.points.f32")
normals.tofile(f"{out}/fpfh.normals.f32")
json.dump({"open3d": o3d.__version__, "numpy": np.__version__, "sizes": [20, 60], "radius": 12.0}, open(f"{out}/fpfh.json", "w"))
