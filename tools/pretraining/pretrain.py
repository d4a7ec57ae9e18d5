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

from network import ReconstructionNetwork, chamfer

SCHEMA = "scanward-pretraining/1"
COLUMNS = ["step", "epoch", "learning_rate", "train_loss", "validation_loss"]


class Shards:
    """Samples by number: patches [B, G, K, 3], centres [B, G, 3], visible and masked indices, in float32."""

    def __init__(self, files):
        self.files, self.spans = files, []
        for path in files:
            with safe_open(path, "pt") as f:
                self.facts = f.metadata()
                if self.facts.get("schema") != SCHEMA:
                    raise SystemExit(f"{path}: expected samples of the schema {SCHEMA}, found {self.facts.get('schema')}")
                self.spans.append((int(self.facts["first"]), f.get_slice("masked").get_shape()[0]))
        self.count, self.loaded = sum(n for _, n in self.spans), (None, None)
        if any(first != sum(n for _, n in self.spans[:i]) for i, (first, _) in enumerate(self.spans)):
            raise SystemExit(f"a file is missing among {files[0].parent}/train-*.safetensors, or two runs are mixed")

    def one(self, number):
        index = next(i for i, (first, n) in enumerate(self.spans) if first <= number < first + n)
        if self.loaded[0] != index:
            self.loaded = index, load_file(self.files[index])
        return [self.loaded[1][name][number - self.spans[index][0]].float() for name in ("patches", "centers", "masked")]

    def batch(self, first, count, seed=0):
        patches, centres, masked, visible = [], [], [], []
        for number in range(first, first + count):
            p, c, m = self.one(number % self.count)
            G, M = len(c), len(m)
            if number >= self.count:  # seen before: another mask
                order = torch.randperm(G, generator=torch.Generator().manual_seed(seed * 1_000_003 + number))
                m = order[:M].sort().values
            hidden = torch.zeros(G, dtype=torch.bool)
            hidden[m.long()] = True
            patches.append(p), centres.append(c), masked.append(hidden.nonzero()[:, 0]), visible.append((~hidden).nonzero()[:, 0])
        return [torch.stack(t) for t in (patches, centres, visible, masked)]


def loss_of(network, sample):
    """Mean l2 Chamfer distance of the masked patches."""
    patches, _, _, masked = sample
    target = patches.gather(1, masked[..., None, None].expand(-1, -1, *patches.shape[2:]))
    return chamfer(network(*sample).flatten(0, 1), target.flatten(0, 1))


@torch.no_grad()
def validate(network, samples, device):
    network.eval()
    losses = [loss_of(network, [t.to(device) for t in samples.batch(n, 1)]).item() for n in range(samples.count)]
    network.train()
    return sum(losses) / len(losses)


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
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    a = parser.parse_args()
    torch.manual_seed(a.seed)
    torch.set_float32_matmul_precision("high")
    a.out.mkdir(parents=True, exist_ok=True)
    samples, held = Shards(sorted(a.data.glob("train-*.safetensors"))), Shards([a.data / "validation.safetensors"])
    shapes = int(samples.facts["training_shapes"])
    steps = max(1, math.ceil(a.epochs * shapes / a.batch))

    network = ReconstructionNetwork(samples.facts["size"], drop_path=a.drop_path)
    network.load_state_dict(load_file(a.data / "start.safetensors"), strict=False)  # but for the norms' batch counters
    network.to(a.device).train()
    groups = {}
    for name, p in network.named_parameters():
        key = (0.0 if p.ndim == 1 else 0.05, a.head_share if name.startswith("head.") else 1.0)
        groups.setdefault(key, []).append(p)
    optimiser = torch.optim.AdamW([dict(params=p, weight_decay=decay, share=share) for (decay, share), p in groups.items()],
                                  lr=a.rate, betas=(0.9, 0.98), eps=1e-12)
    settings = {k: v for k, v in vars(a).items() if k not in ("data", "out", "device")} | dict(shapes=samples.facts["shapes"])
    checkpoint, step, rows, losses, best = a.out / "checkpoint.pt", 0, [], [], math.inf
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=a.device, weights_only=True)
        if state["settings"] != settings:
            raise SystemExit(f"{checkpoint} is of a run with other settings: give the same ones, or another --out")
        network.load_state_dict(state["network"]), optimiser.load_state_dict(state["optimiser"])
        step, rows, best = state["step"], state["rows"], state["best"]
        torch.set_rng_state(state["random"].cpu())
        print(f"resumed at step {step}")
    begun = time.monotonic(), step

    def report():
        nonlocal losses, best
        loss = validate(network, held, a.device)
        rows.append([step, step * a.batch / shapes, optimiser.param_groups[0]["lr"] if step else 0.0,
                     sum(losses) / len(losses) if losses else "", loss])
        losses = []
        with (a.out / "curve.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows([COLUMNS, *rows])
        if loss < best:
            best = loss
            tensors = {k: v.detach().float().cpu().contiguous() for k, v in network.state_dict().items() if "batches_tracked" not in k}
            facts = dict(settings, size=samples.facts["size"], step=step, steps_planned=steps, validation_loss=loss, torch=torch.__version__)
            write(a.out / "backbone.safetensors", save_file, tensors, metadata={k: str(v) for k, v in facts.items()})
        write(checkpoint, torch.save, dict(network=network.state_dict(), optimiser=optimiser.state_dict(), step=step, rows=rows,
                                           best=best, settings=settings, random=torch.get_rng_state()))
        speed = (step - begun[1]) / (time.monotonic() - begun[0])
        left = (steps - step) / speed / 60 if speed else 0
        print(f"step {step}/{steps}, loss {rows[-1][3]}, held-out {loss:.4e}, {speed:.2f} steps/s, {left:.0f} min left", flush=True)

    if not step:
        report()
    while step < steps:
        sample = [t.to(a.device) for t in samples.batch(step * a.batch, a.batch, a.seed)]
        for group in optimiser.param_groups:
            group["lr"] = group["share"] * rate_at(step, steps, a.rate, a.warm_up)
        for norm in (network.tokenizer.norm1, network.tokenizer.norm2):
            norm.momentum = max(0.02, 1 / (step + 1))
        loss = loss_of(network, sample)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimiser.step()
        losses.append(loss.item())
        step += 1
        if step % a.validate_every == 0 or step == steps:
            report()
    (a.out / "manifest.json").write_text(json.dumps(dict(settings, data=samples.facts, steps=steps, validation_loss=best), indent=1))


if __name__ == "__main__":
    main()
