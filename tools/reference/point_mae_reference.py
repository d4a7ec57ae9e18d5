"""Reference values for the import of Point-MAE's checkpoint, from PyTorch in float64.

The modules are those of Point-MAE's models/Point_MAE.py (https://github.com/Pang-Yatian/Point-MAE), so that the state dict
has the published names and shapes. Values come from the formula of network_reference.py, by published name; nothing but
names, shapes and summaries is stored.

    python tools/reference/point_mae_reference.py
"""
import json

import numpy as np
import torch
import torch.nn as nn

from network_reference import ROOT, filled, inputs, summary

WIDTH, HEADS = 384, 6


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.first_conv = nn.Sequential(nn.Conv1d(3, 128, 1), nn.BatchNorm1d(128), nn.ReLU(inplace=True), nn.Conv1d(128, 256, 1))
        self.second_conv = nn.Sequential(nn.Conv1d(512, 512, 1), nn.BatchNorm1d(512), nn.ReLU(inplace=True), nn.Conv1d(512, WIDTH, 1))

    def forward(self, groups):
        b, g, n, _ = groups.shape
        feature = self.first_conv(groups.reshape(b * g, n, 3).transpose(2, 1))
        whole = torch.max(feature, dim=2, keepdim=True)[0]
        feature = self.second_conv(torch.cat([whole.expand(-1, -1, n), feature], dim=1))
        return torch.max(feature, dim=2)[0].reshape(b, g, WIDTH)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = (WIDTH // HEADS) ** -0.5
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        B, N, C = x.shape
        q, k, v = self.qkv(x).reshape(B, N, 3, HEADS, C // HEADS).permute(2, 0, 3, 1, 4)
        attention = ((q @ k.transpose(-2, -1)) * self.scale).softmax(dim=-1)
        return self.proj((attention @ v).transpose(1, 2).reshape(B, N, C))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2, self.mlp, self.attn = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH), Mlp(), Attention()

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class TransformerEncoder(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(depth)])

    def forward(self, x, pos):
        for block in self.blocks:
            x = block(x + pos)
        return x


class TransformerDecoder(TransformerEncoder):
    def __init__(self, depth):
        super().__init__(depth)
        self.norm = nn.LayerNorm(WIDTH)


class MaskTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.pos_embed = nn.Sequential(nn.Linear(3, 128), nn.GELU(), nn.Linear(128, WIDTH))
        self.blocks = TransformerEncoder(12)
        self.norm = nn.LayerNorm(WIDTH)


class Point_MAE(nn.Module):
    def __init__(self, group_size):
        super().__init__()
        self.MAE_encoder = MaskTransformer()
        self.mask_token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.decoder_pos_embed = nn.Sequential(nn.Linear(3, 128), nn.GELU(), nn.Linear(128, WIDTH))
        self.MAE_decoder = TransformerDecoder(4)
        self.increase_dim = nn.Sequential(nn.Conv1d(WIDTH, 3 * group_size, 1))

    def forward(self, neighborhood, center, visible, masked):
        take = lambda t, i: t.gather(1, i[..., None].expand(-1, -1, t.shape[-1]))
        tokens = self.MAE_encoder.encoder(neighborhood)
        seen, hidden = take(center, visible), take(center, masked)
        x = self.MAE_encoder.norm(self.MAE_encoder.blocks(take(tokens, visible), self.MAE_encoder.pos_embed(seen)))
        pos = torch.cat([self.decoder_pos_embed(seen), self.decoder_pos_embed(hidden)], dim=1)
        x = torch.cat([x, self.mask_token.expand(-1, masked.shape[1], -1)], dim=1)
        x = self.MAE_decoder.norm(self.MAE_decoder(x, pos)[:, -masked.shape[1]:])
        return self.increase_dim(x.transpose(1, 2)).transpose(1, 2).reshape(1, masked.shape[1], -1, 3)


def value(name, shape):
    u = filled(name, int(np.prod(shape))).reshape(shape)
    inputs_ = [n for n in shape[1:] if n != 1]
    if name != "mask_token" and inputs_:
        return u * np.float32(1.5 / np.sqrt(inputs_[0]))
    if name.endswith("running_var"):
        return np.float32(1) + np.float32(0.5) * u
    if name.endswith("weight"):  # of a norm
        return np.float32(1) + np.float32(0.25) * u
    return u * np.float32(0.1)


def main():
    torch.set_default_dtype(torch.float64)
    shapes = {k: list(v.shape) for k, v in Point_MAE(32).state_dict().items()}
    model = Point_MAE(64)
    model.load_state_dict({k: torch.tensor(value(k, tuple(v.shape)).astype(np.float64)) if v.ndim else v
                           for k, v in model.state_dict().items()})
    model.eval()
    with torch.no_grad():
        predicted = model(*inputs(1, 96))
    out = dict(tool="PyTorch, float64", versions=dict(torch=torch.__version__, numpy=np.__version__), shapes=shapes,
               patches=96, predicted=summary("predicted", predicted))
    (ROOT / "Tests/IMRNetTests/Fixtures/point_mae.json").write_text(json.dumps(out))


if __name__ == "__main__":
    main()
