#!/usr/bin/env python3
"""Throughput of a fleet on this machine with 1, 2, ... workers, each on a core of its own, and what it costs beside the scoring.

    tools/fleet-bench.py --scanward .build/release/scanward --model .demo/models/mug --points 30000 --parts 40 --workers 1 2

Parts are those of fixtures/parts/mug, made denser or thinner to the wanted number of points. They lie with NATS before the workers
begin; the time runs from the third verdict to the last. With --pace parts come one at a time to one idle worker instead: what a
verdict takes beside the scoring, from the part's last frame to the line's decision. Medians, and processor time apart from waiting:
other work on the machine lengthens what is waited for. Best on an idle machine."""
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
arguments.add_argument("--pace", type=float, help="parts a second, one at a time, in place of a backlog")
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


def busy(process):
    """Processor time of a process so far, s."""
    fields = open(f"/proc/{process.pid}/stat").read().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def median(values):
    return sorted(values)[len(values) // 2] if values else float("nan")


class Fleet:
    """A server and a line, in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.server = subprocess.Popen(
            ["/usr/sbin/nats-server", "-a", "127.0.0.1", "-p", str(told.port), "-js", "-sd", f"{folder}/nats"],
            stderr=subprocess.DEVNULL)
        time.sleep(1)
        subprocess.run([told.scanward, "fleet", "init", "--nats", nats, "--size", "1"], check=True, stdout=subprocess.DEVNULL)
        self.line = start([
            told.scanward, "run", "--role", "ingest", "--nats", nats, "--line", "bench", "--model", told.model, "--state",
            f"{folder}/line", "--bind", f"ipc://{folder}/in", "--publish", "none", "--replay", "none", "--http", "none", "--json"])
        self.crew = []

    def scanner(self, clouds, rounds, *pace):
        return start([
            told.scanward, "fake-scanner", clouds, "--to", f"ipc://{self.folder}/in", "--part-type", "mug", "--loop", str(rounds),
            *pace])

    def work(self, index):
        self.crew.append(start(
            [told.scanward, "run", "--role", "score", "--nats", nats, "--threads", "1", "--state", f"{self.folder}/w{index}"],
            preexec_fn=lambda core=index: os.sched_setaffinity(0, {core % os.cpu_count()})))

    def status(self):
        out = subprocess.run([told.scanward, "fleet", "status", "--nats", nats, "--json"], capture_output=True, text=True).stdout
        return json.loads(out)

    def verdicts(self, count):
        """Each with the time at which it came."""
        while count > 0:
            text = self.line.stdout.readline()
            if text.startswith("{"):
                count -= 1
                yield time.monotonic(), json.loads(text)

    def end(self):
        for process in self.crew + [self.line]:
            process.send_signal(signal.SIGTERM)
        for process in self.crew + [self.line]:
            process.wait()
        self.server.kill()
        self.server.wait()


def measure(workers, clouds):
    with tempfile.TemporaryDirectory() as folder:
        fleet = Fleet(folder)
        rounds = max(1, told.parts // 4)
        fleet.scanner(clouds, rounds, "--topspeed").wait()
        wanted = min(4 * rounds, 64)
        while not (lines := fleet.status()["lines"]) or lines[0]["waiting"] < wanted:
            time.sleep(0.2)
        stream = [s for s in fleet.status()["streams"] if s["name"] == "SCANWARD_PARTS"][0]
        bytes_each = stream["bytes"] / stream["messages"]
        for index in range(workers):
            fleet.work(index)
        # The first parts wait for the model to come.
        skipped, times = 2 * workers, []
        for number, (at, _) in enumerate(fleet.verdicts(4 * rounds)):
            times.append(at)
            if number == skipped:
                before = [busy(process) for process in [fleet.server, fleet.line] + fleet.crew]
        after = [busy(process) for process in [fleet.server, fleet.line] + fleet.crew]
        time.sleep(2.5)
        reports = fleet.status()["workers"]
        fleet.end()
        count = len(times) - skipped - 1
        rate = count / (times[-1] - times[skipped])
        whole, scoring, beside, thread = [
            sum(report[key] for report in reports) / len(reports) for key in ("part_ms", "scoring_ms", "fleet_ms", "fleet_busy_ms")]
        used = [1000 * (b - a) / count for a, b in zip(before, after)]
        print(
            f"{workers} workers: {rate:.2f} parts/s; a part {whole:.1f} ms at its worker (median), of that scoring {scoring:.1f} ms, the "
            f"fleet {beside:.1f} ms, of which its thread is busy {thread:.1f} ms; processor time a part: server {used[0]:.1f} ms, line "
            f"{used[1]:.1f} ms, worker {sum(used[2:]):.0f} ms; {bytes_each / 1000:.0f} kB a part on the wire "
            f"({12 * told.points / 1000:.0f} raw)", flush=True)
        return rate


def pace(clouds):
    with tempfile.TemporaryDirectory() as folder:
        fleet = Fleet(folder)
        fleet.work(0)
        rounds = max(1, told.parts // 4)
        scanner = fleet.scanner(clouds, rounds, "--rate", str(told.pace))
        # `queue` is all of a part's time that is not scoring. The first parts wait for the model.
        waited = [verdict["durations_ms"]["queue"] for _, verdict in fleet.verdicts(4 * rounds)][2:]
        scanner.wait()
        report = fleet.status()["workers"][0]
        fleet.end()
        print(
            f"{told.pace} parts/s, one idle worker: from the last frame to the decision {median(waited):.1f} ms beside the scoring (median; "
            f"least {min(waited):.1f}, 90 % {sorted(waited)[len(waited) * 9 // 10]:.1f}), {report['fleet_ms']:.1f} ms of it at the worker, "
            f"whose thread is busy {report['fleet_busy_ms']:.1f} ms", flush=True)


with tempfile.TemporaryDirectory() as clouds:
    parts(clouds)
    if told.pace:
        pace(clouds)
    else:
        rates = [measure(workers, clouds) for workers in told.workers]
        for workers, rate in zip(told.workers[1:], rates[1:]):
            print(f"{workers} workers are {rate / rates[0]:.2f} times {told.workers[0]}")
