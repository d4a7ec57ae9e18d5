#!/usr/bin/env python3
"""Writes the seeds of the decoders' fuzz targets to seeds/: bytes of other programs (libzmq, tcpdump, NumPy) from the
tests' fixtures, and a model that scanward wrote.

usage: tools/fuzzing/seeds.py [MODEL_FOLDER VERDICT_FILE]
"""
import json
import pathlib
import struct
import sys
import zlib

here = pathlib.Path(__file__).parent
root = here.parent.parent
fixtures = root / "Tests/FrameProtocolTests/Fixtures"
# The place of each link type in LinkType.allCases.
LINK_TYPES = {0: 0, 1: 1, 12: 2, 14: 3, 101: 4, 108: 5, 113: 6, 228: 7, 229: 8, 276: 9}


def write(target, name, data):
    folder = here / "seeds" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


for case in json.loads((fixtures / "zmtp_streams.json").read_text())["cases"]:
    for direction in ("toServer", "toClient"):
        write("zmtp", f"{case['name']}.{direction}", bytes([15, 0]) + bytes.fromhex(case[direction])[:3000])

for case in json.loads((fixtures / "frames.json").read_text())["cases"]:
    parts = [bytes.fromhex(part) for part in case["parts"]]
    if len(parts) < 3 or sum(map(len, parts)) > 4000 or len(parts[0]) > 255:
        continue
    lengths = bytes([len(parts[0])]) + struct.pack("<H", len(parts[1]))
    write("frame", case["name"].replace(" ", "-").replace("/", "-"), lengths + b"".join(parts[:3]))

# As pyzmq's send_json and PSI's senders write them.
for name, fields, body in (
    ("send-array", {"dtype": "float32", "shape": [2, 3]}, struct.pack("<6f", 1, 2, 3, 4, 5, 6)),
    ("organised", {"dtype": "<f8", "shape": [1, 2, 3]}, struct.pack("<6d", 1, 2, 3, 4, 5, 6)),
    ("psi", {"htype": "array-1.0", "type": "int16", "shape": [2, 4], "frame": 7, "endianess": "little"}, bytes(16)),
    ("psi-list", {"htype": ["array-1.0"], "type": "uint8", "shape": [1, 3], "frame": 7, "source": ""}, bytes(3)),
    ("big-endian", {"dtype": ">f4", "shape": [2, 3]}, bytes(24)),
):
    text = json.dumps(fields, separators=(",", ":")).encode()
    write("array", name, struct.pack("<H", len(text)) + text + body)


def packets(data):
    """Link type and packets of a pcap file of this machine's byte order."""
    link_type = struct.unpack("<I", data[20:24])[0]
    offset, found = 24, []
    while offset + 16 <= len(data):
        captured = struct.unpack("<I", data[offset + 8:offset + 12])[0]
        found.append(data[offset + 16:offset + 16 + captured])
        offset += 16 + captured
    return link_type, found


for name in ("pubsub", "zmtp30", "no-frames", "curve"):
    data = (root / f"fixtures/captures/{name}.pcap").read_bytes()
    write("pcap", f"{name}.pcap", data)
    link_type, found = packets(data)
    body = b"".join(struct.pack("<HB", len(packet), 0) + packet for packet in found)
    for flags in (0, 1):
        write("packets", f"{name}.{flags}", bytes([LINK_TYPES[link_type], flags]) + body[:4000])

header = json.dumps({
    "__metadata__": {"format": "pt"},
    "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
    "b": {"dtype": "F16", "shape": [3], "data_offsets": [16, 22]},
    "c": {"dtype": "I64", "shape": [1], "data_offsets": [22, 30]},
}).encode()
write("safetensors", "three.safetensors", struct.pack("<Q", len(header)) + header + bytes(range(30)))

header = json.dumps({
    "__metadata__": {"schema": "scanward-pretraining/1", "first": "0"},
    "patches": {"dtype": "F16", "shape": [1, 4, 2, 3], "data_offsets": [0, 48]},
    "centers": {"dtype": "F32", "shape": [1, 4, 3], "data_offsets": [48, 96]},
    "masked": {"dtype": "F32", "shape": [1, 2], "data_offsets": [96, 104]},
}).encode()
body = struct.pack("<24e", *[0.1] * 24) + struct.pack("<12f", *[0.5] * 12) + struct.pack("<2f", 1, 3)
write("shard", "one.safetensors", struct.pack("<Q", len(header)) + header + body)

requests = [
    {"request": "verdicts", "from_seq": 17, "epoch": "e1", "credit": 100, "tag": "7"},
    {"request": "verdicts", "consumer": "mes1", "credit": 500},
    {"request": "acknowledge", "consumer": "mes1", "epoch": "e1", "seq": 2**64 - 1},
]
for number, request in enumerate(requests):
    write("request", f"{number}.json", json.dumps({"schema": "replay/1", **request}).encode())
write("keys", "two", b"# who may connect\nscanner-a rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\n\n"
      b"mes Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\n")



def planes(cloud):
    """A cloud as BytePlanes packs it: each byte of its numbers apart, those through zlib that become smaller."""
    sizes, body = b"", b""
    for index in range(4):
        plane = cloud[index::4]
        packed = zlib.compress(plane, 1)
        is_packed = len(packed) < len(plane)
        sizes += struct.pack("<BI", is_packed, len(packed if is_packed else plane))
        body += packed if is_packed else plane
    return sizes + body


def view(arrays, points):
    """A part-cloud/1 whose numbers are 0.5, 1.0, 1.5 ..."""
    header = json.dumps({
        "arrays": arrays, "channel_thresholds": {"feature": 2.5}, "missing_from": points - 1, "model": "4207b0",
        "origin": [1, 2, 3], "points": points, "points_before": 9, "schema": "part-cloud/1", "threshold": 1.25,
        "unit": "mm"}).encode()
    header += b" " * (-len(header) % 4)
    count = points * (len(arrays) + 2)
    return b"SWC1" + struct.pack("<I", len(header)) + header + struct.pack(f"<{count}f", *(n / 2 for n in range(1, count + 1)))


scored = view(["position", "score", "deviation", "channel:feature"], 40)
write("cloud", "view", scored)
for name, cloud, pieces in (("whole", scored, 0), ("pieces", view(["position"], 3), 3)):
    head = {
        "bytes": len(cloud), "crc32": zlib.crc32(cloud), "pieces": pieces, "result_id": "0123456789abcdef" * 2,
        "schema": "fleet-cloud/1"}
    write("cloud", name, json.dumps(head).encode() + b"\n" + planes(cloud))

if len(sys.argv) > 2:
    model = pathlib.Path(sys.argv[1])
    manifest = json.loads((model / "manifest.json").read_text())
    # Two of each list are as good as all.
    manifest["fine_tuning"] = {
        key: value[:2] if isinstance(value, list) else value for key, value in manifest["fine_tuning"].items()}
    write("manifest", "manifest.json", json.dumps(manifest).encode())
    write("settings", "settings.json", (model / "settings.json").read_bytes())
    write("verdict", "verdict.json", pathlib.Path(sys.argv[2]).read_bytes())
