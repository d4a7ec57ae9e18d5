"""Meshes of free libraries, cut and sorted, for the pretraining of the reconstruction network (`scanward pretrain`).

Sources: the furniture catalogues (*.sh3f) of Debian's sweethome3d-furniture, and the meshes of the pip package pybullet
(pybullet_data: 1,000 procedural objects of random_urdfs, robots, machine parts). Part types that the benchmarks and the
tests use are left out by catalogue name. A model gives one shape of its whole surface and one for each larger connected
component; shapes that are alike up to pose and size are kept once. Written to --out:

    meshes/SOURCE/MODEL.stl           a whole model, SOURCE/MODEL+componentN.stl one of its pieces: what follows the +
                                      does not count for the split into training and held-out shapes
    shapes.json                       for each shape its file, name, source, creator, licence and mesh hash

    python prepare.py --furniture /usr/share/sweethome3d/furniture --out data
"""
import argparse
import hashlib
import io
import json
import multiprocessing
import re
import zipfile
from pathlib import Path

import numpy as np
import trimesh

EXCLUDED = re.compile(r"bottle|\bcups?\b|teacup|coffeecup|\bmugs?(\b|_)|bowl|vase|helmet|\btaps?\b|faucet|\bjars?\b|pottery|tea ?pot|"
                      r"coffee ?pot|\bjugs?\b|(hand|bean|back|\b)bags?\b|bucket|pots?\b|\bpot_|pitcher|"
                      r"drinking.?glass|(wine|beer|cocktail|champagne|water).?glass|^glass(es)?$|, glass|oil servers|dishes|crockery|dinner ?set|tea ?set|tableware",
                      re.I)
# May hold such a part as a component (a washbasin's tap, a plant's pot): taken whole only.
WHOLE_ONLY = re.compile(r"sink|basin|bath|shower|bidet|lavabo|plant|flower|tree|bonsai|cactus|orchid|bouquet|kitchen|dining|place|tray|coffee|tea\b", re.I)
NOT_A_SHAPE = re.compile(r"vhacd|collision|lores|lowres|_col\b|plane|terrain|stadium|racecourse|parking|cloth|/cube|textured", re.I)
# Of other owners, with no licence or a share-alike one.
UNCLEAR = re.compile(r"^(bicycle|laikago|a1|aliengo)/|duck|bunny|samurai", re.I)
LICENCES = {"franka_panda": "Apache License 2.0", "husky": "BSD 3-clause (Clearpath Robotics)",
            "kuka_iiwa": "BSD (R. Krug, T. Stoyanov, Orebro University)"}


def catalogue_models(folder):
    """Models of the Sweet Home 3D furniture catalogues: (model key, name, source, creator, licence, loader arguments)."""
    for archive in sorted(Path(folder).glob("*.sh3f")):
        with zipfile.ZipFile(archive) as z:
            lines = z.read("PluginFurnitureCatalog.properties").decode("latin-1").splitlines()
        entry = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        for number in sorted((int(k[6:]) for k in entry if k.startswith("model#"))):
            get = lambda field: entry.get(f"{field}#{number}", "").strip()
            name, path = get("name"), get("model").lstrip("/")
            if EXCLUDED.search(name) or EXCLUDED.search(Path(path).stem.replace("_", " ").replace("-", " ")) or EXCLUDED.search(get("tags")):
                continue
            yield dict(model=f"{archive.stem}/{path}", name=name, source=archive.name, creator=get("creator"),
                       licence=entry["license"].strip()), (str(archive), path), not WHOLE_ONLY.search(name + " " + path)


def pybullet_models(folder):
    folder = Path(folder)
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".obj", ".stl")):
        model = path.relative_to(folder).as_posix()
        if EXCLUDED.search(path.stem) or NOT_A_SHAPE.search("/" + model) or UNCLEAR.search(model):
            continue
        folder_name = model.split("/")[0]
        random = folder_name == "random_urdfs"
        source = "pybullet_data/random_urdfs" if random else "pybullet_data"
        yield dict(model=f"pybullet_data/{model}", name=path.stem, source=source, creator="Google Brain robotics data" if random else "",
                   licence=LICENCES.get(folder_name, "zlib (pybullet)")), (None, str(path)), True


def load(archive, path):
    if archive:
        with zipfile.ZipFile(archive) as z:
            data = z.read(path)
        scene = trimesh.load(io.BytesIO(data), file_type=Path(path).suffix[1:], skip_materials=True, process=False)
    else:
        scene = trimesh.load(path, skip_materials=True, process=False)
    mesh = scene.to_mesh() if isinstance(scene, trimesh.Scene) else scene
    vertices, inverse = np.unique(np.asarray(mesh.vertices, np.float64).round(6), axis=0, return_inverse=True)
    faces = inverse.reshape(-1)[np.asarray(mesh.faces)]
    ring = np.roll(faces, -1, 1)
    return vertices, faces[(faces != ring).all(1)]


def components(vertices, faces, least, most):
    """The connected components with enough faces, largest area first."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    edges = faces[:, [0, 1, 1, 2]].reshape(-1, 2)
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (len(vertices),) * 2)
    labels = connected_components(graph, directed=False)[1][faces[:, 0]]
    counts = np.bincount(labels)
    groups = [faces[labels == label] for label in np.flatnonzero((counts >= least) & (counts < len(faces)))]
    return sorted(groups, key=lambda f: -areas(vertices, f).sum())[:most]


def areas(vertices, faces):
    a, b, c = vertices[faces].transpose(1, 0, 2)
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def signature(vertices, faces):
    """Equal for meshes that are the same up to rotation, reflection, translation and scale; None for degenerate ones."""
    area = areas(vertices, faces)
    if not np.isfinite(area).all() or area.sum() <= 0:
        return None
    used = vertices[np.unique(faces)]
    used = used - used.mean(0)
    spread = np.sqrt(np.maximum(np.linalg.eigvalsh(used.T @ used / len(used)), 0))
    if spread[2] <= 0 or spread[0] < 0.01 * spread[2]:  # flat
        return None
    return len(faces), len(used), *(round(float(x), 2) for x in (spread[0] / spread[2], spread[1] / spread[2], np.sqrt(area.sum()) / spread[2]))


def shapes_of(job):
    record, where, split, a = job
    try:
        vertices, faces = load(*where)
        parts = [("", faces)] if len(faces) >= 12 else []
        if split and parts:
            parts += [(f" component {i}", f) for i, f in enumerate(components(vertices, faces, a.least_faces, a.most_components))]
    except Exception as error:
        return [], f"{record['model']}: {type(error).__name__}: {error}"
    found = []
    for label, part in parts:
        key = signature(vertices, part)
        if key is None:
            continue
        digest = hashlib.sha256(vertices[part].astype(np.float32).tobytes()).hexdigest()
        if np.isfinite(vertices[part]).all():
            file = re.sub(r"[^A-Za-z0-9_/-]", "_", record["model"]) + label.replace(" ", "+", 1).replace(" ", "") + ".stl"
            mesh = trimesh.Trimesh(vertices, part, process=False)
            found.append((dict(record, name=record["name"] + label, file=file, component=bool(label), faces=len(part), mesh_sha256=digest), key, mesh.export(file_type="stl")))
    return found, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--furniture", required=True, help="folder of the *.sh3f catalogues")
    parser.add_argument("--pybullet", help="pybullet_data folder (default: that of the installed package)")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--least-faces", type=int, default=80, help="faces of a component that counts as a shape")
    parser.add_argument("--most-components", type=int, default=10, help="components taken of a model")
    parser.add_argument("--processes", type=int, default=1)
    a = parser.parse_args()
    if not a.pybullet:
        import pybullet_data
        a.pybullet = pybullet_data.getDataPath()
    jobs = [(*m, a) for m in [*catalogue_models(a.furniture), *pybullet_models(a.pybullet)]]
    a.out.mkdir(parents=True, exist_ok=True)
    shapes, seen, alike = [], set(), 0
    with multiprocessing.Pool(a.processes) as pool:
        for done, (found, problem) in enumerate(pool.imap(shapes_of, jobs, chunksize=4), 1):
            if problem:
                print("skipped", problem)
            for record, key, mesh in found:
                if key in seen:
                    alike += 1
                    continue
                seen.add(key)
                path = a.out / "meshes" / record["file"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(mesh)
                shapes.append(record)
            if done % 200 == 0:
                print(f"{done} of {len(jobs)} models, {len(shapes)} shapes", flush=True)
    counts = {}
    for s in shapes:
        row = counts.setdefault(s["source"], dict(models=0, whole=0, components=0))
        row["components" if s["component"] else "whole"] += 1
    for source, row in counts.items():
        row["models"] = len({s["model"] for s in shapes if s["source"] == source})
    settings = {k: getattr(a, k) for k in ("least_faces", "most_components")}
    (a.out / "shapes.json").write_text(json.dumps(dict(settings=settings, alike_left_out=alike, counts=counts, shapes=shapes), indent=1))
    print(json.dumps(counts, indent=1), f"{len(shapes)} shapes, {alike} alike left out")


if __name__ == "__main__":
    main()
