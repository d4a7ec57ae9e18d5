"""Holds a backbone in PyTorch to the same weights in Swift, on prepared samples: predictions and loss.

    python check.py --weights run/backbone.safetensors --data data/validation.safetensors --scanward .build/release/scanward
"""
import argparse
import subprocess
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file

from network import ReconstructionNetwork, size_of
from pretrain import Shards, loss_of


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", required=True, type=Path)
    parser.add_argument("--data", required=True, type=Path, help="a file that `scanward pretrain-data` wrote")
    parser.add_argument("--scanward", required=True, help="the program")
    parser.add_argument("--limit", type=float, default=1e-5, help="largest difference of a coordinate, and of the loss (relative)")
    a = parser.parse_args()
    weights = {k: v.double() for k, v in load_file(a.weights).items()}
    size = size_of(weights)
    network = ReconstructionNetwork(size).double().eval()
    network.load_state_dict(weights, strict=False)
    samples = Shards([a.data], "cpu")
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        file = Path(folder) / "predictions.safetensors"
        loss = float(subprocess.check_output([a.scanward, "pretrain-loss", str(a.weights), "--data", str(a.data), "--predictions", str(file)]))
        swift = load_file(file)["predicted"].double()
        worst, total = 0.0, 0.0
        for number in range(samples.count):
            patches, centres, visible, masked = samples.batch(number, 1)
            sample = patches.double(), centres.double(), visible, masked
            worst = max(worst, (network(*sample)[0] - swift[number]).abs().max().item())
            total += loss_of(network, sample).item() / samples.count
    difference = abs(loss - total) / total
    print(f"{samples.count} samples, {size}: loss {loss:.6e} in Swift, {total:.6e} in PyTorch (float64), relative difference {difference:.1e}; "
          f"largest difference of a coordinate {worst:.1e}")
    raise SystemExit(0 if max(worst, difference) <= a.limit else 1)


if __name__ == "__main__":
    main()
