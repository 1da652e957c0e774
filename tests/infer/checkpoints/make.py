#!/usr/bin/env python3
"""Makes the checkpoints of this folder: tests/infer/checkpoints/make.py (needs PyTorch and NumPy)."""
import collections
import os
import pathlib

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
