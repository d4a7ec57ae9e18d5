#!/usr/bin/env python3
"""Sends points as bare arrays, as pyzmq's send_array recipe does: publish_array.py ENDPOINT FILE.xyz..."""
import array
import sys

import zmq

socket = zmq.Context.instance().socket(zmq.PUSH)
socket.sndhwm = 8
socket.connect(sys.argv[1])
for path in sys.argv[2:]:
    points = array.array("f", (float(word) for line in open(path) for word in line.split()[:3]))
    # With NumPy: dict(dtype=str(points.dtype), shape=points.shape), and the array itself.
    socket.send_json({"dtype": "float32", "shape": [len(points) // 3, 3]}, zmq.SNDMORE)
    socket.send(points)
socket.close()
zmq.Context.instance().term()
