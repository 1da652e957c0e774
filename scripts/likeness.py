#!/usr/bin/env python3
"""How alike two sets of lateral lumbar films are.

    scripts/likeness.py REFERENCE_FOLDER FOLDER [FOLDER ...]

Each folder holds films (*.png). Where corners are known (NAME.json beside the film, or
truth/NAME/landmarks.json, both with "vertebrae" as in spine-landmarks/1) the contrast of endplates is
measured too. Films are resized to 512 rows. Printed for each folder:

  grey       earth mover's distance of the mean grey-level histogram to the reference, in grey
             levels of 255 (and mean +- sd of the films' own mean and spread)
  slope      slope of the radial power spectrum, 4-100 cycles a film height (mean +- sd)
  endplate   brightness of endplates over what lies 0.2 endplate lengths to either side,
             relative to the film's 5-95 % range (mean +- sd over films)
  shape      distance between mean films' grey-level quantiles by height (10 bands), grey levels
"""
import json
import pathlib
import sys

import cv2
import numpy as np

ROWS = 512


def load(path):
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    image = image.astype(np.float64) / (65535.0 if image.dtype == np.uint16 else 255.0)
    scale = ROWS / image.shape[0]
    return cv2.resize(image, (max(64, round(image.shape[1] * scale)), ROWS),
                      interpolation=cv2.INTER_AREA), scale


def inner(image):
    """Without the borders, where labels and legends stand."""
    h, w = image.shape
    return image[int(0.1 * h):int(0.97 * h), int(0.05 * w):int(0.92 * w)]


def spectrum_slope(image):
    side = min(image.shape)
    y, x = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    patch = image[y:y + side, x:x + side]
    window = np.outer(np.hanning(side), np.hanning(side))
    power = np.abs(np.fft.fftshift(np.fft.fft2((patch - patch.mean()) * window))) ** 2
    yy, xx = np.indices(power.shape) - side // 2
    radius = np.hypot(yy, xx).round().astype(int)
    mean = np.bincount(radius.ravel(), power.ravel()) / np.bincount(radius.ravel())
    # radius r of a patch of `side` pixels is r * ROWS / side cycles a film height
    low, high = round(4 * side / ROWS) + 1, min(round(100 * side / ROWS), side // 2 - 1)
    k = np.arange(low, high)
    return np.polyfit(np.log(k), np.log(mean[low:high] + 1e-12), 1)[0]


def landmarks_of(path):
    for candidate in (path.with_suffix(".json"),
                      path.parent / "truth" / path.stem / "landmarks.json"):
        if candidate.exists():
            return json.loads(candidate.read_text())
    return None


def endplate_contrast(image, scale, landmarks):
    smooth = cv2.GaussianBlur(image, (0, 0), 0.7)
    low, high = np.quantile(inner(image), [0.05, 0.95])
    contrasts = []
    for vertebra in landmarks["vertebrae"].values():
        if vertebra is None:
            continue
        for plate in ("sup", "inf"):
            ends = [vertebra.get(f"{plate}_post"), vertebra.get(f"{plate}_ant")]
            if None in ends:
                continue
            a, b = (np.array(e, float) * scale for e in ends)
            length = np.linalg.norm(b - a)
            normal = np.array([-(b - a)[1], (b - a)[0]]) / length
            along = a + np.linspace(0.2, 0.8, 25)[:, None] * (b - a)
            offsets = np.linspace(-0.25, 0.25, 41) * length
            points = (along[:, None, :] + offsets[None, :, None] * normal).astype(np.float32)
            profile = cv2.remap(smooth.astype(np.float32), points[..., 0], points[..., 1],
                                cv2.INTER_LINEAR)
            near = np.abs(offsets) < 0.1 * length
            far = np.abs(offsets) > 0.18 * length
            # Each column of the plate may stand a little off the line: its own brightest point.
            contrasts.append(np.median(profile[:, near].max(axis=1) - profile[:, far].mean(axis=1)))
    return np.mean(contrasts) / max(high - low, 1e-6) if contrasts else None


def describe(folder):
    films = sorted(p for p in pathlib.Path(folder).glob("*.png"))
    if not films:
        sys.exit(f"likeness: {folder}: expected films (*.png), found none")
    result = {"histogram": np.zeros(256), "means": [], "spreads": [], "slopes": [], "endplates": [],
              "bands": []}
    for path in films:
        image, scale = load(path)
        part = inner(image)
        result["histogram"] += np.histogram(part, 256, (0, 1))[0] / part.size / len(films)
        result["means"].append(255 * part.mean())
        result["spreads"].append(255 * part.std())
        result["slopes"].append(spectrum_slope(part))
        bands = np.array_split(part, 10)
        result["bands"].append([255 * np.quantile(band, [0.25, 0.5, 0.75, 0.95]) for band in bands])
        landmarks = landmarks_of(path)
        if landmarks:
            contrast = endplate_contrast(image, scale, landmarks)
            if contrast is not None:
                result["endplates"].append(contrast)
    return result


def line(name, description, reference):
    def spread(values):
        return f"{np.mean(values):7.2f} +-{np.std(values):5.2f}" if values else "      -       "

    grey = np.abs(np.cumsum(description["histogram"] - reference["histogram"])).sum()
    shape = np.abs(np.mean(description["bands"], 0) - np.mean(reference["bands"], 0)).mean()
    print(f"{name:28.28s} {len(description['means']):4d}  grey {grey:5.1f}  "
          f"mean {spread(description['means'])}  sd {spread(description['spreads'])}  "
          f"slope {spread(description['slopes'])}  endplate {spread(description['endplates'])}  "
          f"shape {shape:5.1f}")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    reference = describe(sys.argv[1])
    line(sys.argv[1], reference, reference)
    for folder in sys.argv[2:]:
        line(folder, describe(folder), reference)


if __name__ == "__main__":
    main()
