"""Publishes point clouds over ZeroMQ as pcf/1 frames: an independent scanner, in pyzmq and NumPy.

    python tools/publish.py fixtures/parts/mug/test/*.pcd --connect tcp://127.0.0.1:5555 --source scanner-a --part-type mug
"""

import argparse
import json
import random
import secrets
import time
import zlib
from pathlib import Path

import numpy as np
import zmq

XYZ = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4")])


def publish_frame(socket, source, points, **header):
    """Publishes one frame; points is a NumPy record array with x, y, z and whatever other fields there are."""
    fields = [{"name": n, "offset": offset, "dtype": d.str} for n, (d, offset) in points.dtype.fields.items()]
    body = points.tobytes()
    header = {"schema": "pcf/1", "source": source, **header, "t_send_ns": time.time_ns(), "fields": fields}
    header |= {"points": len(points), "point_step": points.itemsize, "crc32": zlib.crc32(body)}
    socket.send_multipart([f"pcf/1/{source}".encode(), json.dumps(header).encode(), body])


class Scanner:
    """One source: its socket, its session, and the sequence number of its next message."""

    def __init__(self, socket, source, seed=None):
        self.socket, self.source, self.seq = socket, source, 0
        self.session = secrets.token_hex(8) if seed is None else f"{random.Random(seed).getrandbits(64):016x}"

    def publish_part(self, part_id, points, frames=1, wait=lambda: None, end_alone=False, **header):
        """Publishes a part in several frames, waiting before each; end_alone: the end comes as a frame without points."""
        pieces = np.array_split(points, frames) + ([points[:0]] if end_alone else [])
        for index, piece in enumerate(pieces):
            wait()
            place = {"part_id": part_id, "frame_index": index, "end_of_part": index == len(pieces) - 1}
            common = {"session": self.session, "seq": self.seq, "t_capture_ns": time.time_ns(), "unit": "mm"}
            publish_frame(self.socket, self.source, piece, **{**common, **place, "frames_total": len(pieces), **header})
            self.seq += 1
        return len(pieces)


def read_points(path):
    """The points of a PCD file (binary, float32 x y z) or of an NPY file (N x 3, or records)."""
    if path.suffix == ".npy":
        points = np.load(path)
        return points if points.dtype.names else np.ascontiguousarray(points[:, :3], "<f4").view(XYZ).reshape(-1)
    data = path.read_bytes()
    head, mark, body = data.partition(b"DATA binary\n")
    if not mark or b"FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\n" not in head:
        raise SystemExit(f"{path}: expected a binary PCD file with fields x y z as float32; convert it first")
    return np.frombuffer(body, dtype=XYZ)


def main():
    """Parses the arguments and publishes each file as one part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, help="PCD or NPY files, one part each; the name becomes the part id")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--connect", default="tcp://127.0.0.1:5555", help="endpoint to connect to (the default)")
    where.add_argument("--bind", help="endpoint to bind instead")
    parser.add_argument("--socket", choices=["push", "pub"], default="push")
    parser.add_argument("--source", default="scanner-a", help="scanner id")
    parser.add_argument("--frames", type=int, default=4, help="frames a part")
    parser.add_argument("--part-type", help="names the model to score with")
    parser.add_argument("--unit", choices=["mm", "m", "um"], default="mm", help="what the files' coordinates are in")
    parser.add_argument("--period", type=float, default=0.1, help="seconds between frames")
    parser.add_argument("--settle", type=float, default=0.5, help="seconds to wait for subscribers (pub only)")
    parser.add_argument("--seed", type=int, help="makes the session id repeatable")
    args = parser.parse_args()

    context = zmq.Context()
    socket = context.socket(zmq.PUSH if args.socket == "push" else zmq.PUB)
    socket.set_hwm(8)
    socket.bind(args.bind) if args.bind else socket.connect(args.connect)
    if args.socket == "pub":
        time.sleep(args.settle)
    scanner = Scanner(socket, args.source, args.seed)
    more = {"part_type": args.part_type} if args.part_type else {}
    for number, path in enumerate(args.files):
        more |= {"unit": args.unit, "user": {"file": path.name, "number": number}}
        frames = scanner.publish_part(path.stem, read_points(path), args.frames, lambda: time.sleep(args.period), **more)
        print(f"{path.stem}: {frames} frames", flush=True)
    socket.close()
    context.term()  # waits until everything is with the peer


if __name__ == "__main__":
    main()
