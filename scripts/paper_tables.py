#!/usr/bin/env python3
"""Writes the paper's tables from the results of reproduce_tables.sh, beside the published figures.

    scripts/paper_tables.py COHORT OUT --command TEXT --budget TEXT

COHORT    as for reproduce_tables.sh
OUT       its output folder: results/<result>.tables are folders of spine-eval -o, runs/ the weights
--command the command line that made OUT
--budget  what every network saw

Prints Markdown. A cell whose result is missing is a dash. Dice: mean over the films of a structure, a
film without a prediction counting 0; "average" is the mean of the eight structures. Needs no package.
"""
import argparse
import csv
import functools
import hashlib
import pathlib
import statistics
import subprocess

STRUCTURES = ["L1", "L2", "L3", "L4", "L5", "S", "F1", "F2"]
PREPROCESSINGS = ["identity", "clahe", "equal_hist", "pen_5", "pen_6"]
NETWORKS = {"trans_unet": "TransUNet", "unet": "U-Net", "swin_unet": "Swin-Unet"}
METHODS = ["baseline", "standard"]
NONE = "–"

# The prototype's published figures, in the order of STRUCTURES, then the average.
PUBLISHED_1 = {
    "identity": ["0.89429", "0.93041", "0.94180", "0.94609", "0.94923", "0.92864", "0.90824", "0.92286", "0.92769"],
    "clahe": ["0.88973", "0.92189", "0.94007", "0.95478", "0.94729", "0.93371", "0.90760", "0.91874", "0.92673"],
    "equal_hist": ["0.88973", "0.92189", "0.94007", "0.95478", "0.94729", "0.93371", "0.90760", "0.91874", "0.92673"],
    "pen_6": ["0.89906", "0.92186", "0.93540", "0.95579", "0.94589", "0.93146", "0.91238", "0.92863", "0.92881"],
}
PUBLISHED_2 = [0.89, 0.92, 0.94, 0.95, 0.94, 0.93, 0.91, 0.92, 0.93]
PUBLISHED_3 = {"PT": "1.377 ± 2.876", "SS": "3.272 ± 2.750", "LL": "4.421 ± 3.752"}
PUBLISHED_4 = {
    "trans_unet": ["0.83 → 0.80", "0.79 → 0.88", "0.78 → 0.86", "0.75 → 0.87", "0.65 → 0.84",
                   "0.64 → 0.81", "0.86 → 0.85", "0.86 → 0.86", "0.77 → 0.85", "+10.39 %"],
    "unet": ["0.84 → 0.76", "0.73 → 0.75", "0.80 → 0.82", "0.81 → 0.81", "0.66 → 0.71",
             "0.62 → 0.65", "0.87 → 0.84", "0.85 → 0.82", "0.772 → 0.769", "−0.41 %"],
    "swin_unet": ["0.79 → 0.75", "0.66 → 0.58", "0.67 → 0.61", "0.66 → 0.70", "0.57 → 0.73",
                  "0.63 → 0.73", "0.83 → 0.79", "0.78 → 0.74", "0.698 → 0.702", "+0.54 %"],
}
PUBLISHED_READERS = {"PI": 0.979, "SS": 0.963, "LL": 0.979, "PI_LL": 0.979,
                     "segmental_L4_L5": 0.960, "disc_height_L4_L5_mean": 0.973}


@functools.cache
def rows_of(file):
    if not file.is_file():
        return []
    with open(file, newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text))


def folders(path):
    return sorted(p.name for p in path.iterdir() if p.is_dir()) if path.is_dir() else []


class Record:
    """The results of a run of reproduce_tables.sh."""

    def __init__(self, cohort, out):
        self.cohort, self.runs, self.results = cohort, out / "runs", out / "results"

    def dice(self, result, structure, column="dice"):
        """Mean Dice of a structure, or of all ("average"): 0 if no film has a prediction, None without results."""
        values = {}
        for row in rows_of(self.results / f"{result}.tables" / "dice.csv"):
            if row[column]:
                values.setdefault(row["structure"], []).append(float(row[column]))
        if not values:
            return 0.0 if (self.results / result).is_dir() else None
        means = {s: statistics.fmean(v) for s, v in values.items()}
        return statistics.fmean(means.values()) if structure == "average" else means.get(structure)

    def seeds(self, run):
        """The results on the test films of a run's seeds."""
        return sorted(f.name for f in self.results.glob(f"test_{run}_seed*") if f.suffix != ".tables")

    def lost(self, result, part):
        """Number of films of a part without a prediction."""
        return sum(not (self.results / result / s / "masks.tif").is_file() for s in folders(self.cohort / part))

    def error(self, result, metric):
        for row in rows_of(self.results / f"{result}.tables" / "summary.csv"):
            if row["metric"] == metric and row.get("MAE"):
                return f"{row['MAE']} ± {row['SD'] or NONE} ({row['completed']} of {row['of']})"
        return "none measured"


def cell(values, digits=4):
    """A number, or of several mean ± standard deviation."""
    values = [v for v in values if v is not None]
    if not values:
        return NONE
    text = f"{statistics.fmean(values):.{digits}f}"
    return text if len(values) == 1 else f"{text} ± {statistics.stdev(values):.{digits}f}"


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(c) for c in row) + " |")
    print()


def dice_rows(columns, published):
    """Rows of Dice: columns are functions of structure and column of dice.csv."""
    for i, s in enumerate(STRUCTURES + ["average"]):
        yield [s] + [c(s, "dice") if callable(c) else published[c][i] for c in columns]
    yield ["average, heads either way"] + [c("average", "dice_either_way") if callable(c) else "" for c in columns]


def table_1(record):
    print(f"## Table 1: Dice of TransUNet by preprocessing ({len(folders(record.cohort / 'test'))} films)\n")
    columns, head, lost = [], [""], ["films without a prediction (Dice 0)"]
    for p in PREPROCESSINGS:
        results = record.seeds(f"trans_unet_{p}")
        if not results:
            continue
        columns.append(lambda s, c, results=results: cell([record.dice(r, s, c) for r in results]))
        head.append(f"{p}, {len(results)} seeds" if len(results) > 1 else p)
        lost.append(sum(record.lost(r, "test") for r in results))
        if p in PUBLISHED_1:
            columns.append(p)
            head.append("published")
            lost.append("")
    table(head, [*dice_rows(columns, PUBLISHED_1), lost])


def table_2(record):
    print("## Table 2: Dice on implant-free films (TransUNet as published; the other networks beside it)\n")
    results = {name: f"test_{n}_pen_6_seed1" for n, name in NETWORKS.items()}
    results["TransUNet, random initial weights"] = "test_trans_unet_pen_6_random"
    results = {n: r for n, r in results.items() if (record.results / r).is_dir()}
    columns = [lambda s, c, r=r: cell([record.dice(r, s, c)]) for r in results.values()]
    lost = ["films without a prediction (Dice 0)"] + [record.lost(r, "test") for r in results.values()]
    table(["", *results, "published"],
          [*dice_rows([*columns, "published"], {"published": PUBLISHED_2}), [*lost, ""]])


def table_3(record):
    print("## Table 3: absolute error against the raters' means, degrees\n")
    columns = {"TransUNet, prototype's landmarks": "read_baseline", "TransUNet, robust fits": "read_fit",
               "default weights": "read_default", "default weights, prototype's landmarks": "read_default_baseline"}
    table(["", *columns, "published"],
          [[m, *(record.error(r, m) for r in columns.values()), PUBLISHED_3.get(m, "")]
           for m in ["PT", "SS", "PI", "LL"]])
    print("In brackets: films measured, of those read. The prototype rotates the sacrum by 20° before it takes the ends of\n"
          "its upper endplate, which suits slopes near 20° and not others. Its \"SS\" is the angle between the\n"
          "endplate's normal and the hip axis, which is PI: compare its error with PI.\n")


def change(before, after):
    return f"{100 * (after - before) / before:+.2f} %" if before and after is not None else NONE


def table_of_restoration(record, number, network):
    print(f"## Table {number}: Dice of {NETWORKS[network]} on films with implants, original → restored\n")
    head = ["", "twins without implants", "prototype's steps", "standard", "published"]

    def arrow(method, s):
        return cell([record.dice(f"implanted_{network}", s)]) + " → " + \
            cell([record.dice(f"restored_{method}_{network}", s)])
    rows = [[s, cell([record.dice(f"twins_{network}", s)]), *(arrow(m, s) for m in METHODS),
             PUBLISHED_4[network][i]] for i, s in enumerate(STRUCTURES + ["average"])]
    before = record.dice(f"implanted_{network}", "average")
    rows.append(["gain", "", *(change(before, record.dice(f"restored_{m}_{network}", "average")) for m in METHODS),
                 PUBLISHED_4[network][-1]])
    lost = [record.lost(f"{r}_{network}", "implanted") for r in ["implanted", "restored_baseline", "restored_standard"]]
    rows.append(["films without a prediction (Dice 0)", record.lost(f"twins_{network}", "twins"),
                 f"{lost[0]} → {lost[1]}", f"{lost[0]} → {lost[2]}", ""])
    table(head, rows)


def table_of_default_weights(record):
    print("## Films with implants, default weights (which saw implants), whole pipeline\n")
    columns = {"twins without implants": "default_twins", "`--restore never`": "default_never",
               "`--restore auto`": "default_auto"}
    table(["", *columns], [[s, *(cell([record.dice(r, s)]) for r in columns.values())]
                           for s in STRUCTURES + ["average"]])


def table_of_readers(record):
    print("## Raters\n")
    found = {}
    for row in rows_of(record.results / "raters" / "raters.csv"):
        found.setdefault(row["parameter"], row["r (95 % CI)"])
    table(["", "r of the first two raters", "published"],
          [[p, found.get(p, NONE), r] for p, r in PUBLISHED_READERS.items()])
    print("Published: \"segmental angle\" and \"disc height\" without a level, represented by L4–L5. The prototype calls\n"
          "PI \"SS\".\n")
    print((record.results / "raters" / "raters.md").read_text(encoding="utf-8").strip() + "\n")


def table_of_training(record):
    """Validation Dice of every run (moving average of weights), and what the last third of the budget added."""
    rows = []
    for curve in sorted(record.runs.glob("*/curves.csv")):
        found = [(int(r["step"]), float(r["seconds"]), float(r["dice"])) for r in rows_of(curve) if r.get("dice")]
        if not found:
            continue
        last, seconds = found[-1][0], found[-1][1]
        two_thirds = max((d for step, _, d in found if 3 * step <= 2 * last), default=None)
        step, _, best = max(found, key=lambda f: f[2])
        rows.append([curve.parent.name, last, f"{best:.4f} ({step})", cell([two_thirds]),
                     f"{best - two_thirds:+.4f}" if two_thirds is not None else NONE, f"{seconds / 60:.0f}"])
    if not rows:
        return
    print("## Training\n")
    table(["run", "steps", "best validation Dice (step)", "best in the first two thirds", "added by the last third", "minutes"],
          rows)


def table_of_weights(record):
    def sha256(file):
        return hashlib.sha256(file.read_bytes()).hexdigest()
    print("## Weights\n")
    rows = [[f.parent.name, sha256(f)] for f in sorted(record.runs.glob("*/best.safetensors"))]
    rows += [[f"{f.stem} (shipped)", sha256(f)] for f in sorted(pathlib.Path("weights").glob("*.safetensors"))]
    table(["weights", "SHA-256"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--command", required=True)
    parser.add_argument("--budget", required=True)
    options = parser.parse_args()
    record = Record(options.cohort, options.out)

    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print("# The paper's tables\n")
    origin = options.cohort / "ORIGIN"
    if origin.is_file():
        print(f"Films: {origin.read_text(encoding='utf-8').strip()}.\n")
    print(f"Made by `{options.command}` at commit {commit.stdout.strip() or 'unknown'}: {options.budget}. Published: the\n"
          "prototype's figures, of other films. commands.txt beside this file holds every command.\n")
    if len(list(record.results.glob("test_trans_unet_*_seed1"))) > 1:
        table_1(record)
    table_2(record)
    if (record.results / "read_fit.tables").is_dir():
        table_3(record)
    if (record.results / "implanted_trans_unet").is_dir():
        for number, network in enumerate(NETWORKS, 4):
            if (record.results / f"implanted_{network}").is_dir():
                table_of_restoration(record, number, network)
        table_of_default_weights(record)
    if (record.results / "raters" / "raters.md").is_file():
        table_of_readers(record)
    table_of_training(record)
    table_of_weights(record)


if __name__ == "__main__":
    main()
