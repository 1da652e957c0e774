#!/usr/bin/env python3
"""Pastes simulated implants into real implant-free films, so that a restoration can be evaluated on
real films: the hidden pixels are known from the original film.

    scripts/paste_hardware.py FILMS TWINS OUT

FILMS  real films <name>.png, each with a rater's landmarks <name>.json
TWINS  folder of spine-simulate --implants twins
OUT    receives <name>-implant.png, <name>.png, truth/<name>-implant/implant_mask.png: as required by
       spine-eval --restoration

Bodies and S1 of the simulated patient are mapped onto the real ones by the least-squares similarity
of corners, mirrored if the patients face different ways. A pixel is brightened towards white by the
same fraction as in the simulated film. Requires python3-opencv.
"""
import glob
import json
import os
import sys

import cv2
import numpy as np

LEVELS = ["L1", "L2", "L3", "L4", "L5"]
CORNERS = ["sup_post", "sup_ant", "inf_post", "inf_ant"]


def corners(marks):
    """Points by name, from the landmarks of a rater or of a simulated patient."""
    points = {}
    for level in LEVELS:
        body = (marks.get("vertebrae") or {}).get(level) or {}
        points.update({(level, c): body[c] for c in CORNERS if body.get(c)})
    sacrum = marks.get("S1") or {}
    points.update({("S1", c): sacrum[c] for c in CORNERS[:2] if sacrum.get(c)})
    return points


def grey(file):
    picture = cv2.imread(file, cv2.IMREAD_UNCHANGED)
    if picture is None:
        sys.exit(f"paste_hardware.py: {file}: expected a picture")
    if picture.ndim > 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return picture


def read_json(file):
    with open(file) as text:
        return json.load(text)


def implanted_patients(twins):
    for folder in sorted(glob.glob(os.path.join(twins, "truth", "*-implant"))):
        mask = grey(os.path.join(folder, "implant_mask.png"))
        if (mask > 0).mean() > 0.005:
            yield os.path.basename(folder), mask > 0, read_json(os.path.join(folder, "landmarks.json"))


def similarity_of(source, target):
    """The 2 x 3 least-squares similarity that maps points onto others."""
    x, y = source[:, 0], source[:, 1]
    one, none = np.ones_like(x), np.zeros_like(x)
    rows = np.vstack([np.stack([x, -y, one, none], 1), np.stack([y, x, none, one], 1)])
    a, b, shift_x, shift_y = np.linalg.lstsq(rows, target.T.ravel(), rcond=None)[0]
    return np.array([[a, -b, shift_x], [b, a, shift_y]])


def paste(film, marks, twins, study, mask, patient):
    """The film with the patient's implants, and their mask."""
    implanted = grey(os.path.join(twins, study + ".png")).astype(np.float64)
    bare = grey(os.path.join(twins, study.removesuffix("-implant") + ".png")).astype(np.float64)
    white = np.percentile(implanted, 99.9)
    gain = np.clip((implanted - bare) / np.maximum(white - bare, 0.02 * white), 0, 1) * mask

    real, simulated = corners(marks), corners(patient)
    shared = sorted(set(real) & set(simulated))
    if len(shared) < 4:
        return None
    target = np.array([real[k] for k in shared])
    source = np.array([simulated[k] for k in shared])
    mirror = np.eye(3)
    if marks["anterior"] != patient["anterior"]:
        mirror = np.array([[-1, 0, mask.shape[1] - 1.0], [0, 1, 0], [0, 0, 1]])
        source = source @ mirror[:2, :2].T + mirror[:2, 2]
    similarity = similarity_of(source, target)
    warp = similarity @ mirror

    size = (film.shape[1], film.shape[0])
    # A film that is reduced is blurred first, to avoid aliasing of thin implants.
    blur = 0.5 * max(0.0, 1 / np.hypot(similarity[0, 0], similarity[1, 0]) - 1)
    soft = [gain, mask.astype(np.float64)]
    if blur > 0.1:
        soft = [cv2.GaussianBlur(picture, (0, 0), blur) for picture in soft]
    gain, where = (cv2.warpAffine(picture, warp, size) for picture in soft)
    where = where > 0.5
    top = float(np.percentile(film, 99.9))
    pasted = film + gain * np.maximum(top - film, 0)
    return np.clip(pasted, 0, np.iinfo(film.dtype).max).astype(film.dtype), where


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    films, twins, out = sys.argv[1:]
    patients = list(implanted_patients(twins))
    if not patients:
        sys.exit(f"paste_hardware.py: {twins}: no simulated patient with implants")
    for i, file in enumerate(sorted(glob.glob(os.path.join(films, "*.json")))):
        name = os.path.splitext(os.path.basename(file))[0]
        film = grey(os.path.join(films, name + ".png"))
        result = paste(film, read_json(file), twins, *patients[i % len(patients)])
        if result is None:
            print(f"{name}: excluded, too few corners are known", file=sys.stderr)
            continue
        pasted, where = result
        truth = os.path.join(out, "truth", name + "-implant")
        os.makedirs(truth, exist_ok=True)
        os.makedirs(os.path.join(out, "truth", name), exist_ok=True)
        cv2.imwrite(os.path.join(out, name + ".png"), film)
        cv2.imwrite(os.path.join(out, name + "-implant.png"), pasted)
        cv2.imwrite(os.path.join(truth, "implant_mask.png"), where.astype(np.uint8) * 255)


if __name__ == "__main__":
    main()
