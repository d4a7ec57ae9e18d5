"""Loss curve of pretrain.py's curve.csv as a PNG.

    python plot.py run/curve.csv pretraining-loss.png
"""
import argparse
import csv

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("picture")
    a = parser.parse_args()
    with open(a.log) as stream:
        rows = [{k: float(v) for k, v in r.items()} for r in csv.DictReader(stream) if r["train_loss"]]
    column = lambda name: [r[name] for r in rows]
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(column("step"), column("train_loss"), label="training (augmented, mean since the last point)", color="#8aa5c0")
    axes.plot(column("step"), column("validation_loss"), label="validation (held-out models, fixed masks)", color="#1f4e79", marker=".")
    axes.set(xlabel="step", ylabel="l2 Chamfer distance of masked patches", yscale="log")
    axes.grid(True, which="both", alpha=0.25)
    rate = axes.twinx()
    rate.plot(column("step"), column("learning_rate"), color="#c08a5a", linewidth=0.8, linestyle=":")
    rate.set_ylabel("learning rate (dotted)")
    axes.legend(loc="upper right", fontsize=8)
    figure.savefig(a.picture, dpi=150)


if __name__ == "__main__":
    main()
