"""Reference values for Sources/Evaluation/Metrics, by scikit-learn: AUROC and average precision of random and of tied scores.

    python tools/reference/metrics.py Tests/EvaluationTests/Fixtures/metrics.json

Scores are float32, as ours are; scikit-learn sees them in float64. Also the bytes of a small array as NumPy saves it.
"""
import base64
import io
import json
import sys

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score, roc_auc_score


def case(scores, labels):
    scores = np.asarray(scores, np.float32)
    return {
        "scores": [float(s) for s in scores],
        "labels": [int(l) for l in labels],
        "auroc": float(roc_auc_score(labels, scores.astype(float))),
        "average_precision": float(average_precision_score(labels, scores.astype(float))),
    }


def main():
    rng = np.random.default_rng(20261124)
    cases = []
    for n in (2, 3, 10, 62, 300, 2000):
        for share in (0.03, 0.5):
            labels = np.r_[0, 1, rng.random(n - 2) < share].astype(int)
            cases.append(case(rng.normal(size=n) + labels, labels))
            cases.append(case(rng.integers(-3, 6, n) + 2 * labels, labels))
            cases.append(case(rng.normal(size=n).astype(np.float32) * 1e-30 * labels, labels))
    labels = np.r_[np.zeros(40), np.ones(20)].astype(int)
    cases += [case(labels, labels), case(-labels, labels), case(0 * labels, labels), case(np.where(labels, -0.0, 0.0), labels)]
    array, stream = np.array([0, 1.5, -2.25, 1e-38, 3e38], "<f4"), io.BytesIO()
    np.save(stream, array)
    with open(sys.argv[1], "w") as file:
        json.dump({
            "libraries": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}",
            "cases": cases,
            "array": [float(v) for v in array],
            "npy": base64.b64encode(stream.getvalue()).decode(),
        }, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
