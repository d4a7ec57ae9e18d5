"""Pretraining of the reconstruction network: masked patches of unlabelled clouds (prepare.py), l2 Chamfer loss.

The budget is wall-clock time: warm-up and cosine are laid over --minutes of training, so that the learning rate is at its
end when the time is over. Sample n is a function of the seed and n alone; a run that is stopped goes on from its checkpoint
when the same command is given again. On a processor it is about 15 % faster with these allocator settings:

    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=536870912 \\
        python pretrain.py --data data --out run --size small --minutes 75
"""
import argparse
import csv
import json
import math
import os
import time
import types
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy.spatial import cKDTree
from torch.utils.data import DataLoader, Dataset

from network import PATCH_POINTS, SIZES, ReconstructionNetwork

CENTRES, MASK_RATIO = 256, 0.4
MASKED = int(CENTRES * MASK_RATIO)
HEAD_RATE = 0.03
COLUMNS = ["step", "epoch", "minutes", "learning_rate", "train_loss", "validation_loss"]


def split(shapes, fraction, seed):
    """Shape indices for training and validation. All shapes of a model are on one side."""
    models = sorted({s["model"] for s in shapes})
    held = set(np.random.default_rng(seed).permutation(models)[:round(fraction * len(models))])
    sides = [[], []]
    for index, shape in enumerate(shapes):
        sides[shape["model"] in held].append(index)
    return sides


def farthest_points(points, count, first):
    chosen = np.empty(count, np.int64)
    nearest = np.full(len(points), np.inf, np.float32)
    columns = np.ascontiguousarray(points.T)
    for i in range(count):
        chosen[i] = first
        offset = columns - columns[:, first, None]
        np.minimum(nearest, np.einsum("ij,ij->j", offset, offset), out=nearest)
        first = nearest.argmax()
    return chosen


def random_rotation(rng):
    """Uniform over SO(3), from a random unit quaternion."""
    w, x, y, z = (q := rng.normal(size=4)) / np.linalg.norm(q)
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]], np.float32)


class Patches(Dataset):
    """Sample n: a cloud, augmented, as patches, centres, visible and masked indices."""

    def __init__(self, clouds, indices, seed, training):
        self.path, self.indices, self.seed, self.training, self.clouds = clouds, np.array(indices), seed, training, None

    def __getitem__(self, n):
        if self.clouds is None:
            self.clouds = np.load(self.path, mmap_mode="r")
        epoch, place = divmod(n, len(self.indices))
        rng = np.random.default_rng([self.seed, self.training, n])
        order = np.random.default_rng([self.seed, epoch]).permutation(self.indices) if self.training else self.indices
        points = np.array(self.clouds[order[place], rng.integers(self.clouds.shape[1])], np.float32)
        if n % 2:  # parts do not come posed
            points = points @ random_rotation(rng).T
        if self.training:
            points = points * rng.uniform(2 / 3, 3 / 2, 3).astype(np.float32) + rng.uniform(-0.2, 0.2, 3).astype(np.float32)
        centres = points[farthest_points(points, CENTRES, rng.integers(len(points)))]
        neighbours = cKDTree(points, leafsize=32, balanced_tree=False).query(centres, PATCH_POINTS)[1]
        shuffled = rng.permutation(CENTRES)
        return points[neighbours] - centres[:, None], centres, shuffled[MASKED:], shuffled[:MASKED]

    def __len__(self):
        return 1 << 40 if self.training else len(self.indices)


class InOrder(torch.utils.data.Sampler):
    """Batches of sample numbers, from a number on."""

    def __init__(self, first, batch):
        self.first, self.batch = first, batch

    def __iter__(self):
        first = self.first
        while True:
            yield range(first, first + self.batch)
            first += self.batch


def fast_tokens(self, patches):
    """Tokenizer.forward, with the global half of linear3 computed once a patch: the same function, less work."""
    B, G, K, _ = patches.shape
    local = self.linear2(F.relu(self.norm1(self.linear1(patches.reshape(-1, 3))), inplace=True))
    width = local.shape[1]
    whole = local.view(B * G, K, width).max(1)[0]
    of_whole = F.linear(whole, self.linear3.weight[:, :width], self.linear3.bias)
    mixed = F.linear(local, self.linear3.weight[:, width:]).view(B * G, K, -1) + of_whole[:, None]
    mixed = self.linear4(F.relu(self.norm2(mixed.flatten(0, 1)), inplace=True))
    return mixed.view(B * G, K, -1).max(1)[0].view(B, G, -1)


def fast_chamfer(predicted, target):
    """network.chamfer, with the nearest points found by matrix product and only the pairs differentiated."""
    with torch.no_grad():
        squared = predicted.pow(2).sum(-1)[:, :, None] + target.pow(2).sum(-1)[:, None] - 2 * predicted @ target.transpose(1, 2)
        forth, back = squared.argmin(2), squared.argmin(1)
    take = lambda t, i: t.gather(1, i[..., None].expand(-1, -1, 3))
    return (predicted - take(target, forth)).pow(2).sum(-1).mean() + (take(predicted, back) - target).pow(2).sum(-1).mean()


def loss_of(network, sample, points=None):
    """Chamfer loss of the masked patches; the tokenizer sees the given ones of each patch's points, or all."""
    patches, centres, visible, masked = sample
    predicted = network(patches if points is None else patches[:, :, points].contiguous(), centres, visible, masked)
    target = patches.gather(1, masked[..., None, None].expand(-1, -1, *patches.shape[2:]))
    return fast_chamfer(predicted.flatten(0, 1), target.flatten(0, 1))


@torch.no_grad()
def validate(network, batches):
    network.eval()
    losses = [(loss_of(network, sample).item(), len(sample[0])) for sample in batches]
    network.train()
    return sum(loss * count for loss, count in losses) / sum(count for _, count in losses)


def initialise(network):
    """Starts that save a short training its first thousands of steps.

    Transformers: normal, 0.02; biases 0 (Point-MAE). Queries and keys equal, so that like tokens attend to each other
    (mimetic initialisation, Trockman and Kolter 2023); positions as random ridges about 0.3 wide, so that near ones are alike.
    Head: first predictions no larger than a patch; else the first gradients fill AdamW's second moments for long.
    """
    normal = torch.nn.init.trunc_normal_
    for stack in (network.encoder, network.decoder):
        for module in stack.modules():
            if isinstance(module, torch.nn.Linear):
                normal(module.weight, std=0.02)
                if module.bias is not None:
                    torch.nn.init.zeros_(module.bias)
        for block in stack.blocks:
            query, key, _ = block.attention.qkv.weight.data.chunk(3)
            normal(query, std=0.8 * query.shape[1] ** -0.5)
            key.copy_(query)
        torch.nn.init.normal_(stack.position.linear1.weight, std=5.0)
        torch.nn.init.uniform_(stack.position.linear1.bias, -3.0, 3.0)
        torch.nn.init.normal_(stack.position.linear2.weight, std=0.35 * stack.position.linear2.in_features ** -0.5)
    normal(network.head.weight, std=0.002)
    torch.nn.init.zeros_(network.head.bias)


def rate_at(progress, peak, warm_up):
    """Linear warm-up, then cosine to peak / 1000; progress in 0...1."""
    if progress < warm_up:
        return peak * max(progress / warm_up, 0.01)
    cosine = (1 + math.cos(math.pi * min((progress - warm_up) / (1 - warm_up), 1))) / 2
    return peak * (0.001 + 0.999 * cosine)


def save(path, state):
    torch.save(state, f"{path}.part")
    os.replace(f"{path}.part", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder that prepare.py wrote")
    parser.add_argument("--out", required=True, type=Path, help="folder of checkpoint.pt and log.csv; a checkpoint there is resumed")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--minutes", type=float, required=True, help="training time in all, over resumed runs")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=5e-4, help="peak learning rate")
    parser.add_argument("--warm-up", type=float, default=0.04, help="share of the time")
    parser.add_argument("--thin", type=float, default=0.6, help="share of the time in which tokens see half of a patch's points (faster)")
    parser.add_argument("--held-out", type=float, default=0.05, help="share of the models kept for validation")
    parser.add_argument("--validation-shapes", type=int, default=128)
    parser.add_argument("--validate-every", type=float, default=3, help="minutes")
    parser.add_argument("--save-every", type=float, default=3, help="minutes")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(a.seed)
    a.out.mkdir(parents=True, exist_ok=True)
    data = json.loads((a.data / "shapes.json").read_text())
    training, held = split(data["shapes"], a.held_out, a.seed)
    validation = np.random.default_rng(a.seed).permutation(held)[:a.validation_shapes]

    network = ReconstructionNetwork(a.size, drop_path=0.1).train()
    initialise(network)
    network.tokenizer.forward = types.MethodType(fast_tokens, network.tokenizer)
    # A patch's coordinates are about 0.03. At the full rate one step of AdamW moves the head's output by as much, and the loss
    # stays above that of a constant patch: the head learns at HEAD_RATE of the rate.
    # The loss is about 1e-3, its gradients far smaller: an epsilon below them.
    groups = {}
    for name, p in network.named_parameters():
        key = (0.0 if p.ndim == 1 or name == "mask_token" else 0.05, HEAD_RATE if name.startswith("head.") else 1.0)
        groups.setdefault(key, []).append(p)
    optimiser = torch.optim.AdamW([dict(params=ps, weight_decay=decay, share=share) for (decay, share), ps in groups.items()], lr=a.rate,
                                  betas=(0.9, 0.98), eps=1e-12)

    step, seen, elapsed, rows = 0, 0, 0.0, []
    checkpoint, log = a.out / "checkpoint.pt", a.out / "log.csv"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])
        step, seen, elapsed = state["step"], state.get("seen", state["step"] * a.batch), state["elapsed"]
        rows = [r for r in csv.DictReader(log.open()) if int(r["step"]) <= step]
        print(f"resumed at step {step}, {elapsed / 60:.1f} minutes")
    with log.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)

    settings = dict(size=a.size, centres=CENTRES, patch_points=PATCH_POINTS, mask_ratio=MASK_RATIO, points=data["settings"]["points"], batch=a.batch,
                    rate=a.rate, head_rate=HEAD_RATE, warm_up=a.warm_up, thin=a.thin, weight_decay=0.05, drop_path=0.1, minutes=a.minutes, held_out=a.held_out, seed=a.seed,
                    data_sha256=data["sha256"], training_shapes=len(training), validation_shapes=len(validation))
    print(f"{sum(p.numel() for p in network.parameters())} parameters, {len(training)} shapes for training, {len(held)} held out, "
          f"{len(validation)} of them for validation", flush=True)
    fixed = list(DataLoader(Patches(a.data / "clouds.npy", validation, a.seed, False), 16))
    norms = (network.tokenizer.norm1, network.tokenizer.norm2)
    if not step:  # running statistics start from a batch, then follow slowly: steadier with small batches
        for norm in norms:
            norm.momentum = 1.0
        with torch.no_grad():
            network.tokenizer(fixed[0][0])
    for norm in norms:
        norm.momentum = 0.02
    samples = iter(DataLoader(Patches(a.data / "clouds.npy", training, a.seed, True), batch_sampler=InOrder(seen, a.batch), num_workers=1,
                              prefetch_factor=16, worker_init_fn=lambda _: torch.set_num_threads(1)))
    budget, losses = 60 * a.minutes, []
    last, validated, saved, counted = time.monotonic(), -1e9, elapsed, 0

    def report():
        nonlocal losses, counted, validated
        validation_loss = validate(network, fixed)
        rate = optimiser.param_groups[0]["lr"]
        row = [step, f"{seen / len(training):.3f}", f"{elapsed / 60:.2f}", f"{rate:.3e}",
               f"{np.mean(losses):.6e}" if losses else "", f"{validation_loss:.6e}"]
        with log.open("a", newline="") as stream:
            csv.writer(stream).writerow(row)
        speed = len(losses) / (elapsed - counted) if losses else 0
        print(" ".join(f"{name} {value}" for name, value in zip(COLUMNS, row)), f"steps/s {speed:.2f}", flush=True)
        losses, counted, validated = [], elapsed, elapsed
        return validation_loss

    def keep(validation_loss=None):
        save(checkpoint, dict(network=network.state_dict(), optimiser=optimiser.state_dict(), random=torch.get_rng_state(), step=step, seen=seen, elapsed=elapsed,
                              settings=settings, validation_loss=validation_loss))

    if not rows:
        report()
    validation_loss = float(rows[-1]["validation_loss"]) if rows else None
    validated = counted = elapsed
    last = time.monotonic()
    while elapsed < budget:
        sample = next(samples)
        for group in optimiser.param_groups:
            group["lr"] = group["share"] * rate_at(elapsed / budget, a.rate, a.warm_up)
        points = torch.randperm(PATCH_POINTS)[:PATCH_POINTS // 2] if elapsed < a.thin * budget else None
        loss = loss_of(network, sample, points)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimiser.step()
        losses.append(loss.item())
        step, seen = step + 1, seen + a.batch
        now = time.monotonic()
        elapsed, last = elapsed + now - last, now
        if elapsed - validated >= 60 * a.validate_every:
            validation_loss = report()
        if elapsed - saved >= 60 * a.save_every:
            keep(validation_loss)
            saved = elapsed
    keep(report())
    print(f"done: {step} steps, {seen} samples, {elapsed / 60:.1f} minutes")


if __name__ == "__main__":
    main()
