#!/usr/bin/env python3
"""Similarity of sets of lateral lumbar films.

    scripts/image_similarity.py REFERENCE_FOLDER FOLDER [FOLDER ...]

Each folder contains films (*.png). If corners are known (NAME.json beside the film, or
truth/NAME/landmarks.json, both with "vertebrae" as in spine-landmarks/1), the contrast of endplates is
measured too. Films are resized to 512 rows. Printed for each folder:

  grey       earth mover's distance of the mean grey-level histogram to the reference, in grey
             levels of 255 (and mean +- sd of the films' mean and standard deviation)
  slope      slope of the radial power spectrum, 4-100 cycles per film height (mean +- sd)
  endplate   brightness of endplates over the regions 0.2 endplate lengths to either side,
             relative to the film's 5-95 % range (mean +- sd over films)
  shape      distance between mean films' grey-level quantiles by height (10 bands), grey levels
  width      of an endplate's bright line at half maximum, % of its length
  disc       brightness of the discs over the bodies, relative to the film's range
  rim        brightness just inside a femoral head's circle over just outside, likewise
  noise      standard deviation of detail finer than 2 pixels of 512 rows, % of the film's range,
             median of tiles
  gas        fraction of the tiles anterior to the bodies that are dark and uneven, as bowel gas, %

From `width` on, mean +- sd over films, on separate lines.
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
    """Removes the borders, which contain labels and legends."""
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
    # radius r of a patch of `side` pixels is r * ROWS / side cycles per film height
    low, high = round(4 * side / ROWS) + 1, min(round(100 * side / ROWS), side // 2 - 1)
    k = np.arange(low, high)
    return np.polyfit(np.log(k), np.log(mean[low:high] + 1e-12), 1)[0]


def landmarks_of(path):
    for candidate in (path.with_suffix(".json"),
                      path.parent / "truth" / path.stem / "landmarks.json"):
        if candidate.exists():
            return json.loads(candidate.read_text())
    return None


def film_range(image):
    low, high = np.quantile(inner(image), [0.05, 0.95])
    return max(high - low, 1e-6)


def sample(image, points):
    points = np.asarray(points, np.float32)
    return cv2.remap(image.astype(np.float32), points[..., 0], points[..., 1], cv2.INTER_LINEAR)


def plates_of(landmarks, scale):
    """Endplates as (posterior, anterior, direction towards the neighbouring body)."""
    for vertebra in landmarks["vertebrae"].values():
        if vertebra is None:
            continue
        corners = {k: None if v is None else np.array(v, float) * scale
                   for k, v in vertebra.items() if k.endswith(("_post", "_ant"))}
        for plate, other in (("sup", "inf"), ("inf", "sup")):
            a, b = corners.get(f"{plate}_post"), corners.get(f"{plate}_ant")
            across = [corners.get(f"{other}_{end}") for end in ("post", "ant")]
            if a is None or b is None or any(c is None for c in across):
                continue
            normal = np.array([-(b - a)[1], (b - a)[0]]) / np.linalg.norm(b - a)
            if normal @ (a + b - across[0] - across[1]) < 0:
                normal = -normal
            yield a, b, normal


def endplates(image, scale, landmarks, span):
    """Contrast of the bright line, its width in % of the length, and disc over body."""
    smooth = cv2.GaussianBlur(image, (0, 0), 0.7)
    offsets = np.linspace(-0.25, 0.25, 41)
    near, far = np.abs(offsets) < 0.1, np.abs(offsets) > 0.18
    values = []
    for a, b, normal in plates_of(landmarks, scale):
        length = np.linalg.norm(b - a)
        along = a + np.linspace(0.2, 0.8, 25)[:, None] * (b - a)
        profile = sample(smooth, along[:, None, :] + offsets[None, :, None] * length * normal)
        # Each column of the endplate may deviate slightly from the line: use its brightest point.
        base = profile[:, far].mean(axis=1)
        contrast = np.median(profile[:, near].max(axis=1) - base)
        peaks = np.where(near, profile, -np.inf).argmax(axis=1)
        lined_up = np.mean([np.roll(row, 20 - peak) for row, peak in zip(profile, peaks)], axis=0)
        half = (lined_up[20] + lined_up[far].mean()) / 2
        width = np.count_nonzero(lined_up[10:31] > half) * (offsets[1] - offsets[0])
        disc = np.median(profile[:, offsets > 0.12]) - np.median(profile[:, offsets < -0.12])
        values.append((contrast / span, 100 * width, disc / span))
    return np.mean(values, axis=0) if values else None


def head_rim(image, scale, landmarks, span):
    smooth = cv2.GaussianBlur(image, (0, 0), 0.7)
    turn = np.radians(np.arange(0, 360, 4))
    rims = []
    for head in landmarks.get("femoral_heads") or []:
        if head is None:
            continue
        center = np.array(head["center"], float) * scale
        radius = np.array([head.get("radius_x", head.get("radius")),
                           head.get("radius_y", head.get("radius"))], float) * scale
        ring = lambda share: center + share * radius * np.stack([np.cos(turn), np.sin(turn)], -1)
        inside = ring(1.1)
        if inside.min() < 0 or (inside >= np.array(image.shape[::-1])).any():
            continue
        step = sample(smooth, ring(0.93)) - sample(smooth, ring(1.07))
        rims.append(np.mean(step) / span)
    return np.mean(rims) if rims else None


def tiles(image, side=24):
    return [image[y:y + side, x:x + side] for y in range(0, image.shape[0] - side + 1, side)
            for x in range(0, image.shape[1] - side + 1, side)]


def noise(image, span):
    residual = image - cv2.GaussianBlur(image, (0, 0), 1.0)
    return 100 * np.median([t.std() for t in tiles(inner(residual))]) / span


def gas(image, scale, landmarks, span):
    bodies = np.array([np.mean([p for k, p in v.items() if k.endswith(("_post", "_ant")) and p],
                               axis=0) * scale for v in landmarks["vertebrae"].values() if v])
    top, bottom = bodies[:, 1].min().astype(int), bodies[:, 1].max().astype(int)
    if landmarks.get("anterior", "left") == "left":
        front = image[top:bottom, :bodies[:, 0].min().astype(int)]
    else:
        front = image[top:bottom, bodies[:, 0].max().astype(int):]
    if min(front.shape) < 12:
        return None
    uneven = front - cv2.GaussianBlur(front, (0, 0), 12)
    return 100 * np.mean([t.mean() < -0.04 * span for t in tiles(uneven, 12)])


def describe(folder):
    films = sorted(p for p in pathlib.Path(folder).glob("*.png"))
    if not films:
        sys.exit(f"image_similarity: {folder}: expected films (*.png), found none")
    result = {"histogram": np.zeros(256), "means": [], "deviations": [], "slopes": [], "endplates": [],
              "bands": [], "width": [], "disc": [], "rim": [], "noise": [], "gas": []}
    for path in films:
        image, scale = load(path)
        part = inner(image)
        result["histogram"] += np.histogram(part, 256, (0, 1))[0] / part.size / len(films)
        result["means"].append(255 * part.mean())
        result["deviations"].append(255 * part.std())
        result["slopes"].append(spectrum_slope(part))
        bands = np.array_split(part, 10)
        result["bands"].append([255 * np.quantile(band, [0.25, 0.5, 0.75, 0.95]) for band in bands])
        span = film_range(image)
        result["noise"].append(noise(image, span))
        landmarks = landmarks_of(path)
        if not landmarks:
            continue
        seen = endplates(image, scale, landmarks, span)
        if seen is not None:
            for key, value in zip(("endplates", "width", "disc"), seen):
                result[key].append(value)
        for key, value in (("rim", head_rim(image, scale, landmarks, span)),
                           ("gas", gas(image, scale, landmarks, span))):
            if value is not None:
                result[key].append(value)
    return result


def line(name, description, reference):
    def mean_and_sd(values):
        return f"{np.mean(values):7.2f} +-{np.std(values):5.2f}" if values else "      -       "

    grey = np.abs(np.cumsum(description["histogram"] - reference["histogram"])).sum()
    shape = np.abs(np.mean(description["bands"], 0) - np.mean(reference["bands"], 0)).mean()
    print(f"{name:28.28s} {len(description['means']):4d}  grey {grey:5.1f}  "
          f"mean {mean_and_sd(description['means'])}  sd {mean_and_sd(description['deviations'])}  "
          f"slope {mean_and_sd(description['slopes'])}  endplate {mean_and_sd(description['endplates'])}  "
          f"shape {shape:5.1f}")
    print(" " * 34 + "  ".join(f"{key} {mean_and_sd(description[key])}"
                               for key in ("width", "disc", "rim", "noise", "gas")))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    reference = describe(sys.argv[1])
    line(sys.argv[1], reference, reference)
    for folder in sys.argv[2:]:
        line(folder, describe(folder), reference)


if __name__ == "__main__":
    main()
