"""The reconstruction network in its published form, in PyTorch eager: what compare_network.py measures against.

Point-MAE (Pang et al., ECCV 2022) with a head for 64-point patches: every patch is tokenised, [global, local] are
concatenated for each point, all decoder blocks run. Parameter names are those of the files that scanward writes.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

SIZES = {
    "small": dict(width=192, heads=3, encoder=6, decoder=3, tokenizer=(64, 128, 256)),
    "base": dict(width=384, heads=6, encoder=12, decoder=4, tokenizer=(128, 256, 512)),
}


class Tokenizer(nn.Module):
    def __init__(self, width, widths):
        super().__init__()
        a, b, c = widths
        self.linear1, self.norm1, self.linear2 = nn.Linear(3, a), nn.BatchNorm1d(a), nn.Linear(a, b)
        self.linear3, self.norm2, self.linear4 = nn.Linear(2 * b, c), nn.BatchNorm1d(c), nn.Linear(c, width)

    def forward(self, patches):
        B, G, K, _ = patches.shape
        local = self.linear2(F.relu(self.norm1(self.linear1(patches.reshape(-1, 3)))))
        local = local.view(B * G, K, -1)
        pooled = local.max(1).values[:, None].expand(-1, K, -1)
        mixed = torch.cat([pooled, local], -1).reshape(B * G * K, -1)
        mixed = self.linear4(F.relu(self.norm2(self.linear3(mixed))))
        return mixed.view(B * G, K, -1).max(1).values.view(B, G, -1)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.projection = heads, nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width)

    def forward(self, x):
        B, N, D = x.shape
        q, k, v = self.qkv(x).view(B, N, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        return self.projection(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, N, D))


class MLP(nn.Module):
    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(inputs, hidden), nn.Linear(hidden, outputs)

    def forward(self, x):
        return self.linear2(F.gelu(self.linear1(x)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2, self.mlp = nn.LayerNorm(width), MLP(width, 4 * width, width)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Stack(nn.Module):
    def __init__(self, width, heads, depth):
        super().__init__()
        self.position = MLP(3, 128, width)
        self.blocks, self.norm = nn.ModuleList(Block(width, heads) for _ in range(depth)), nn.LayerNorm(width)

    def forward(self, x, centres, visit=None):
        places = self.position(centres)
        for block in self.blocks:
            x = block(x + places)
            if visit is not None:
                visit.append(x)
        return x


def take(values, index):
    """[B, G, ...] and [B, n] -> [B, n, ...]."""
    flat = values.flatten(2)
    return flat.gather(1, index[..., None].expand(-1, -1, flat.shape[-1])).view(*index.shape, *values.shape[2:])


class PointMAE(nn.Module):
    def __init__(self, size):
        super().__init__()
        s = SIZES[size]
        self.tokenizer = Tokenizer(s["width"], s["tokenizer"])
        self.encoder = Stack(s["width"], s["heads"], s["encoder"])
        self.decoder = Stack(s["width"], s["heads"], s["decoder"])
        self.mask_token = nn.Parameter(torch.zeros(s["width"]))
        self.head = nn.Linear(s["width"], 192)

    def forward(self, patches, centres, visible, masked, visible_only=False):
        """[B, G, 64, 3], [B, G, 3], [B, V], [B, M] -> [B, M, 64, 3]."""
        tokens = self.tokenizer(take(patches, visible)) if visible_only else take(self.tokenizer(patches), visible)
        seen = take(centres, visible)
        x = self.encoder.norm(self.encoder(tokens, seen))
        x = torch.cat([x, self.mask_token.expand(*masked.shape, -1)], 1)
        x = self.decoder(x, torch.cat([seen, take(centres, masked)], 1))
        return self.head(self.decoder.norm(x[:, -masked.shape[1]:])).view(*masked.shape, 64, 3)

    def features(self, patches, centres):
        """Outputs of the first three decoder blocks of an unmasked pass, each normalised: [B, G, 3 * width]."""
        layers = []
        self.decoder(self.encoder.norm(self.encoder(self.tokenizer(patches), centres)), centres, layers)
        return torch.cat([F.layer_norm(x, x.shape[-1:]) for x in layers[:3]], -1)

    def part(self, patches, centres, masks):
        """Algorithm 1 with these masks, then the features before and after."""
        current = patches.clone()
        for masked in masks:
            chosen = torch.zeros(patches.shape[1], dtype=torch.bool)
            chosen[masked[0]] = True
            visible = torch.nonzero(~chosen)[:, 0][None]
            current[0, masked[0]] = self(current, centres, visible, masked)[0]
        return self.features(patches, centres), self.features(current, centres)


def chamfer(a, b):
    """l2 Chamfer distance of patches [N, K, 3]."""
    d = a.pow(2).sum(-1)[:, :, None] + b.pow(2).sum(-1)[:, None] - 2 * a @ b.transpose(1, 2)
    return d.min(1).values.mean() + d.min(2).values.mean()


def loss(model, patches, centres, visible, masked, visible_only=False):
    predicted = model(patches, centres, visible, masked, visible_only)
    return chamfer(predicted.reshape(-1, 64, 3), take(patches, masked).reshape(-1, 64, 3))
