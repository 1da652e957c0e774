#!/usr/bin/env python3
"""film_variants.py OUT FILM...: copies of films of which every value must be the same.

Writes OUT/<film>~{plain,mirror,small,grey,turn}.png and the table OUT/variants.csv, whose column
turn_deg is the angle by which an image was turned anti-clockwise. Then:
    spine-pipeline OUT -o RESULTS && spine-eval RESULTS --retest --table OUT/variants.csv
Needs OpenCV for Python (Debian's python3-opencv).
"""
import csv
import pathlib
import sys

try:
    import cv2
    import numpy as np
except ImportError:
    sys.exit("film_variants.py: expected the Python modules cv2 and numpy, found none; "
             "apt-get install python3-opencv")

SMALLER = 0.77
GAMMA = 1.35
JPEG_QUALITY = 60
TURN_DEG = 3.0


def darker_jpeg(film):
    darker = np.uint8(255 * (film / 255.0) ** GAMMA)
    encoded = cv2.imencode(".jpg", darker, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)


def turned(film):
    height, width = film.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), TURN_DEG, 1)
    return cv2.warpAffine(film, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


VARIANTS = {
    "plain": lambda film: film,
    "mirror": lambda film: cv2.flip(film, 1),
    "small": lambda film: cv2.resize(film, None, fx=SMALLER, fy=SMALLER, interpolation=cv2.INTER_AREA),
    "grey": darker_jpeg,
    "turn": turned,
}


def main(out, films):
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "variants.csv", "w", newline="", encoding="utf-8") as table:
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(["study", "film", "turn_deg"])
        for path in films:
            film = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            if film is None:
                sys.exit(f"film_variants.py: {path}: expected an image that OpenCV reads, got another file")
            for name, change in VARIANTS.items():
                study = f"{path.stem}~{name}"
                if not cv2.imwrite(str(out / f"{study}.png"), change(film)):
                    sys.exit(f"film_variants.py: {out / study}.png: expected a writable folder")
                rows.writerow([study, path.stem, TURN_DEG if name == "turn" else 0])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]])
