#!/usr/bin/env python3
"""Runs geometry-benchmark beside the peer programs: compare.py's cases, each in both orders of the points, and the PCD
readers. Prints CPU-time medians and ratios; exit code 1 if a floor is missed.

  cd PEERS && venv/bin/python PATH/TO/peers.py --ours PATH/TO/geometry-benchmark [--reps 3] [--only normals,read_pcd_ascii]

PEERS is the folder that the peers' setup.sh made; its compare.py holds the contract, the cases and the floors.
"""
import argparse, os, statistics, sys

sys.path.insert(0, os.getcwd())
import compare

# The design gives these floors beside the table of compare.py; a reader's file is the one that the peer wrote.
READERS = {
    "read_pcd_ascii": ("read_pcd_ascii", "/dev/shm/peers4_pcd_ascii.pcd", 5.0),
    "read_pcd_binary": ("read_pcd_bin", "/dev/shm/peers4_pcd_bin.pcd", 3.0),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--core", default="1")
    parser.add_argument("--reps", default="3")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    for name in [n for n in compare.CASES if not n.endswith("_scan")]:
        operation, size, _, floor, peers = compare.CASES[name]
        compare.CASES.setdefault(name + "_scan", (operation, size, "_scan", floor, peers))
    compare.CASES = dict(sorted(compare.CASES.items()))
    only = [n for n in arguments.only.split(",") if n]
    sys.argv = ["compare.py", "--ours", arguments.ours, "--core", arguments.core, "--reps", arguments.reps]
    short = False
    if not only or any(n in compare.CASES for n in only):
        try:
            compare.main() if not only else compare_only(only)
        except SystemExit as exit:
            short = bool(exit.code)
    for name, (peer_operation, file, floor) in READERS.items():
        if only and name not in only:
            continue
        ours, theirs = [], []
        for _ in range(int(arguments.reps)):
            command = compare.PY + ["pypcd4", "1", "1M", peer_operation]
            theirs += compare.cpu_seconds(command, peer_operation, arguments.core, "")
            command = [arguments.ours, name, file, "--threads", "1", "--reps", "5"]
            ours += compare.cpu_seconds(command, name, arguments.core, "")
        if not ours or not theirs:
            print(f"{name:14s} no answer")
            short = True
            continue
        mine, best = statistics.median(ours), statistics.median(theirs)
        short |= best / mine < floor
        verdict = "ok" if best / mine >= floor else "SHORT"
        print(f"{name:14s} 1M        ours {mine:.4f} s  pypcd4 {best:.4f} s  best x{best / mine:.1f} floor x{floor} {verdict}")
    sys.exit(1 if short else 0)


def compare_only(names):
    sys.argv += ["--only", ",".join(names)]
    compare.main()


if __name__ == "__main__":
    main()
