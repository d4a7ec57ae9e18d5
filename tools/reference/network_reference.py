"""Reference values of the reconstruction network, from PyTorch in float64, for the tests of NeuralNetwork and IMRNet.

Weights and inputs are not stored: both sides fill them from the same formula (`filled`). Written: network.json (outputs,
losses, gradients and AdamW steps as norm, sum, a product with a fixed random vector, and sampled elements) and
safetensors files of the Python package.

    python tools/reference/network_reference.py
"""
import json
import sys
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools/pretraining"), *sys.argv[1:]]
import network as definition  # noqa: E402

SAMPLES = 16


def fnv1a(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & (2**64 - 1)
    return value


def filled(name, count):
    """SplitMix64 seeded with the FNV-1a hash of the name -> uniform in [-1, 1), exact in float32."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(name)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        z = z ^ z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float32) * np.float32(2**-23) - np.float32(1)


def parameter(name, shape):
    u = filled(name, int(np.prod(shape))).reshape(shape)
    if len(shape) == 2:
        return u * np.float32(1.5 / np.sqrt(shape[1]))
    if name.endswith("running_var"):
        return np.float32(1) + np.float32(0.5) * u
    if "norm" in name and name.endswith("weight"):
        return np.float32(1) + np.float32(0.25) * u
    return u * np.float32(0.1)


def permutation(name, count):
    return np.argsort(filled(name, count), kind="stable")


def network(size):
    torch.set_default_dtype(torch.float64)
    model = definition.ReconstructionNetwork(size)
    state = {k: torch.tensor(parameter(k, tuple(v.shape)).astype(np.float64)) if v.ndim else v
             for k, v in model.state_dict().items()}
    model.load_state_dict(state)
    return model


def inputs(batch, patches):
    samples = []
    for b in range(batch):
        order = permutation(f"order.{b}", patches)
        masked = int(0.4 * patches)
        samples.append((filled(f"patches.{b}", patches * 192).reshape(patches, 64, 3) * np.float32(0.125),
                        filled(f"centers.{b}", patches * 3).reshape(patches, 3),
                        np.sort(order[masked:]), np.sort(order[:masked])))
    stack = lambda i, kind: torch.tensor(np.stack([s[i] for s in samples]).astype(kind))
    return stack(0, np.float64), stack(1, np.float64), stack(2, np.int64), stack(3, np.int64)


def summary(name, values):
    values = values.detach().numpy().reshape(-1).astype(np.float64)
    positions = np.arange(SAMPLES) * len(values) // SAMPLES
    return dict(count=len(values), norm=float(np.linalg.norm(values)), sum=float(values.sum()),
                product=float(values @ filled("product." + name, len(values)).astype(np.float64)),
                samples=[float(v) for v in values[positions]])


def target(patches, masked):
    return patches.flatten(2).gather(1, masked[..., None].expand(-1, -1, 192)).reshape(-1, 64, 3)


def training(size, batch, patches, steps):
    model = network(size).train()
    decayed = [p for n, p in model.named_parameters() if p.ndim > 1]
    others = [p for n, p in model.named_parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW([dict(params=decayed, weight_decay=0.05), dict(params=others, weight_decay=0.0)], lr=5e-4)
    given = inputs(batch, patches)
    result = dict(size=size, batch=batch, patches=patches, rate=5e-4, losses=[])
    for step in range(steps):
        optimizer.zero_grad()
        predicted = model(*given)
        loss = definition.chamfer(predicted.reshape(-1, 64, 3), target(given[0], given[3]))
        loss.backward()
        result["losses"].append(loss.item())
        if step == 0:
            result["gradients"] = {n: summary(n, p.grad) for n, p in model.named_parameters()}
            result["running"] = {n: summary(n, v) for n, v in model.state_dict().items() if "running" in n}
        optimizer.step()
    result["parameters"] = {n: summary(n, p) for n, p in model.named_parameters()}
    return result


def inference(size, patches):
    model = network(size).eval()
    given = inputs(1, patches)
    with torch.no_grad():
        predicted = model(*given)
        loss = definition.chamfer(predicted.reshape(-1, 64, 3), target(given[0], given[3]))
        return dict(size=size, patches=patches, loss=loss.item(), predicted=summary("predicted", predicted),
                    tokens=summary("tokens", model.tokenizer(given[0])),
                    features=summary("features", model.features(given[0], given[1])))


def layers():
    x = torch.linspace(-6, 6, 241)
    return dict(gelu=dict(x=x.tolist(), y=F.gelu(x).tolist()))


def main():
    versions = dict(torch=torch.__version__, numpy=np.__version__, safetensors=safetensors.__version__)
    out = dict(tool="PyTorch, float64", versions=versions,
               inference=[inference("small", 256), inference("base", 256)],
               training=[training("small", 1, 96, 3), training("small", 4, 96, 3), training("base", 1, 96, 3)])
    folder = ROOT / "Tests/IMRNetTests/Fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "network.json").write_text(json.dumps(out))

    folder = ROOT / "Tests/NeuralNetworkTests/Fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "layers.json").write_text(json.dumps(dict(tool="PyTorch, float64", versions=versions, **layers())))
    special = torch.tensor([0.0, -0.0, 1.0, -1.0, 65504.0, 6e-8, 1e-5, 0.333333, float("inf"), 2049.0, 2051.0, 70000.0],
                           dtype=torch.float32)
    matrix = torch.tensor(filled("matrix", 15).reshape(3, 5))
    for name, kind in dict(f32=torch.float32, f16=torch.float16, bf16=torch.bfloat16).items():
        safetensors.torch.save_file({"special": special.to(kind), "a.matrix": matrix.to(kind), "empty": torch.zeros(0, 4, dtype=kind),
                                     "counter": torch.tensor(7)}, folder / f"{name}.safetensors",
                                    metadata=dict(tool=f"safetensors {safetensors.__version__}", note='a "quoted" \u00e9'))


if __name__ == "__main__":
    main()
