#!/usr/bin/env python3
"""The network beside PyTorch eager: same weights, input and number of threads, one run of each in turn.

    swift build -c release --product network-benchmark
    python3 Benchmarks/compare_network.py [--sizes base small] [--threads 1 2] [--repetitions 7]

PyTorch computes the published form (every patch tokenised), ours its own. One thread is compared by processor time, two
by the clock on the wall; each ratio is that of the medians. First the outputs are compared. A ratio or a share of the
one-thread sgemm peak below its floor prints SHORT, and the exit code is 1. Needs torch and numpy.
"""
import argparse
import json
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

import point_mae

FLOORS = {1: {"masked": 1.8, "training": 1.6, "part": 2.5}, 2: {"masked": 1.5, "training": 1.3, "part": 2.2}}
# Of the one-thread sgemm peak, on one thread.
SHARES = {"tokenizer": 0.75, "encoder": 0.75, "decoder": 0.75}


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    body = memoryview(data)[8 + length:]
    return {name: torch.from_numpy(np.frombuffer(body[slice(*entry["data_offsets"])], np.float32).copy()
                                   .reshape(entry["shape"])) for name, entry in header.items()}


class Ours:
    """The benchmark program, which runs what it is told on its standard input."""

    def __init__(self, program, size, threads, file):
        self.process = subprocess.Popen([program, "serve", "--size", size, "--threads", str(threads), "--write", file],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        answer = self.process.stdout.readline().split()
        if not answer:
            sys.exit(f"compare_network.py: {program} ended before it was ready; its message stands above")
        self.kernels = answer[1]

    def ask(self, operation):
        print(operation, file=self.process.stdin, flush=True)
        return [float(value) for value in self.process.stdout.readline().split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class PyTorch:
    """The same operations on the same weights and input."""

    def __init__(self, size, tensors):
        given = {name[6:]: value for name, value in tensors.items() if name.startswith("input.")}
        weights = {name: value for name, value in tensors.items() if not name.startswith("input.")}
        self.patches, self.centres = given["patches"], given["centers"]
        self.visible, self.masked = given["visible"].long(), given["masked"].long()
        self.expected, self.expected_loss = given["predicted"], given["loss"].item()
        self.model, self.student = point_mae.PointMAE(size), point_mae.PointMAE(size)
        for model in (self.model.eval(), self.student.train()):
            missing, unexpected = model.load_state_dict(weights, strict=False)
            assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
        decayed = [p for p in self.student.parameters() if p.ndim > 1]
        others = [p for p in self.student.parameters() if p.ndim == 1]
        self.optimizer = torch.optim.AdamW([dict(params=decayed, weight_decay=0.05),
                                            dict(params=others, weight_decay=0.0)], lr=1e-5)
        order = torch.randperm(self.patches.shape[1], generator=torch.Generator().manual_seed(0))
        count = self.masked.shape[1]
        self.masks = [order[(torch.arange(count) + i * count) % len(order)].sort().values[None] for i in range(3)]

    def one(self):
        return self.patches[:1], self.centres[:1], self.visible[:1], self.masked[:1]

    def check(self):
        """Largest differences of our predictions, and of our loss (whose batch norms see the visible patches)."""
        with torch.no_grad():
            outputs = (self.model(*self.one())[0] - self.expected).abs().max().item()
            loss = point_mae.loss(self.student, self.patches, self.centres, self.visible, self.masked, True).item()
        return outputs, abs(loss - self.expected_loss) / loss

    @torch.no_grad()
    def masked_pass(self):
        self.model(*self.one())

    @torch.no_grad()
    def visible_only(self):
        self.model(*self.one(), True)

    @torch.no_grad()
    def part(self):
        self.model.part(self.patches[:1], self.centres[:1], self.masks)

    @torch.no_grad()
    def features(self):
        self.model.features(self.patches[:1], self.centres[:1])

    def training(self, visible_only=False):
        self.optimizer.zero_grad()
        point_mae.loss(self.student, self.patches, self.centres, self.visible, self.masked, visible_only).backward()
        self.optimizer.step()

    def training_visible_only(self):
        self.training(True)


def timed(body):
    wall, cpu = time.perf_counter(), time.process_time()
    body()
    return time.perf_counter() - wall, time.process_time() - cpu


def compare(program, size, threads, repetitions, rows):
    with tempfile.TemporaryDirectory() as folder:
        file = str(pathlib.Path(folder) / "network.safetensors")
        ours = Ours(program, size, threads, file)
        torch.set_num_threads(threads)
        peer = PyTorch(size, read_safetensors(file))
    outputs, loss = peer.check()
    print(f"\n{size}, {threads} thread{'s' if threads > 1 else ''}: outputs within {outputs:.1e} of PyTorch's, "
          f"loss within {loss:.1e}; OpenBLAS kernels {ours.kernels}")
    short = ["outputs"] if outputs > 1e-5 or loss > 1e-4 else []
    clock = 1 if threads == 1 else 0
    pairs = [("masked", "masked", peer.masked_pass), ("masked, PyTorch visible only", "masked", peer.visible_only),
             ("features", "features", peer.features), ("part", "part", peer.part),
             ("training", "training", peer.training),
             ("training, PyTorch visible only", "training", peer.training_visible_only)]
    for name, operation, body in pairs:
        ours.ask(operation)
        timed(body)
        mine, theirs = [], []
        for _ in range(repetitions):
            theirs.append(timed(body)[clock])
            time.sleep(0.05)  # PyTorch's threads spin for a while before they sleep
            mine.append(ours.ask(operation)[clock])
        a, b = statistics.median(mine), statistics.median(theirs)
        floor = FLOORS[threads].get(name) if size == "base" and threads in FLOORS else None
        verdict = "" if floor is None else "ok" if b / a >= floor else "SHORT"
        if verdict == "SHORT":
            short.append(name)
        print(f"  {name:32} ours {a * 1e3:8.1f} ms  PyTorch {b * 1e3:8.1f} ms  ratio {b / a:5.2f}"
              + (f"  floor {floor} {verdict}" if floor else ""))
        rows.append(dict(size=size, threads=threads, operation=name, ours=a, pytorch=b, ratio=b / a, floor=floor,
                         kernels=ours.kernels))
    for stage, floor in SHARES.items() if threads == 1 else []:
        ours.ask(stage)
        shares = []
        for _ in range(max(repetitions, 9)):
            peak = ours.ask("peak")[0]
            _, cpu, operations = ours.ask(stage)
            shares.append(operations / cpu / 1e9 / peak)
        share = statistics.median(shares)
        verdict = "ok" if share >= floor else "SHORT"
        if verdict == "SHORT":
            short.append(stage)
        print(f"  {stage:32} {share * 100:5.1f} % of the one-thread sgemm peak ({peak:.0f} GFLOP/s)  "
              f"floor {floor * 100:.0f} % {verdict}")
        rows.append(dict(size=size, threads=threads, operation=stage, share=share, floor=floor, peak=peak))
    ours.close()
    return short


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(pathlib.Path(__file__).parent.parent / ".build/release/network-benchmark"))
    parser.add_argument("--sizes", nargs="+", default=["base", "small"], choices=sorted(point_mae.SIZES))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--json", help="file for one JSON line of each row")
    options = parser.parse_args()
    print(f"PyTorch {torch.__version__}, Python {platform.python_version()}")
    rows, short = [], []
    for size in options.sizes:
        for threads in options.threads:
            short += compare(options.program, size, threads, options.repetitions, rows)
    if options.json:
        pathlib.Path(options.json).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
