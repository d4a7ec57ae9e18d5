"""Ten mechanical parts by constructive solid geometry (trimesh with manifold3d), in mm."""
import numpy as np
import trimesh
from trimesh import creation, transformations
from trimesh.boolean import difference, union


def cylinder(radius, height, at=(0, 0, 0), axis="z", sections=96):
    mesh = creation.cylinder(radius, height, sections=sections)
    if axis != "z":
        mesh.apply_transform(transformations.rotation_matrix(np.pi / 2, [0, 1, 0] if axis == "x" else [1, 0, 0]))
    mesh.apply_translation(at)
    return mesh


def box(size, at=(0, 0, 0)):
    mesh = creation.box(size)
    mesh.apply_translation(at)
    return mesh


def turned(mesh, degrees, axis=(0, 0, 1)):
    mesh = mesh.copy()
    mesh.apply_transform(transformations.rotation_matrix(np.radians(degrees), axis))
    return mesh


def hexagon(across, height, at=(0, 0, 0)):
    return cylinder(across / np.sqrt(3), height, at, sections=6)


def lathe(profile):
    """Turns a profile of (radius, height) pairs about z."""
    return creation.revolve(np.array(profile, float), sections=128)


def circle(count, radius, build):
    step = 2 * np.pi / count
    return [build(radius * np.cos(i * step), radius * np.sin(i * step)) for i in range(count)]


def flange():
    body = union([cylinder(60, 14), cylinder(32, 50, (0, 0, 25))])
    holes = circle(6, 46, lambda x, y: cylinder(6, 40, (x, y, 0)))
    return difference([body, cylinder(22, 160), *holes])


def bracket():
    body = union([box((100, 60, 10), (0, 0, 5)), box((10, 60, 80), (-45, 0, 40)), rib(-8), rib(8)])
    holes = [cylinder(6, 60, (x, y, 5)) for x in (10, 35) for y in (-18, 18)] + [cylinder(14, 60, (-45, 0, 55), "x")]
    return difference([body, *holes])


def rib(y):
    polygon = np.array([(-42, 8), (20, 8), (-42, 60)])
    points = np.array([(x, y + d, z) for d in (-3, 3) for x, z in polygon])
    return trimesh.Trimesh(points, [[0, 1, 2], [3, 5, 4], [0, 3, 1], [1, 3, 4], [1, 4, 2], [2, 4, 5], [2, 5, 0], [0, 5, 3]]).convex_hull


def gear():
    teeth = []
    for i in range(20):
        hull = np.array([(x, y, z) for z in (-10, 10) for x, y in ((44, -5.4), (44, 5.4), (55, -2.6), (55, 2.6))])
        teeth.append(turned(trimesh.convex.convex_hull(hull), 18 * i))
    body = union([cylinder(46, 20, sections=160), cylinder(18, 36), *teeth])
    web = circle(5, 30, lambda x, y: cylinder(7, 60, (x, y, 0)))
    return difference([body, cylinder(10, 80), box((6, 6, 80), (10, 0, 0)), *web])


def elbow():
    def bend(radius):
        angle = np.linspace(0, np.pi / 2, 49)
        path = np.stack([60 - 60 * np.cos(angle), np.zeros(49), 60 * np.sin(angle)], 1)
        path = np.concatenate([[[0, 0, -30]], path, [[90, 0, 60]]])
        ring = np.linspace(0, 2 * np.pi, 65)[:-1]
        from shapely.geometry import Polygon
        return creation.sweep_polygon(Polygon(np.stack([radius * np.cos(ring), radius * np.sin(ring)], 1)), path)
    outer = union([bend(24), cylinder(34, 8, (0, 0, -26)), cylinder(34, 8, (86, 0, 60), "x")])
    bore = union([bend(19), cylinder(19, 20, (0, 0, -30)), cylinder(19, 20, (90, 0, 60), "x")])
    return difference([outer, bore])


def bolt():
    return union([hexagon(46, 20, (0, 0, 10)), cylinder(25, 4, (0, 0, -1)), cylinder(15, 90, (0, 0, -44)),
                  *[cone(z) for z in range(-86, -55, 5)]])


def cone(z):
    """A ridge of the thread."""
    ring = np.linspace(0, 2 * np.pi, 97)[:-1]
    rows = [np.stack([r * np.cos(ring), r * np.sin(ring), np.full(96, z + d)], 1) for r, d in ((14, 0), (17.5, 2), (14, 4))]
    return trimesh.convex.convex_hull(np.concatenate(rows))


def nut():
    body = difference([hexagon(80, 44), cylinder(24, 100)])
    return difference([body, *[box((14, 120, 20), (0, 0, 20)), turned(box((14, 120, 20), (0, 0, 20)), 60), turned(box((14, 120, 20), (0, 0, 20)), 120)]])


def housing():
    body = union([box((140, 50, 16), (0, 0, 8)), cylinder(38, 44, (0, 0, 52), "y"), box((76, 40, 50), (0, 0, 30))])
    bores = [cylinder(26, 28, (0, 14, 52), "y"), cylinder(18, 120, (0, 0, 52), "y"), cylinder(4, 60, (0, 0, 90))]
    return difference([body, *bores, *[cylinder(8, 60, (x, 0, 8)) for x in (-55, 55)]])


def pulley():
    rim = lathe([(12, -16), (52, -16), (52, -12), (38, -3), (38, 3), (52, 12), (52, 16), (12, 16), (12, -16)])
    pockets = [cylinder(30, 20, (0, 0, z)) for z in (18, -18)]
    body = union([difference([rim, *pockets]), cylinder(18, 32)])
    return difference([body, cylinder(11, 80), *circle(4, 24, lambda x, y: cylinder(5, 80, (x, y, 0)))])


def lever():
    hull = lambda a, b: trimesh.convex.convex_hull(np.concatenate([a.vertices, b.vertices]))
    arm = hull(cylinder(16, 12), cylinder(10, 12, (110, 0, 0)))
    body = union([arm, cylinder(24, 28), cylinder(15, 20, (110, 0, 0))])
    slot = hull(cylinder(5, 60, (40, 0, 0)), cylinder(5, 60, (80, 0, 0)))
    return difference([body, cylinder(13, 80), cylinder(7, 80, (110, 0, 0)), slot])


def tee():
    outer = union([cylinder(26, 130, axis="x"), cylinder(26, 66, (0, 0, 33)), cylinder(33, 10, (-62, 0, 0), "x"),
                   cylinder(33, 10, (62, 0, 0), "x"), cylinder(33, 10, (0, 0, 63))])
    return difference([outer, cylinder(20, 200, axis="x"), cylinder(20, 100, (0, 0, 50))])


PARTS = {"flange0": flange, "bracket0": bracket, "gear0": gear, "elbow0": elbow, "bolt0": bolt, "nut0": nut, "housing0": housing,
         "pulley0": pulley, "lever0": lever, "tee0": tee}
