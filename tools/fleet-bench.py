#!/usr/bin/env python3
"""Throughput of a fleet on this machine with 1, 2, ... workers, each on a core of its own, and what it costs beside the scoring.

    tools/fleet-bench.py --scanward .build/release/scanward --model .demo/models/mug --points 30000 --parts 40 --workers 1 2

Parts are those of fixtures/parts/mug, made denser or thinner to the wanted number of points. They lie with NATS before the workers
begin; the time runs from the third verdict to the last. On an idle machine."""
import argparse
import json
import os
import random
import signal
import subprocess
import tempfile
import time

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--scanward", default=".build/release/scanward")
arguments.add_argument("--model", default=".demo/models/mug")
arguments.add_argument("--points", type=int, default=30000)
arguments.add_argument("--parts", type=int, default=40)
arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2])
arguments.add_argument("--port", type=int, default=24223)
told = arguments.parse_args()
nats = f"nats://127.0.0.1:{told.port}"


def cloud(path):
    """The points of a PCD in ascii or binary, as lists."""
    import struct
    data = open(path, "rb").read()
    head, _, body = data.partition(b"DATA ")
    kind, _, body = body.partition(b"\n")
    fields = {line.split()[0].decode(): line.split()[1:] for line in head.split(b"\n") if line.strip()}
    count, names = int(fields["POINTS"][0]), [name.decode() for name in fields["FIELDS"]]
    if kind.strip() == b"ascii":
        rows = [line.split() for line in body.decode().splitlines()[:count]]
        return [tuple(float(row[names.index(axis)]) for axis in "xyz") for row in rows]
    step = sum(int(size) for size in fields["SIZE"])
    return [struct.unpack_from("<fff", body, index * step) for index in range(count)]


def write(path, points):
    with open(path, "w") as file:
        file.writelines(f"{x:.5f} {y:.5f} {z:.5f}\n" for x, y, z in points)


def parts(folder):
    random.seed(1)
    sources = sorted(os.listdir("fixtures/parts/mug/train"))
    for index, name in enumerate(sources[:4]):
        points = cloud(f"fixtures/parts/mug/train/{name}")
        dense = [
            tuple(value + random.gauss(0, 0.02) for value in random.choice(points)) for _ in range(told.points)
        ]
        write(f"{folder}/part{index}.xyz", dense)


def start(command, **options):
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options)


def measure(workers, clouds):
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            ["/usr/sbin/nats-server", "-a", "127.0.0.1", "-p", str(told.port), "-js", "-sd", f"{folder}/nats"],
            stderr=subprocess.DEVNULL)
        time.sleep(1)
        subprocess.run([told.scanward, "fleet", "init", "--nats", nats, "--size", "1"], check=True, stdout=subprocess.DEVNULL)
        line = start([
            told.scanward, "run", "--role", "ingest", "--nats", nats, "--line", "bench", "--model", told.model, "--state",
            f"{folder}/line", "--bind", f"ipc://{folder}/in", "--publish", "none", "--replay", "none", "--http", "none", "--json"])
        rounds = max(1, told.parts // 4)
        scanner = start([
            told.scanward, "fake-scanner", clouds, "--to", f"ipc://{folder}/in", "--part-type", "mug", "--topspeed", "--loop",
            str(rounds)])
        scanner.wait()

        def status():
            out = subprocess.run(
                [told.scanward, "fleet", "status", "--nats", nats, "--json"], capture_output=True, text=True).stdout
            return json.loads(out)

        wanted = min(4 * rounds, 64)
        while not (lines := status()["lines"]) or lines[0]["waiting"] < wanted:
            time.sleep(0.2)
        stream = [s for s in status()["streams"] if s["name"] == "SCANWARD_PARTS"][0]
        bytes_each = stream["bytes"] / stream["messages"]
        crew = [
            start([told.scanward, "run", "--role", "score", "--nats", nats, "--threads", "1", "--state", f"{folder}/w{index}"],
                  preexec_fn=lambda core=index: os.sched_setaffinity(0, {core % os.cpu_count()}))
            for index in range(workers)]
        times = []
        while len(times) < 4 * rounds:
            text = line.stdout.readline()
            if text.startswith("{"):
                times.append(time.monotonic())
        time.sleep(2.5)
        reports = status()["workers"]
        for process in crew + [line]:
            process.send_signal(signal.SIGTERM)
        for process in crew + [line]:
            process.wait()
        server.kill()
        server.wait()
        # The first parts wait for the model to come.
        skipped = 2 * workers
        rate = (len(times) - skipped - 1) / (times[-1] - times[skipped])
        whole = sum(report["part_ms"] for report in reports) / len(reports)
        scoring = sum(report["scoring_ms"] for report in reports) / len(reports)
        print(
            f"{workers} workers: {rate:.2f} parts/s; a part {whole:.1f} ms at its worker, of that scoring {scoring:.1f} ms, "
            f"the fleet {whole - scoring:.1f} ms; {bytes_each / 1000:.0f} kB a part on the wire ({12 * told.points / 1000:.0f} raw)",
            flush=True)
        return rate


with tempfile.TemporaryDirectory() as clouds:
    parts(clouds)
    rates = [measure(workers, clouds) for workers in told.workers]
    for workers, rate in zip(told.workers[1:], rates[1:]):
        print(f"{workers} workers are {rate / rates[0]:.2f} times {told.workers[0]}")
