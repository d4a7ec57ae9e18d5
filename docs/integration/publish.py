"""A scanner in Python: publishes point files as parts, one file a part. pyzmq and the standard library, nothing else.

    python publish.py tcp://127.0.0.1:5600 scanner-a bracket mm part1.xyz part2.xyz

A point file has "x y z" on each line. The unit is what its numbers are in: mm, m or um.
"""

import array
import json
import re
import secrets
import sys
import time
import zlib
from pathlib import Path

import zmq

POINTS_IN_FRAME = 50_000
FIELDS = [{"name": name, "offset": 4 * place, "dtype": "<f4"} for place, name in enumerate("xyz")]


def read_points(path):
    """The coordinates of a file, x y z x y z ..., as little-endian float32."""
    points = array.array("f")
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split()
        if len(words) != 3:
            raise SystemExit(f"{path}:{number}: expected x y z, found {line!r}")
        points.extend(map(float, words))
    if sys.byteorder == "big":
        points.byteswap()
    return points


def publish_part(socket, source, part_type, unit, part_id, points, session, seq):
    """Publishes one part in as many frames as it takes; returns the number of the next message."""
    pieces = [points[at : at + 3 * POINTS_IN_FRAME] for at in range(0, max(1, len(points)), 3 * POINTS_IN_FRAME)]
    for index, piece in enumerate(pieces):
        body = piece.tobytes()
        header = {
            "schema": "pcf/1", "source": source, "session": session, "seq": seq, "part_id": part_id, "part_type": part_type,
            "frame_index": index, "frames_total": len(pieces), "end_of_part": index == len(pieces) - 1, "unit": unit,
            "t_capture_ns": time.time_ns(), "t_send_ns": time.time_ns(), "fields": FIELDS,
            "points": len(piece) // 3, "point_step": 12, "crc32": zlib.crc32(body),
        }
        socket.send_multipart([f"pcf/1/{source}".encode(), json.dumps(header).encode(), body])
        seq += 1
    return seq


def main():
    """Publishes the files named on the command line."""
    if len(sys.argv) < 6:
        raise SystemExit(__doc__)
    endpoint, source, part_type, unit, *files = sys.argv[1:]
    context = zmq.Context()
    socket = context.socket(zmq.PUSH)
    socket.set_hwm(8)  # as the monitor: a scanner that is ahead waits, and does not fill its memory
    socket.connect(endpoint)
    session, seq = secrets.token_hex(8), 0  # drawn anew at each start
    for path in map(Path, files):
        part_id = re.sub(r"[^A-Za-z0-9._-]", "_", path.stem)
        seq = publish_part(socket, source, part_type, unit, part_id, read_points(path), session, seq)
        print(f"{part_id}: published")
    socket.close()
    context.term()  # waits until the monitor has everything


if __name__ == "__main__":
    main()
