#!/usr/bin/env python3
"""Compares the masks of `spine-seg --plain` with those of the public TransUNet code at equal weights.

A film is reduced to the network's square, the public R50-ViT-B/16 with seeded weights (as in
record_parity.py) predicts eight masks, its checkpoint is converted by `spine-weights import`, and
spine-seg predicts them again. Exit status 1 if more than one pixel in 100,000 differs. Requires
PyTorch, NumPy, OpenCV and a clone of github.com/Beckschen/TransUNet.

  scripts/check_published_masks.py FILM --trans-unet DIR [--bin build/release/bin] [-o FOLDER]
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import cv2
import numpy as np
import torch

import record_parity


def square_of(film, side):
    """The network's input: darkest and brightest percent clipped to black and white, square."""
    grey = cv2.imread(str(film), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        sys.exit(f"check_published_masks.py: {film}: no picture")
    small = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    low, high = np.percentile(small, [1, 99])
    return np.clip(255 * (small - low) / (high - low), 0, 255).round().astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("film", type=pathlib.Path)
    parser.add_argument("--trans-unet", type=pathlib.Path, required=True, help="clone")
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("-o", "--output", type=pathlib.Path, help="folder for intermediate files")
    options = parser.parse_args()
    folder = options.output or pathlib.Path(tempfile.mkdtemp())
    (folder / "films").mkdir(parents=True, exist_ok=True)

    record_parity.prepare_imports()
    network, ours = record_parity.trans_unet(options.trans_unet, full=True)
    record_parity.seed_network(network)
    side = ours["input_size"]
    film = square_of(options.film, side)
    cv2.imwrite(str(folder / "films" / "film.png"), film)
    torch.save(network.state_dict(), folder / "published.pth")
    planes = torch.from_numpy(film.astype(np.float32) / 255).expand(1, 3, side, side)
    with torch.no_grad():
        published = (torch.sigmoid(network(planes))[0] >= 0.5).numpy()
    del network

    def run(*command):
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)

    run(options.bin / "spine-weights", "import", "--force", folder / "published.pth", "-o",
        folder / "ours.safetensors", "--views", "original", "--input-size", side)
    run(options.bin / "spine-seg", folder / "films", "-o", folder / "masks", "--weights",
        folder / "ours.safetensors", "--plain", "--force", "-q")
    _, pages = cv2.imreadmulti(str(folder / "masks" / "film" / "masks.tif"), flags=cv2.IMREAD_UNCHANGED)
    drawn = np.stack(pages) > 0

    worst = 0.0
    for name, a, b in zip("L1 L2 L3 L4 L5 S F1 F2".split(), published, drawn):
        differ = float((a != b).mean())
        worst = max(worst, differ)
        print(f"{name}: {100 * a.mean():.1f} % of the film inside, {int((a != b).sum())} pixels differ")
    sys.exit(worst > 1e-5)


if __name__ == "__main__":
    main()
