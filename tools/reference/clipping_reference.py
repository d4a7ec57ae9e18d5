"""Reference values of gradient clipping by global norm and of a group at a share of the rate, from PyTorch in float64,
for the tests of NeuralNetwork: Tests/NeuralNetworkTests/Fixtures/clipping.json.

    python tools/reference/clipping_reference.py
"""
import json
from pathlib import Path

import numpy as np
import torch
from network_reference import filled

SHAPES = {"body.weight": (7, 5), "body.bias": (7,), "head.weight": (3, 7), "head.bias": (3,)}
HEAD_RATE, RATE, DECAY, STEPS = 0.03, 5e-3, 0.05, 6


def values(name):
    return torch.tensor(filled(name, int(np.prod(SHAPES[name.split("/")[0]]))).astype(np.float64))


def run(maximum):
    parameters = {name: torch.nn.Parameter(values(name)) for name in SHAPES}
    groups = [
        dict(params=[p], weight_decay=DECAY if len(SHAPES[n]) > 1 else 0.0, lr=RATE * (HEAD_RATE if n.startswith("head.") else 1.0))
        for n, p in parameters.items()]
    optimizer = torch.optim.AdamW(groups)
    norms = []
    for step in range(STEPS):
        for name, p in parameters.items():
            # Some steps are far above the limit, some below.
            p.grad = values(f"{name}/{step}") * 10.0 ** (step % 3 - 1)
        norms.append(float(torch.nn.utils.clip_grad_norm_(parameters.values(), maximum)))
        optimizer.step()
    return dict(maximum=maximum, norms=norms, parameters={n: p.detach().tolist() for n, p in parameters.items()})


if __name__ == "__main__":
    target = Path(__file__).resolve().parents[2] / "Tests/NeuralNetworkTests/Fixtures/clipping.json"
    document = dict(
        made_with=f"torch {torch.__version__}, float64", rate=RATE, head_rate=HEAD_RATE, decay=DECAY,
        shapes={n: list(s) for n, s in SHAPES.items()}, runs=[run(1.0), run(10.0)])
    target.write_text(json.dumps(document, indent=1) + "\n")
