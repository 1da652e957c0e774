#!/usr/bin/env python3
"""Makes the checkpoints of this folder: tests/infer/checkpoints/make.py (needs PyTorch and NumPy)."""
import collections
import io
import os
import pathlib
import pickle
import zipfile

import numpy as np
import torch

folder = pathlib.Path(__file__).parent

base = torch.arange(12, dtype=torch.float32)
state = collections.OrderedDict(
    weight=base.reshape(3, 4),
    turned=base.reshape(3, 4).t(),       # of the same storage, other strides
    part=base[5:9],
    half=torch.tensor([0.5, -2.0], dtype=torch.float16),
    counter=torch.tensor(7),
    flags=torch.tensor([True, False]),
    empty=torch.zeros(0, 3),
)
torch.save(state, folder / "state.pth")
torch.save(torch.nn.Sequential(torch.nn.Linear(2, 1)).state_dict(), folder / "module.pth")
torch.save({"epoch": 3, "lr": 0.125, "big": 1 << 40, "less": -5, "none": None, "done": False,
            "history": [1, 2.5, "a"], "shape": (1, 2, 3, 4),
            "state_dict": {"module." + k: torch.nn.Parameter(v.float()) for k, v in state.items()}},
           folder / "nested.pth")
torch.save(state, folder / "legacy.pth", _use_new_zipfile_serialization=False)


class Harmful:
    def __reduce__(self):
        return os.system, ("touch spine-harmed",)


torch.save({"weight": base, "more": Harmful()}, folder / "harmful.pth")
torch.save(torch.nn.Linear(2, 1), folder / "whole_module.pth")
torch.save([base], folder / "list.pth")
torch.save({"weight": base, "name": "text"}, folder / "mixed.pth")

np.savez(folder / "arrays.npz", **{"embedding/kernel": np.arange(6, dtype=np.float32).reshape(1, 2, 3),
                                  "scalar": np.float64(2.5), "half": np.array([1, 2], np.float16),
                                  "index": np.array([[1], [2]], np.int64)})
np.savez_compressed(folder / "compressed.npz", a=np.ones((40, 40), np.float32))
np.savez(folder / "fortran.npz", a=np.asfortranarray(np.ones((2, 3), np.float32)))
np.savez(folder / "complex.npz", a=np.ones(2, np.complex64))


class Values:
    """Stands for a storage."""


class Claim:
    """A tensor that claims a part of the storage."""

    def __init__(self, offset, shape, strides):
        self.arguments = (Values(), offset, shape, strides, False, collections.OrderedDict())

    def __reduce__(self):
        return torch._utils._rebuild_tensor_v2, self.arguments


class ClaimPickler(pickle.Pickler):
    def persistent_id(self, thing):
        return ("storage", torch.FloatStorage, "0", "cpu", 4) if isinstance(thing, Values) else None


def claim(name, claims, values=4):
    text = io.BytesIO()
    ClaimPickler(text, 2).dump({f"weight{i}": c for i, c in enumerate(claims)})
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("claim/data.pkl", text.getvalue())
        archive.writestr("claim/data/0", np.arange(values, dtype=np.float32).tobytes())


# What lies beyond the four values that are there, or takes more memory than they do.
claim("honest.pth", [Claim(1, (3,), (1,))])
claim("offset.pth", [Claim(4, (1,), (1,))])
claim("strides.pth", [Claim(0, (2,), (1 << 62,))])
claim("standing.pth", [Claim(0, (1 << 40,), (0,))])
claim("overflow.pth", [Claim(0, (1 << 40, 1 << 40), (1, 1))])
claim("shared.pth", [Claim(0, (1000,), (1,)) for _ in range(100)], values=1000)
np.savez(folder / "long_header.npz", a=np.zeros(1, [("x" * 6000, np.float32)]))
