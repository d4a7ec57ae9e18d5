#!/usr/bin/env python3
"""Carries the measured costs of a fleet to a plant: how many workers, what waits, what the server and the network bear, and which of
them is full first (docs/scaling.md).

    tools/fleet-simulation.py --lines 200 --parts-per-minute 10000 --scoring-ms 162 --fleet-ms 10

Parts come from each line at random (a Poisson process); a worker takes lines in turn, as LineRotation does, the oldest part of a line
first. One seed, so that a run is repeated exactly."""
import argparse
import heapq
import random

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--lines", type=int, default=200)
arguments.add_argument("--parts-per-minute", type=float, default=10_000)
arguments.add_argument("--scoring-ms", type=float, default=162, help="one part on one thread (docs/performance-network.md)")
arguments.add_argument("--fleet-ms", type=float, default=10, help="what the fleet adds at a worker (tools/fleet-bench.py)")
arguments.add_argument("--part-kb", type=float, default=313, help="a part on the wire (tools/fleet-bench.py)")
arguments.add_argument("--answer-kb", type=float, default=4)
arguments.add_argument("--minutes", type=float, default=10)
arguments.add_argument("--request-ms", type=float, default=0.1, help="the server's time for a request without a cloud")
arguments.add_argument("--link-mbit", type=float, default=1000, help="of the server's machine, each way")
arguments.add_argument("--disk-mb", type=float, default=200, help="what its disk writes a second")
told = arguments.parse_args()

rate = told.parts_per_minute / 60
service = (told.scoring_ms + told.fleet_ms) / 1000


def simulate(workers):
    """Seconds from handing over to the answer, sorted, and the longest queue of a line."""
    random.seed(7)
    arrivals = []
    for line in range(told.lines):
        at = 0.0
        while (at := at + random.expovariate(rate / told.lines)) < 60 * told.minutes:
            arrivals.append((at, line))
    arrivals.sort()
    queues = [[] for _ in range(told.lines)]
    heads = [0] * told.lines
    waiting, last, longest = set(), 0, 0
    free = workers
    busy, times, index = [], [], 0
    while index < len(arrivals) or busy:
        arrival = arrivals[index][0] if index < len(arrivals) else float("inf")
        if busy and busy[0] <= arrival:
            now = heapq.heappop(busy)
            free += 1
        else:
            now, line = arrivals[index]
            index += 1
            queues[line].append(now)
            waiting.add(line)
            longest = max(longest, len(queues[line]) - heads[line])
        while free and waiting:
            later = [line for line in waiting if line > last]
            last = min(later) if later else min(waiting)
            began = queues[last][heads[last]]
            heads[last] += 1
            if heads[last] == len(queues[last]):
                waiting.discard(last)
            free -= 1
            heapq.heappush(busy, now + service)
            times.append(now + service - began)
    return sorted(times), longest


needed = rate * service
print(f"{told.lines} lines, {told.parts_per_minute:.0f} parts a minute, {service * 1000:.0f} ms a part at a worker: {needed:.1f} workers' work")
print("workers  busy  median s   99 %  longest queue of a line")
for workers in sorted({int(needed * share) + 1 for share in (1.0, 1.1, 1.25, 1.5)}):
    times, longest = simulate(workers)
    print(f"{workers:7}  {min(1, needed / workers):4.0%}  {times[len(times) // 2]:8.2f}  {times[len(times) * 99 // 100]:5.2f}  {longest:6}")

cloud = rate * told.part_kb / 1000
answers = rate * told.answer_kb / 1000
# In: parts, answers, verdicts for the hub. Out: the same again. Requests: publish, began, look for lines, pull, answer, take,
# acknowledgements, verdict and its taking, removal.
mbit = 8 * (cloud + 2 * answers)
requests = rate * 14
print(f"NATS: {mbit:.0f} Mbit/s in and as much out ({mbit / told.link_mbit:.0%} of the link), {cloud + 2 * answers:.0f} MB/s to its disk "
      f"({(cloud + 2 * answers) / told.disk_mb:.0%}), {requests:.0f} requests/s ({requests * told.request_ms / 1000:.1f} cores)")
room = {"the link": told.link_mbit / mbit, "the disk": told.disk_mb / (cloud + 2 * answers),
        "requests (4 cores)": 4 / (requests * told.request_ms / 1000)}
first = min(room, key=room.get)
print(f"full first, with workers added as needed: {first}, at {room[first]:.1f} times this load; "
      f"30 s without workers are {30 * cloud / 1000:.1f} GB with NATS or in the spools")
