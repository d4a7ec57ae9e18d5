"""One-sided normal tolerance factors for 99 % coverage with 90 % confidence, n = 2...30 (Sources/Inspection/ToleranceFactor.swift)."""
import numpy, scipy
from scipy.stats import nct, norm

print("scipy", scipy.__version__)
print(", ".join(f"{nct.ppf(0.90, n - 1, norm.ppf(0.99) * numpy.sqrt(n)) / numpy.sqrt(n):.4f}" for n in range(2, 31)))
