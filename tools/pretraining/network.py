"""The reconstruction network in PyTorch: Point-MAE (Pang et al., ECCV 2022) with a head for 64-point patches.

Used by pretrain.py, and as the reference that the Swift network is held to. Parameter names are those of the
safetensors files that `scanward` reads and writes.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

SIZES = {
    #        width, heads, encoder blocks, decoder blocks, tokenizer widths (linear1, linear2, linear3), position hidden
    "small": dict(width=192, heads=3, encoder_depth=6, decoder_depth=3, tokenizer=(64, 128, 256), position=128),
    "base": dict(width=384, heads=6, encoder_depth=12, decoder_depth=4, tokenizer=(128, 256, 512), position=128),
}
PATCH_POINTS = 64


def size_of(weights):
    """The size whose width the weights have."""
    return next(size for size, form in SIZES.items() if form["width"] == len(weights["mask_token"]))


class Tokenizer(nn.Module):
    """Patches [B, G, K, 3], relative to their centres -> tokens [B, G, width]."""

    def __init__(self, width, tokenizer):
        super().__init__()
        a, b, c = tokenizer
        self.linear1, self.norm1, self.linear2 = nn.Linear(3, a), nn.BatchNorm1d(a), nn.Linear(a, b)
        self.linear3, self.norm2, self.linear4 = nn.Linear(2 * b, c), nn.BatchNorm1d(c), nn.Linear(c, width)

    def forward(self, patches):
        B, G, K, _ = patches.shape
        local = self.linear2(F.relu(self.norm1(self.linear1(patches.reshape(-1, 3)))))
        whole = local.view(B * G, K, -1).amax(1, keepdim=True).expand(-1, K, -1).reshape(B * G * K, -1)
        mixed = self.linear4(F.relu(self.norm2(self.linear3(torch.cat([whole, local], -1)))))
        return mixed.view(B * G, K, -1).amax(1).view(B, G, -1)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.projection = heads, nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width)

    def forward(self, x):
        B, N, D = x.shape
        q, k, v = self.qkv(x).view(B, N, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        return self.projection(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, N, D))


class MLP(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return self.linear2(F.gelu(self.linear1(x)))


class Block(nn.Module):
    """Pre-norm transformer block; a whole residual branch is dropped for a sample with probability `drop`."""

    def __init__(self, width, heads, drop):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2, self.mlp, self.drop = nn.LayerNorm(width), MLP(width), drop

    def path(self, branch):
        if not self.training or self.drop == 0:
            return branch
        keep = 1 - self.drop
        return branch * torch.empty(branch.shape[0], 1, 1, device=branch.device).bernoulli_(keep) / keep

    def forward(self, x):
        x = x + self.path(self.attention(self.norm1(x)))
        return x + self.path(self.mlp(self.norm2(x)))


class Position(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(3, hidden), nn.Linear(hidden, width)

    def forward(self, centres):
        return self.linear2(F.gelu(self.linear1(centres)))


class Stack(nn.Module):
    """Position embedding, blocks (the position is added before each), final layer norm."""

    def __init__(self, width, heads, depth, position, drop_path):
        super().__init__()
        rates = [drop_path * i / max(depth - 1, 1) for i in range(depth)]
        self.position = Position(width, position)
        self.blocks = nn.ModuleList(Block(width, heads, rate) for rate in rates)
        self.norm = nn.LayerNorm(width)

    def forward(self, x, centres):
        position = self.position(centres)
        for block in self.blocks:
            x = block(x + position)
        return self.norm(x)


class ReconstructionNetwork(nn.Module):
    def __init__(self, size="small", drop_path=0.0):
        super().__init__()
        s = SIZES[size]
        self.tokenizer = Tokenizer(s["width"], s["tokenizer"])
        self.encoder = Stack(s["width"], s["heads"], s["encoder_depth"], s["position"], drop_path)
        self.decoder = Stack(s["width"], s["heads"], s["decoder_depth"], s["position"], drop_path)
        self.mask_token = nn.Parameter(torch.randn(s["width"]) * 0.02)
        self.head = nn.Linear(s["width"], PATCH_POINTS * 3)

    def forward(self, patches, centres, visible, masked):
        """Patches [B, G, K, 3], centres [B, G, 3], index lists [B, V] and [B, M] -> predicted patches [B, M, K, 3].

        The decoder sees the visible tokens first, then the mask tokens.
        """
        take = lambda t, i: t.gather(1, i[..., None].expand(-1, -1, t.shape[-1]))
        B, M = masked.shape
        shown = take(patches.flatten(2), visible).view(B, -1, *patches.shape[2:])
        seen, hidden = take(centres, visible), take(centres, masked)
        x = self.encoder(self.tokenizer(shown), seen)
        x = torch.cat([x, self.mask_token.expand(B, M, -1)], 1)
        x = self.decoder(x, torch.cat([seen, hidden], 1))
        return self.head(x[:, -M:]).view(B, M, PATCH_POINTS, 3)

    def features(self, patches, centres, layers=(1, 2, 3)):
        """Unmasked pass: outputs of the given decoder blocks (1-based), each through a parameter-free layer norm,
        concatenated: [B, G, width * len(layers)]. The feature space of eq. 13 to 17."""
        x = self.encoder(self.tokenizer(patches), centres)
        position, outputs = self.decoder.position(centres), []
        for index, block in enumerate(self.decoder.blocks, 1):
            x = block(x + position)
            if index in layers:
                outputs.append(F.layer_norm(x, x.shape[-1:]))
        return torch.cat(outputs, -1)


def chamfer(predicted, target):
    """l2 Chamfer distance (eq. 12): [P, K, 3] twice -> mean over patches of both directions' mean squared distance."""
    squared = (predicted[:, :, None] - target[:, None]).pow(2).sum(-1)
    return squared.amin(2).mean() + squared.amin(1).mean()
