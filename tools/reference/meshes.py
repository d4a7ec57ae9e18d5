"""Meshes written by trimesh and Open3D, their measures by trimesh, and seeds for the fuzzing of the readers.

usage: tools-reference-meshes.py FIXTURES SEEDS
Writes FIXTURES/meshes/* with meshes.json, and SEEDS/<target>/* (small, one of each kind of file).
"""

import json
import pathlib
import sys

import numpy as np
import open3d as o3d
import trimesh

fixtures = pathlib.Path(sys.argv[1]) / "meshes"
seeds = pathlib.Path(sys.argv[2])
fixtures.mkdir(parents=True, exist_ok=True)


def rounded(mesh):
    """With coordinates that Float holds, so that every program has the same mesh."""
    return trimesh.Trimesh(mesh.vertices.astype(np.float32).astype(float), mesh.faces, process=False)


def measures(mesh):
    return {
        "area": float(mesh.area),
        "bounds": mesh.bounds.tolist(),
        "vertices": mesh.vertices.tolist(),
        "faces": mesh.faces.tolist(),
        "areas": mesh.area_faces.tolist(),
        "normals": mesh.face_normals.tolist(),
    }


# A ring with inside and outside, turned and moved so that no coordinate is simple.
ring = trimesh.creation.annulus(r_min=11, r_max=17, height=6.5, sections=10)
ring.apply_transform(trimesh.transformations.euler_matrix(0.3, -0.7, 1.1))
ring.apply_translation([31.7, -12.3, 5.9])
ring = rounded(ring)
box = rounded(trimesh.creation.box(extents=[2, 3, 4]))


def o3d_mesh(mesh, normals):
    made = o3d.geometry.TriangleMesh(
        o3d.utility.Vector3dVector(mesh.vertices), o3d.utility.Vector3iVector(mesh.faces)
    )
    if normals:
        made.compute_vertex_normals()
    return made


def export(mesh, kind, path, **options):
    data = trimesh.exchange.export.export_mesh(mesh, None, file_type=kind, **options)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def write(mesh, folder, stem):
    folder.mkdir(parents=True, exist_ok=True)
    export(mesh, "ply", folder / f"{stem}.trimesh.binary.ply")
    export(mesh, "ply", folder / f"{stem}.trimesh.ascii.ply", encoding="ascii")
    export(mesh, "stl", folder / f"{stem}.trimesh.binary.stl")
    export(mesh, "stl_ascii", folder / f"{stem}.trimesh.ascii.stl")
    export(mesh, "obj", folder / f"{stem}.trimesh.obj", digits=9)
    for suffix, ascii_, normals in [
        ("binary.ply", False, True), ("ascii.ply", True, True), ("binary.stl", False, True), ("obj", True, True)
    ]:
        name = str(folder / f"{stem}.open3d.{suffix}")
        assert o3d.io.write_triangle_mesh(
            name, o3d_mesh(mesh, normals), write_ascii=ascii_, write_vertex_normals=normals
        )


write(ring, fixtures, "ring")
smooth = o3d_mesh(ring, True)
(fixtures / "meshes.json").write_text(
    json.dumps(
        {
            "trimesh": trimesh.__version__,
            "open3d": o3d.__version__,
            "numpy": np.__version__,
            "ring": measures(ring),
            "vertexNormals": np.asarray(smooth.vertex_normals).tolist(),
        }
    )
)

# Seeds: the box in every format, by target.
scratch = seeds / "scratch"
write(box, scratch, "box")
for path in sorted(scratch.iterdir()):
    kind = path.suffix[1:]
    for target in (kind, f"{kind}-mesh"):
        (seeds / target).mkdir(exist_ok=True)
        (seeds / target / path.name).write_bytes(path.read_bytes())
    path.unlink()
scratch.rmdir()

points = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(box.vertices))
points.normals = o3d.utility.Vector3dVector(np.tile([0.0, 0.6, 0.8], (len(box.vertices), 1)))
for kind in ("pcd", "ply", "xyz"):
    (seeds / kind).mkdir(exist_ok=True)
    for suffix, options in [
        ("ascii", {"write_ascii": True}),
        ("binary", {"write_ascii": False}),
        ("compressed", {"write_ascii": False, "compressed": True}),
    ]:
        if kind == "pcd" or (kind == "ply" and suffix != "compressed") or suffix == "ascii":
            assert o3d.io.write_point_cloud(str(seeds / kind / f"points.{suffix}.{kind}"), points, **options)
np.savetxt(seeds / "xyz" / "numpy.csv", box.vertices[:3], delimiter=",", header="x,y,z", comments="")
np.savetxt(seeds / "xyz" / "numpy.pts", np.hstack([box.vertices, box.vertices[:, :1]]), fmt="%.3f", header="8", comments="")

# What the two programs do not write: faces and continued lines of every kind, several solids, big endian.
(seeds / "obj-mesh" / "kinds.obj").write_text(
    "# corners of every kind\nmtllib a.mtl\no a\nv 0 0 0\nv 1 0 0 1.0\nv 1 1 0 0.5 0.5 0.5\nv 0 1 0\nvt 0 0\n"
    "vn 0 0 1\nusemtl red\ns off\ng b\nf 1/1/1 2/1/1 \\\n 3//1\nf -4 -3 -2 -1\r\nl 1 2\np 1\n"
)
(seeds / "obj" / "kinds.obj").write_bytes((seeds / "obj-mesh" / "kinds.obj").read_bytes())
solids = trimesh.exchange.stl.export_stl_ascii(box.submesh([[0, 1]])[0])
for target in ("stl", "stl-mesh"):
    (seeds / target / "solids.stl").write_text(solids + "\n" + solids.upper() + "\n")
faces = np.hstack([np.full((12, 1), 3), box.faces])
big = b"ply\nformat binary_big_endian 1.0\nelement vertex 8\nproperty double x\nproperty double y\nproperty double z\n"
big += b"property uchar red\nelement face 12\nproperty uchar flags\nproperty list ushort uint vertex_index\nend_header\n"
for vertex in box.vertices:
    big += vertex.astype(">f8").tobytes() + b"\x07"
for face in faces:
    big += b"\x01" + face[:1].astype(">u2").tobytes() + face[1:].astype(">u4").tobytes()
for target in ("ply", "ply-mesh"):
    (seeds / target / "big.ply").write_bytes(big)
(seeds / "sniffed").mkdir(exist_ok=True)
for target in ("pcd", "ply", "obj", "stl", "xyz"):
    first = sorted((seeds / target).iterdir())[0]
    (seeds / "sniffed" / first.name).write_bytes(first.read_bytes())
