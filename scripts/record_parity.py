#!/usr/bin/env python3
"""Records the output of the public PyTorch implementations, as a reference for our networks.

Weights and inputs are not stored: both sides derive them from the parameters' names (seeded()), so
that a recording contains only a configuration and logits. Requires PyTorch, NumPy and SciPy, and clones of

  github.com/Beckschen/TransUNet         --trans-unet DIR
  github.com/HuCaoFighting/Swin-Unet     --swin-unet DIR
  github.com/milesial/Pytorch-UNet       --unet DIR
  github.com/CompVis/taming-transformers --taming DIR

  scripts/record_parity.py --trans-unet DIR --swin-unet DIR --unet DIR --taming DIR -o tests/infer/parity
  scripts/record_parity.py ... -o FOLDER --full     # published sizes, with their state dictionaries

--full writes, for each network, NAME.pth and NAME.json for `spine-weights import`, and input and logits
in NAME.safetensors for `spine-weights verify --recorded`.
"""
import argparse
import importlib
import json
import pathlib
import struct
import sys
import types

import numpy as np
import torch


def hashed(name, count):
    """`count` numbers in [0, 1) from a name: FNV-1a, then SplitMix64 of each index."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        x = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24)


def seeded(name, shape):
    """A parameter that preserves signal scale: filters by their number of inputs, norms around one."""
    u = hashed(name, int(np.prod(shape))).reshape(shape)
    if len(shape) == 1:
        around_one = name.endswith("weight") or name.endswith("running_var")
        return u + np.float32(0.5) if around_one else (u - np.float32(0.5)) * np.float32(0.4)
    fan_in = int(np.prod(shape[1:]))
    return (u - np.float32(0.5)) * np.float32(np.sqrt(12.0 / fan_in))


def seed_network(network):
    state = {}
    for name, value in network.state_dict().items():
        known = name.endswith(("num_batches_tracked", "relative_position_index", "attn_mask"))
        state[name] = value if known else torch.from_numpy(seeded(name, tuple(value.shape)))
    network.load_state_dict(state)
    return network.eval()


def write_safetensors(file, tensors, metadata):
    header, blob = {"__metadata__": metadata}, b""
    for name, value in tensors.items():
        data = value.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape),
                        "data_offsets": [len(blob), len(blob) + len(data)]}
        blob += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(struct.pack("<Q", len(text)) + text + blob)


def module(name, **members):
    """A stub for modules that the public code imports but these networks hardly use."""
    made = types.ModuleType(name)
    made.__dict__.update(members)
    sys.modules[name] = made


def rearrange(x, pattern, **sizes):
    """The four patterns of einops.rearrange that the public code uses here."""
    pattern = "".join(pattern.split())
    if pattern == "bchw->bhwc":
        return x.permute(0, 2, 3, 1)
    if pattern == "bhwc->bchw":
        return x.permute(0, 3, 1, 2)
    if pattern == "nd->dn":
        return x.t()
    if pattern == "bhw(p1p2c)->b(hp1)(wp2)c":
        b, h, w, _ = x.shape
        p1, p2, c = sizes["p1"], sizes["p2"], sizes["c"]
        x = x.reshape(b, h, w, p1, p2, c).permute(0, 1, 3, 2, 4, 5)
        return x.reshape(b, h * p1, w * p2, c)
    raise NotImplementedError(pattern)


class DropPath(torch.nn.Module):
    """Identity: only used in evaluation mode."""

    def __init__(self, *_):
        super().__init__()

    def forward(self, x):
        return x


class Settings(dict):
    """ml_collections.ConfigDict: a dictionary whose keys are attributes too."""
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


def prepare_imports():
    module("einops", rearrange=rearrange)
    module("timm")
    module("timm.models")
    module("timm.models.layers", DropPath=DropPath, to_2tuple=lambda n: (n, n),
           trunc_normal_=torch.nn.init.trunc_normal_)
    module("ml_collections", ConfigDict=Settings)


def imported(folder, name):
    """Imports a module of a clone; unloads packages of previous clones."""
    for known in [k for k in sys.modules if k.split(".")[0] in ("networks", "unet", "taming")]:
        del sys.modules[known]
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


def trans_unet(folder, full):
    code = imported(folder, "networks.vit_seg_modeling")
    settings = code.CONFIGS["R50-ViT-B_16"]
    side = 256 if full else 64
    settings.n_classes = 8 if full else 3
    settings.n_skip = 3
    settings.patches.grid = (side // 16, side // 16)
    ours = {"architecture": "trans_unet", "input_size": side, "views": 3,
            "classes": settings.n_classes, "pen": {"enabled": False}}
    if not full:
        # The public ResNet's norms have 32 groups, its decoder starts with 512 channels.
        settings.hidden_size = 32
        settings.transformer.update(mlp_dim=64, num_heads=4, num_layers=2)
        settings.resnet.update(num_layers=(1, 1, 1), width_factor=0.5)
        settings.skip_channels = [256, 128, 32, 16]
        settings.decoder_channels = (16, 16, 8, 8)
        ours["resnet"] = {"width": 32, "blocks": [1, 1, 1], "groups": 32}
        ours["vit"] = {"hidden": 32, "mlp": 64, "blocks": 2, "heads": 4}
        ours["decoder"] = {"head": 512, "widths": [16, 16, 8, 8], "skips": [True, True, True, False]}
    return code.VisionTransformer(settings, img_size=side, num_classes=settings.n_classes), ours


def swin_unet(folder, full):
    code = imported(folder, "networks.swin_transformer_unet_skip_expand_decoder_sys")
    ours = {"architecture": "swin_unet", "input_size": 224 if full else 64, "views": 3,
            "classes": 8 if full else 3, "pen": {"enabled": False},
            "embed": 96 if full else 8, "depths": [2, 2, 2, 2],
            "heads": [3, 6, 12, 24] if full else [1, 2, 2, 4], "window": 7 if full else 4}
    network = code.SwinTransformerSys(
        img_size=ours["input_size"], num_classes=ours["classes"], embed_dim=ours["embed"],
        depths=ours["depths"], num_heads=ours["heads"], window_size=ours["window"])

    class SwinUnet(torch.nn.Module):  # checkpoints use the published wrapper's names
        def __init__(self):
            super().__init__()
            self.swin_unet = network

        def forward(self, x):
            return self.swin_unet(x)
    return SwinUnet(), ours


def unet(folder, full, bilinear):
    code = imported(folder, "unet.unet_model")
    ours = {"architecture": "unet", "input_size": 256 if full else 32, "views": 3,
            "classes": 8 if full else 3, "pen": {"enabled": False}, "width": 64,
            "bilinear": bilinear}
    if full:
        return code.UNet(3, ours["classes"], bilinear), ours
    # The public network's widths are hard-coded; the same layers, narrower.
    width, half = 4, 2 if bilinear else 1
    network = code.UNet(3, ours["classes"], bilinear)
    network.inc = code.DoubleConv(3, width)
    for i in range(4):
        below = (width << i) * 2 // (half if i == 3 else 1)
        setattr(network, f"down{i + 1}", code.Down(width << i, below))
        above = (width << (4 - i))
        setattr(network, f"up{i + 1}", code.Up(above, above // 2 // (half if i < 3 else 1), bilinear))
    network.outc = code.OutConv(width, ours["classes"])
    ours["width"] = width
    return network, ours


def vqgan(folder, full):
    parts = imported(folder, "taming.modules.diffusionmodules.model")
    quantiser = importlib.import_module("taming.modules.vqvae.quantize").VectorQuantizer2
    ours = {"architecture": "vqgan", "input_size": 256 if full else 32, "channels": 3,
            "width": 128 if full else 32, "multipliers": [1, 1, 2, 2, 4] if full else [1, 2, 2],
            "blocks": 2 if full else 1, "attention": [16] if full else [8],
            "latent": 256 if full else 16, "embed": 256 if full else 16,
            "codes": 1024 if full else 32}
    sizes = dict(double_z=False, z_channels=ours["latent"], resolution=ours["input_size"],
                 in_channels=3, out_ch=3, ch=ours["width"], ch_mult=ours["multipliers"],
                 num_res_blocks=ours["blocks"], attn_resolutions=ours["attention"], dropout=0.0)

    class VQModel(torch.nn.Module):  # the published model without its training
        def __init__(self):
            super().__init__()
            self.encoder = parts.Encoder(**sizes)
            self.decoder = parts.Decoder(**sizes)
            self.quantize = quantiser(ours["codes"], ours["embed"], beta=0.25)
            self.quant_conv = torch.nn.Conv2d(ours["latent"], ours["embed"], 1)
            self.post_quant_conv = torch.nn.Conv2d(ours["embed"], ours["latent"], 1)

        def forward(self, x):
            latent, _, _ = self.quantize(self.quant_conv(self.encoder(x)))
            return self.decoder(self.post_quant_conv(latent))
    return VQModel(), ours


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("trans-unet", "swin-unet", "unet", "taming"):
        parser.add_argument("--" + name, type=pathlib.Path, required=True, help="clone")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--full", action="store_true", help="published sizes")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    prepare_imports()
    networks = {
        "trans_unet": lambda: trans_unet(options.trans_unet, options.full),
        "swin_unet": lambda: swin_unet(options.swin_unet, options.full),
        "unet": lambda: unet(options.unet, options.full, bilinear=False),
        "unet_bilinear": lambda: unet(options.unet, options.full, bilinear=True),
        "vqgan": lambda: vqgan(options.taming, options.full),
    }
    for name, make in networks.items():
        network, ours = make()
        seed_network(network)
        side = ours["input_size"]
        image = 2 * torch.from_numpy(hashed("input", 3 * side * side)).reshape(1, 3, side, side) - 1
        with torch.no_grad():
            logits = network(image)
        tensors = {"input": image, "logits": logits} if options.full else {"logits": logits}
        write_safetensors(options.output / (name + ".safetensors"), tensors,
                          {"network": json.dumps(ours)})
        if options.full:
            torch.save(network.state_dict(), options.output / (name + ".pth"))
            (options.output / (name + ".json")).write_text(json.dumps(ours, indent=2) + "\n")
        print(f"{name}: logits {list(logits.shape)}, deviation {logits.std().item():.3g}")


if __name__ == "__main__":
    main()
