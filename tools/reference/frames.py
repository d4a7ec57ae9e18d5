"""Frames as a NumPy publisher writes them, for FrameProtocolTests/Fixtures/frames.json.

    python tools/reference/frames.py Tests/FrameProtocolTests/Fixtures/frames.json

Expected points are computed in float64 by NumPy (pose by SciPy's Rotation) and rounded to float32 once.
"""
import json
import sys
import zlib

import numpy as np
import scipy
from scipy.spatial.transform import Rotation

UNIT = {"mm": (1.0, 1.0), "m": (1000.0, 1.0), "um": (1.0, 1000.0)}


def frame(name, dtype, values, unit="mm", pose=None, **keys):
    records = np.zeros(len(values["x"]), dtype)
    for column, numbers in values.items():
        records[column] = numbers
    data = records.tobytes()
    header = {
        "schema": "pcf/1", "source": "line-1.left", "session": "9f3c", "seq": 18446744073709551615,
        "part_id": "Stück-0001", "frame_index": 2, "end_of_part": False, "t_capture_ns": 1763961234567890123,
        "unit": unit, "points": len(records), "point_step": records.dtype.itemsize,
        "fields": [{"name": column, "offset": records.dtype.fields[column][1],
                    "dtype": records.dtype.fields[column][0].str} for column in records.dtype.names],
        "crc32": zlib.crc32(data), **keys,
    }
    if pose:
        header["pose"] = pose
    points = np.stack([records[axis].astype(np.float64) for axis in "xyz"], axis=1)
    keep = np.isfinite(points).all(axis=1)
    points = points[keep]
    if pose:
        points = Rotation.from_quat(pose["q"]).apply(points) + np.array(pose["t"])
    multiplier, divisor = UNIT[unit]
    points = (points * multiplier / divisor).astype(np.float32)
    expected = {"points": points.astype("<f4").tobytes().hex(), "dropped": int((~keep).sum())}
    if "intensity" in records.dtype.names:
        expected["intensities"] = records["intensity"][keep].astype("<f4").tobytes().hex()
    topic = b"pcf/1/line-1.left"
    parts = [topic.hex(), json.dumps(header).encode().hex(), data.hex()]
    return {"name": name, "parts": parts, **expected}


def packed(pairs):
    return np.dtype(pairs)


def main():
    rng = np.random.default_rng(7)
    count = 37
    xyz = {axis: rng.normal(0, 300, count) for axis in "xyz"}
    holes = {axis: numbers.copy() for axis, numbers in xyz.items()}
    holes["x"][[0, 5]] = np.nan
    holes["y"][[5, 36]] = np.inf
    holes["z"][17] = -np.inf
    f4 = packed([("x", "<f4"), ("y", "<f4"), ("z", "<f4")])
    f4i = packed([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("intensity", "<f4")])
    integers = {axis: rng.integers(-30000, 30000, count) for axis in "xyz"}
    pose = {"t": [0.5, -1.25, 2.0], "q": [0.1, -0.2, 0.3, 2.0]}
    mixed = np.dtype({"names": ["z", "intensity", "x", "y"], "formats": ["<f8", "|u1", "<i2", "<u4"],
                      "offsets": [3, 2, 11, 15], "itemsize": 21})
    cases = [
        frame("packed f4", f4, xyz),
        frame("packed f4 in metres", f4, {a: v / 1000 for a, v in xyz.items()}, unit="m"),
        frame("packed f4 in micrometres", f4, {a: v * 1000 for a, v in xyz.items()}, unit="um"),
        frame("not finite", f4i, {**holes, "intensity": rng.random(count)}, is_dense=False),
        frame("pose in metres", f4, {a: v / 1000 for a, v in xyz.items()}, unit="m", pose=pose),
        frame("f8", packed([(a, "<f8") for a in "xyz"]), holes),
        frame("f8 with pose", packed([(a, "<f8") for a in "xyz"]), xyz, pose=pose),
        frame("i4 in micrometres", packed([(a, "<i4") for a in "xyz"]),
              {a: v * 100 for a, v in integers.items()}, unit="um"),
        frame("i2 with u2 intensity", packed([(a, "<i2") for a in "xyz"] + [("intensity", "<u2")]),
              {**integers, "intensity": rng.integers(0, 65536, count)}),
        frame("u1", packed([(a, "|u1") for a in "xyz"]), {a: rng.integers(0, 256, count) for a in "xyz"}),
        frame("mixed and unordered", mixed,
              {"x": integers["x"], "y": integers["y"] + 40000, "z": holes["z"],
               "intensity": rng.integers(0, 256, count)}, pose=pose),
        frame("organised, with everything", packed([(a, "<f4") for a in ("x", "y", "z", "nx", "ny", "nz")]
              + [("r", "|u1"), ("g", "|u1"), ("b", "|u1"), ("t_offset_ns", "<u4")]),
              {a: v[:36] for a, v in xyz.items()}, height=4, width=9, is_dense=True, frames_total=3,
              part_type="bracket", t_send_ns=1763961234567990123, clock="ptp", encoding="raw",
              user={"order": "A-17", "nested": [1, {"ä": None}]}, shiny=1),
    ]
    tool = f"Python {sys.version.split()[0]}, NumPy {np.__version__}, SciPy {scipy.__version__}"
    with open(sys.argv[1], "w") as file:
        json.dump({"tool": tool, "cases": cases}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
