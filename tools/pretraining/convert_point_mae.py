"""Point-MAE's published pretrain.pth -> safetensors of its state dict, for `scanward import-checkpoint`.

    python convert_point_mae.py pretrain.pth point-mae.safetensors
"""
import sys

import numpy as np
import torch
from safetensors.torch import save_file

# The file also holds the accuracy so far, a NumPy number: plain data, which torch has to be told.
scalar = np.core.multiarray.scalar if np.__version__ < "2" else np._core.multiarray.scalar
plain = [(scalar, "numpy.core.multiarray.scalar"), (scalar, "numpy._core.multiarray.scalar"), np.dtype, np.dtypes.Float64DType]
with torch.serialization.safe_globals(plain):
    state = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
save_file({k: v.contiguous() for k, v in state.get("base_model", state).items()}, sys.argv[2])
