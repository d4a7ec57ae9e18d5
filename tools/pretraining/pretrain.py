"""Pretraining of the reconstruction network on a machine with a GPU, from the files of `scanward pretrain-data`.

The recipe is that of `scanward pretrain`, and so are the samples and the start: sample n of step s is read, never made
here. When a run wants more samples than there are, it begins again at the first, with masks drawn anew. Stopped, it goes
on from its checkpoint when the same command is given again.

    scanward pretrain-data meshes --out data --size base --epochs 16
    python pretrain.py --data data --out run --epochs 300 --batch 128 --rate 1e-3
"""
import argparse
import csv
import json
import math
import os
import time
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from network import ReconstructionNetwork, chamfer, size_of

SCHEMA = "scanward-pretraining/1"
COLUMNS = ["step", "epoch", "learning_rate", "train_loss", "validation_loss"]


class Shards:
    """Samples by number: patches [B, G, K, 3], centres [B, G, 3], visible and masked indices; all of them in the
    device's memory, as they are stored, so that a step waits for no file."""

    def __init__(self, files, device):
        tensors, expected = [], 0
        for path in files:
            with safe_open(path, "pt") as f:
                self.facts = f.metadata()
                if self.facts.get("schema") != SCHEMA:
                    raise SystemExit(f"{path}: expected samples of the schema {SCHEMA}, found {self.facts.get('schema')}")
                if int(self.facts["first"]) != expected:
                    raise SystemExit(f"a file is missing among {files[0].parent}/train-*.safetensors, or two runs are mixed")
                tensors.append({name: f.get_tensor(name).to(device) for name in ("patches", "centers", "masked")})
            expected += len(tensors[-1]["masked"])
        self.patches, self.centers, self.masked = (torch.cat([t.pop(n) for t in tensors]) for n in ("patches", "centers", "masked"))
        self.count = expected

    def batch(self, first, count, seed=0):
        device, G, M = self.masked.device, self.centers.shape[1], self.masked.shape[1]
        numbers = torch.arange(first, first + count, device=device) % self.count
        masked = self.masked[numbers].long()
        if first >= self.count:  # seen before: other masks
            generator = torch.Generator(device).manual_seed(seed * 1_000_003 + first)
            masked = torch.rand(count, G, device=device, generator=generator).argsort(1)[:, :M].sort(1).values
        hidden = torch.zeros(count, G, dtype=torch.bool, device=device).scatter_(1, masked, True)
        visible = hidden.to(torch.uint8).argsort(dim=1, stable=True)[:, :G - M]
        return self.patches[numbers].float(), self.centers[numbers].float(), visible, masked


def in_float32(module):
    """Coordinates keep their digits where the rest runs in bfloat16, whose eight bits are 4 thousandths of a part."""
    forward = module.forward

    def run(x):
        with torch.autocast(x.device.type, enabled=False):
            return forward(x.float())

    module.forward = run


def loss_of(network, sample, mixed=False):
    """Mean l2 Chamfer distance of the masked patches."""
    patches, _, _, masked = sample
    target = patches.gather(1, masked[..., None, None].expand(-1, -1, *patches.shape[2:]))
    with torch.autocast(patches.device.type, torch.bfloat16, enabled=mixed):
        predicted = network(*sample)
    return chamfer(predicted.flatten(0, 1), target.flatten(0, 1))


@torch.no_grad()
def validate(network, samples):
    """In float32, as the weights will be used."""
    network.eval()
    total = sum(loss_of(network, samples.batch(n, 1)).item() for n in range(samples.count))
    network.train()
    return total / samples.count


def rate_at(step, steps, peak, warm_up):
    """Linear warm-up, then half a cosine to a thousandth; steps from 0."""
    rise = int(warm_up * steps)
    if step < rise:
        return peak * (step + 1) / (rise + 1)
    return peak * (0.001 + 0.999 * (1 + math.cos(math.pi * min(1, (step - rise) / max(1, steps - rise)))) / 2)


def write(path, save, value, **facts):
    """Through another name, so that being stopped in the middle leaves the old file."""
    save(value, f"{path}.part", **facts)
    os.replace(f"{path}.part", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder that `scanward pretrain-data` wrote")
    parser.add_argument("--out", required=True, type=Path, help="folder of backbone.safetensors, curve.csv and checkpoint.pt; a checkpoint there is resumed")
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=5e-4, help="peak learning rate")
    parser.add_argument("--warm-up", type=float, default=0.04, help="share of the steps")
    parser.add_argument("--head-share", type=float, default=0.03, help="the head's share of the rate")
    parser.add_argument("--drop-path", type=float, default=0.1)
    parser.add_argument("--validate-every", type=int, default=250, help="steps; the checkpoint is kept as often")
    parser.add_argument("--mixed", action="store_true", help="products in bfloat16, weights and coordinates in float32: for GPUs that are faster so")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    torch.manual_seed(a.seed)
    torch.set_float32_matmul_precision("high")
    a.out.mkdir(parents=True, exist_ok=True)
    samples = Shards(sorted(a.data.glob("train-*.safetensors")), a.device)
    held = Shards([a.data / "validation.safetensors"], a.device)
    shapes = int(samples.facts["training_shapes"])
    steps = max(1, math.ceil(a.epochs * shapes / a.batch))

    start = load_file(a.data / "start.safetensors")
    size = size_of(start)
    network = ReconstructionNetwork(size, drop_path=a.drop_path)
    network.load_state_dict(start, strict=False)  # but for the norms' batch counters
    network.to(a.device).train()
    for module in (network.encoder.position, network.decoder.position, network.tokenizer.linear1, network.head):
        in_float32(module)
    groups = {}
    for name, p in network.named_parameters():
        key = (0.0 if p.ndim == 1 else 0.05, a.head_share if name.startswith("head.") else 1.0)
        groups.setdefault(key, []).append(p)
    optimiser = torch.optim.AdamW([dict(params=p, weight_decay=decay, share=share) for (decay, share), p in groups.items()],
                                  lr=a.rate, betas=(0.9, 0.98), eps=1e-12)
    settings = {k: v for k, v in vars(a).items() if k not in ("data", "out", "device")} | dict(shapes=samples.facts["shapes"])
    randomness = torch.cuda if torch.device(a.device).type == "cuda" else torch  # stochastic depth draws on the device alone
    checkpoint, step, rows, losses, best = a.out / "checkpoint.pt", 0, [], [], math.inf
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=a.device, weights_only=True)
        if state["settings"] != settings:
            raise SystemExit(f"{checkpoint} is of a run with other settings: give the same ones, or another --out")
        network.load_state_dict(state["network"]), optimiser.load_state_dict(state["optimiser"])
        step, rows, best = state["step"], state["rows"], state["best"]
        randomness.set_rng_state(state["random"].cpu())
        print(f"resumed at step {step}")
    begun = time.monotonic(), step

    def report():
        nonlocal losses, best
        loss = validate(network, held)
        rows.append([step, step * a.batch / shapes, optimiser.param_groups[0]["lr"] if step else 0.0,
                     torch.stack(losses).mean().item() if losses else "", loss])
        losses = []
        with (a.out / "curve.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows([COLUMNS, *rows])
        if loss < best:
            best = loss
            tensors = {k: v.detach().float().cpu().contiguous() for k, v in network.state_dict().items() if "batches_tracked" not in k}
            facts = dict(settings, size=size, step=step, steps_planned=steps, validation_loss=loss, torch=torch.__version__)
            write(a.out / "backbone.safetensors", save_file, tensors, metadata={k: str(v) for k, v in facts.items()})
        write(checkpoint, torch.save, dict(network=network.state_dict(), optimiser=optimiser.state_dict(), step=step, rows=rows,
                                           best=best, settings=settings, random=randomness.get_rng_state()))
        speed = (step - begun[1]) / (time.monotonic() - begun[0])
        left = (steps - step) / speed / 60 if speed else 0
        print(f"step {step}/{steps}, loss {rows[-1][3]}, held-out {loss:.4e}, {speed:.2f} steps/s, {left:.0f} min left", flush=True)

    if not step:
        report()
    while step < steps:
        sample = samples.batch(step * a.batch, a.batch, a.seed)
        for group in optimiser.param_groups:
            group["lr"] = group["share"] * rate_at(step, steps, a.rate, a.warm_up)
        for norm in (network.tokenizer.norm1, network.tokenizer.norm2):
            norm.momentum = max(0.02, 1 / (step + 1))
        loss = loss_of(network, sample, a.mixed)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimiser.step()
        losses.append(loss.detach())
        step += 1
        if step % a.validate_every == 0 or step == steps:
            report()
    (a.out / "manifest.json").write_text(json.dumps(dict(settings, size=size, data=samples.facts, steps=steps, validation_loss=best), indent=1))


if __name__ == "__main__":
    main()
