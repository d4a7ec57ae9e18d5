"""The benchmark's meshes: household parts cut out of Debian's sweethome3d-furniture, and mechanical parts by construction.

    python meshes.py --out meshes [--furniture /usr/share/sweethome3d/furniture]

Writes NAME.stl for each of the 40 classes. None is among the shapes that the shipped backbone was trained on: the furniture's are
of the types that tools/pretraining/prepare.py leaves out, the mechanical ones (machined.py) are made here.
"""
import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
import trimesh

import machined

# class: archive, model's path inside it, which connected components (by area, 0 the largest; None: the whole model)
FURNITURE = {
    "cup0": ("BlendSwap-CC-0", "blendswap-cc-0/caffe_final/caffe_final.obj", None),
    "cup1": ("BlendSwap-CC-0", "blendswap-cc-0/plasticCup/plasticCup.obj", None),
    "cup2": ("BlendSwap-CC-BY", "blendswap-cc-by/coffee_cup/coffee_cup.obj", None),
    "cup3": ("Scopia", "scopia/cup/cup.obj", None),
    "mug0": ("KatorLegaz", "katorlegaz/coffee-mug/coffee-mug.obj", None),
    "bowl0": ("KatorLegaz", "katorlegaz/bowl/bowl.obj", None),
    "bowl1": ("Scopia", "scopia/bowl/bowl.obj", None),
    "bowl2": ("Scopia", "scopia/bowlWithFruits/bowlWithFruits.obj", None),
    "bottle0": ("BlendSwap-CC-0", "blendswap-cc-0/mamadeira/mamadeira.obj", None),
    "bottle1": ("BlendSwap-CC-0", "blendswap-cc-0/yogurtBottle/yogurtBottle.obj", None),
    "bottle2": ("BlendSwap-CC-BY", "blendswap-cc-by/beer_bottle/beer_bottle.obj", None),
    "bottle3": ("KatorLegaz", "katorlegaz/spray-bottle/spray-bottle.obj", None),
    "bottle4": ("Scopia", "scopia/com_bath2_jabon_pijo/com_bath2_jabon_pijo.obj", None),
    "bottle5": ("Scopia", "scopia/medicoscopia_bottle/medicoscopia_bottle.obj", None),
    "jar0": ("Scopia", "scopia/old_jar/old_jar.obj", None),
    "jar1": ("BlendSwap-CC-0", "blendswap-cc-0/cosmeticsPot/cosmeticsPot.obj", None),
    "pottery0": ("Scopia", "scopia/pottery/pottery.obj", None),
    "vase0": ("Scopia", "scopia/vase1/vase1.obj", None),
    "vase1": ("Scopia", "scopia/vase2/vase2.obj", None),
    "vase2": ("Scopia", "scopia/vase3/vase3.obj", None),
    "vase3": ("Scopia", "scopia/jar/jar.obj", None),
    "vase4": ("Scopia", "scopia/vase5/vase5.obj", None),
    "glass0": ("BlendSwap-CC-0", "blendswap-cc-0/beerGlass/beerGlass.obj", None),
    "glass1": ("BlendSwap-CC-BY", "blendswap-cc-by/cocktailGlass/cocktailGlass.obj", None),
    "teapot0": ("Scopia", "scopia/teapot/teapot.obj", None),
    "tap0": ("Scopia", "scopia/garden-faucet/garden-faucet.obj", None),
    "tap1": ("KatorLegaz", "katorlegaz/showerHeadAndFaucet/showerHeadAndFaucet.obj", (0, 1)),
    "helmet0": ("Scopia", "scopia/casque/casque.obj", None),
    "bag0": ("BlendSwap-CC-0", "blendswap-cc-0/handbag/handbag.obj", None),
    "pot0": ("BlendSwap-CC-BY", "blendswap-cc-by/utensilsPot/utensilsPot.obj", None),
}


def furniture(folder, archive, path, components):
    with zipfile.ZipFile(Path(folder) / f"{archive}.sh3f") as package:
        scene = trimesh.load(io.BytesIO(package.read(path)), file_type="obj", skip_materials=True, process=False)
    mesh = scene.to_mesh() if isinstance(scene, trimesh.Scene) else scene
    mesh.merge_vertices(merge_tex=True, merge_norm=True)
    if components is not None:
        pieces = sorted(mesh.split(only_watertight=False), key=lambda m: -m.area)
        mesh = trimesh.util.concatenate([pieces[i] for i in components])
    # The models stand along y; scanners here look at parts that stand along z.
    x, y, z = mesh.vertices.T
    mesh.vertices = np.stack([x, -z, y], axis=1)
    return mesh


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--furniture", default="/usr/share/sweethome3d/furniture")
    parser.add_argument("--out", required=True, type=Path)
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    for name, source in FURNITURE.items():
        furniture(a.furniture, *source).export(a.out / f"{name}.stl")
    for name, build in machined.PARTS.items():
        mesh = build()
        assert mesh.is_watertight, name
        mesh.export(a.out / f"{name}.stl")


if __name__ == "__main__":
    main()
