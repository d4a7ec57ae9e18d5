"""Checkpoint of pretrain.py -> safetensors in float16, with the settings as metadata (strings).

All tensors, with the running statistics of batch norm; not its batch counters.

    python export.py run/checkpoint.pt pretrained-small.safetensors
"""
import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("weights", type=Path)
    a = parser.parse_args()
    state = torch.load(a.checkpoint, map_location="cpu", weights_only=False)
    tensors = {name: t.to(torch.float16).contiguous() for name, t in state["network"].items() if not name.endswith("num_batches_tracked")}
    for name, t in tensors.items():
        exact = state["network"][name]
        if not torch.isfinite(t).all():
            raise SystemExit(f"{name} does not fit float16: largest value {exact.abs().max():.3g}")
        if name.endswith("running_var") and (t < 1e-6).any():
            print(f"{name}: smallest variance {exact.min():.3g} is coarse in float16")
    facts = dict(state["settings"], steps=state["step"], trained_minutes=round(state["elapsed"] / 60, 1), validation_loss=f"{state['validation_loss']:.6e}")
    save_file(tensors, a.weights, metadata={k: str(v) for k, v in facts.items()})
    a.weights.chmod(0o644)
    print(f"{len(tensors)} tensors, {sum(t.numel() for t in tensors.values())} values, {a.weights.stat().st_size / 1e6:.2f} MB", facts)


if __name__ == "__main__":
    main()
