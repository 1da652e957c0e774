#!/usr/bin/env python3
"""Plots of agreement, from the tables of spine-eval, as vector graphics.

    scripts/plot_agreement.py TABLES [-o OUT] [--format svg|pdf|png] [--metrics PT,SS,PI,LL]
                              [--overlays PRED] [--title TEXT]
    scripts/plot_agreement.py --raters READINGS.csv -o OUT [--format ...] [--metrics ...] [--title ...]

TABLES is the folder of spine-eval -o. From errors.csv and risk_coverage.csv, if there is one:

  bland_altman   differences over means, with bias and limits of agreement, each with its 95 %
                 confidence interval (Bland & Altman 1986, 1999), and n
  scatter        prediction over truth, with the line of identity
  errors         box plots (Tukey 1977) and histograms of the errors
  risk_coverage  mean absolute error when the least certain films are excluded
  worst_METRIC   with --overlays PRED: overlays of the ten films with the largest errors

From READINGS.csv (case,rater,session,parameter,value), for every parameter:

  bland_altman_PARAMETER, scatter_PARAMETER   of every two raters (means of their sessions), and of
                                              every two sessions of a rater

Films all of which are named as spine-simulate names them are called simulated in the titles. Needs
matplotlib and scipy (scripts/install_dependencies.sh --plots).
"""
import argparse
import collections
import csv
import itertools
import pathlib
import re
import sys

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
    from scipy import stats
except ImportError as error:
    sys.exit(f"plot_agreement.py: {error}; install with scripts/install_dependencies.sh --plots")

SIMULATED = re.compile(r"sim-\d{6}(-implant)?")
POINTS, LINE, LIMIT, GREY = "#0072b2", "#d55e00", "#555555", "#bbbbbb"  # Okabe & Ito 2008
WORST = 10
PANEL = (4.6, 3.6)  # inches

matplotlib.rcParams.update(
    {
        "axes.grid": True,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "figure.constrained_layout.use": True,
        "font.size": 9,
        "grid.color": "#e6e6e6",
        "legend.frameon": False,
        "pdf.fonttype": 42,
        "svg.fonttype": "none",
        "svg.hashsalt": "spine",  # the same input gives the same file
        "axes.axisbelow": True,
    }
)

Pairs = collections.namedtuple("Pairs", "name unit first second x y cases")


def stop(message):
    sys.exit(f"plot_agreement.py: {message}")


def read_rows(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        stop(f"{path}: {error.strerror}")


def unit_name(unit):
    return "°" if unit == "deg" else unit


def in_unit(unit):
    return f" ({unit_name(unit)})" if unit else ""


def number(text):
    return float(text) if text else float("nan")


def read_errors(path, wanted):
    """Pairs of truth and prediction, one for each metric, in the order asked for."""
    by_metric = collections.defaultdict(list)
    for row in read_rows(path):
        try:
            truth, predicted = number(row["truth"]), number(row["predicted"])
        except (KeyError, ValueError) as error:
            stop(f"{path}: expected the errors.csv of spine-eval, found no number: {error}")
        by_metric[row["metric"]].append((row["study"], row["unit"], truth, predicted))
    pairs = []
    for name in wanted:
        rows = [row for row in by_metric.get(name, []) if np.isfinite(row[2:]).all()]
        if not rows:
            continue
        cases, units, truth, predicted = zip(*rows)
        pairs.append(Pairs(name, units[0], "truth", "prediction", np.array(truth), np.array(predicted), cases))
    return pairs


def read_raters(path, wanted):
    """Pairs of raters and of sessions, by parameter."""
    readings = collections.defaultdict(dict)  # (parameter, rater) -> {(case, session): value}
    for row in read_rows(path):
        try:
            if row["value"]:
                readings[row["parameter"], row["rater"]][row["case"], row["session"]] = float(row["value"])
        except (KeyError, ValueError) as error:
            stop(f"{path}: expected case,rater,session,parameter,value, found no number: {error}")
    by_parameter = collections.defaultdict(list)
    for parameter in dict.fromkeys(parameter for parameter, _ in readings):
        if wanted and parameter not in wanted:
            continue
        raters = {rater: values for (name, rater), values in readings.items() if name == parameter}
        means, sessions = {}, {}
        for rater, values in raters.items():
            of_case = collections.defaultdict(list)
            for (case, session), value in values.items():
                of_case[case].append(value)
                sessions.setdefault((rater, session), {})[case] = value
            means[rater] = {case: float(np.mean(of)) for case, of in of_case.items()}
        couples = [(a, b, means[a], means[b]) for a, b in itertools.combinations(means, 2)]
        couples += [
            (f"{a[0]}, session {a[1]}", f"{b[0]}, session {b[1]}", sessions[a], sessions[b])
            for a, b in itertools.combinations(sessions, 2)
            if a[0] == b[0]
        ]
        for first, second, one, other in couples:
            cases = [case for case in one if case in other]
            if cases:
                x, y = (np.array([of[case] for case in cases]) for of in (one, other))
                by_parameter[parameter].append(Pairs(parameter, "", first, second, x, y, cases))
    return by_parameter


def limits_of_agreement(differences):
    """Bias and limits, each as (value, half width of the 95 % interval); None below three values."""
    n = len(differences)
    if n < 3:
        return None
    sd, t, z = np.std(differences, ddof=1), stats.t.ppf(0.975, n - 1), stats.norm.ppf(0.975)
    bias, width = np.mean(differences), t * sd * np.sqrt(1 / n + z**2 / (2 * (n - 1)))
    return [(bias - z * sd, width), (bias, t * sd / np.sqrt(n)), (bias + z * sd, width)]


def points(axes, x, y):
    # Many points are drawn lighter, so that they show density.
    alpha = float(np.clip(25 / np.sqrt(len(x)) / 2, 0.25, 0.8))
    axes.scatter(x, y, s=13, color=POINTS, alpha=alpha, linewidths=0, zorder=3)


def draw_bland_altman(axes, pairs):
    differences, means = pairs.y - pairs.x, (pairs.x + pairs.y) / 2
    points(axes, means, differences)
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=1)
    limits = limits_of_agreement(differences)
    if limits:
        for (value, width), name, color in zip(limits, ("−1.96 SD", "bias", "+1.96 SD"), (LIMIT, LINE, LIMIT)):
            style = "-" if name == "bias" else "--"
            axes.axhspan(value - width, value + width, color=color, alpha=0.13, linewidth=0, zorder=1)
            axes.axhline(value, color=color, linestyle=style, linewidth=1.1, zorder=2)
            axes.annotate(
                f"{name}\n{value:.2f}\n[{value - width:.2f}, {value + width:.2f}]".replace("-", "−"),
                xy=(1.01, value), xycoords=("axes fraction", "data"), color=color, va="center",
                fontsize=7, annotation_clip=False,
            )
        spread(axes)
    axes.set_title(f"{pairs.name}, n = {len(differences)}")
    axes.set_xlabel(f"mean of {pairs.first} and {pairs.second}{in_unit(pairs.unit)}")
    axes.set_ylabel(f"{pairs.second} − {pairs.first}{in_unit(pairs.unit)}")


def spread(axes):
    """Moves the labels of the three lines apart where they would overlap."""
    low, high = axes.get_ylim()
    low, high = min(low, -high * 0.05), max(high, -low * 0.05)
    axes.set_ylim(low, high)
    least = 0.19 * (high - low)
    labels = sorted(axes.texts, key=lambda text: text.xy[1])
    at = [text.xy[1] for text in labels]
    middle = at[1]
    at = [min(at[0], middle - least), middle, max(at[2], middle + least)]
    for text, y in zip(labels, at):
        text.set_position((1.01, y))
        text.xyann = (1.01, y)


def draw_scatter(axes, pairs):
    points(axes, pairs.x, pairs.y)
    low, high = min(pairs.x.min(), pairs.y.min()), max(pairs.x.max(), pairs.y.max())
    margin = 0.04 * (high - low) or 1
    axes.plot([low - margin, high + margin], [low - margin, high + margin], color=LIMIT, linewidth=0.8, zorder=2)
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(low - margin, high + margin)
    axes.set_aspect("equal")
    title = f"{pairs.name}, n = {len(pairs.x)}"
    if len(pairs.x) > 3 and np.ptp(pairs.x) > 0 and np.ptp(pairs.y) > 0:
        title += f", r = {np.corrcoef(pairs.x, pairs.y)[0, 1]:.3f}"
    axes.set_title(title)
    axes.set_xlabel(f"{pairs.first}{in_unit(pairs.unit)}")
    axes.set_ylabel(f"{pairs.second}{in_unit(pairs.unit)}")


def grid_of(panels, draw, title):
    """One figure with a panel for each of `panels`."""
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(PANEL[0] * columns, PANEL[1] * rows), squeeze=False)
    for place, pairs in itertools.zip_longest(axes.flat, panels):
        if pairs is None:
            place.set_visible(False)
        else:
            draw(place, pairs)
    figure.suptitle(title)
    return figure


def errors_figure(panels, title):
    figure = plt.figure(figsize=(2.2 * PANEL[0], 1.9 * PANEL[1]))
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.2))
    axes = left.subplots()
    axes.boxplot([pairs.y - pairs.x for pairs in panels],
                 labels=[f"{pairs.name}\nn = {len(pairs.x)}" for pairs in panels],
                 medianprops={"color": LINE}, flierprops={"marker": ".", "markersize": 3, "markeredgecolor": POINTS})
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=1)
    units = {pairs.unit for pairs in panels}
    axes.set_ylabel(f"prediction − truth{in_unit(units.pop()) if len(units) == 1 else ''}")
    for place, pairs in zip(np.atleast_1d(right.subplots(len(panels), 1)), panels):
        place.hist(pairs.y - pairs.x, bins="fd" if len(pairs.x) > 20 else 8, color=POINTS)
        place.axvline(0, color=GREY, linewidth=0.8)
        place.set_ylabel("films")
        place.set_xlabel(f"{pairs.name}: prediction − truth{in_unit(pairs.unit)}", labelpad=1)
    figure.suptitle(title)
    return figure


def risk_coverage_figure(path, title):
    by_metric = collections.defaultdict(list)
    for row in read_rows(path):
        by_metric[row["metric"]].append(row)
    if not by_metric:
        return None
    figure, axes = plt.subplots(figsize=(1.3 * PANEL[0], 1.2 * PANEL[1]))
    colors = (POINTS, LINE, "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
    for (name, rows), color in zip(by_metric.items(), itertools.cycle(colors)):
        coverage = [100 * float(row["kept"]) for row in rows]
        axes.plot(coverage, [float(row["mae"]) for row in rows], "o-", color=color, markersize=4,
                  label=f"{name}, n = {rows[0]['films']}")
        axes.plot(coverage, [float(row["best"]) for row in rows], ":", color=color, linewidth=1)
    axes.plot([], [], ":", color=LIMIT, linewidth=1, label="largest errors excluded (bound)")
    axes.invert_xaxis()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("coverage: films kept, least certain excluded first (%)")
    axes.set_ylabel(f"mean absolute error{in_unit(next(iter(by_metric.values()))[0]['unit'])}")
    axes.legend()
    axes.set_title(title)
    return figure


def worst_figure(pairs, predictions, title):
    order = np.argsort(-np.abs(pairs.y - pairs.x), kind="stable")[:WORST]
    columns = min(5, len(order))
    rows = -(-len(order) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(2.2 * columns, 3.2 * rows), squeeze=False)
    for place in axes.flat:
        place.axis("off")
    for place, i in zip(axes.flat, order):
        unit = unit_name(pairs.unit)
        place.set_title(f"{pairs.cases[i]}\n{pairs.y[i]:.1f}{unit}, truth {pairs.x[i]:.1f}{unit}", fontsize=7)
        try:
            place.imshow(plt.imread(predictions / pairs.cases[i] / "overlay.png"))
        except (OSError, SyntaxError, ValueError):
            place.text(0.5, 0.5, "no overlay", ha="center", va="center", color=LIMIT)
    figure.suptitle(title)
    return figure


def file_name(text):
    return re.sub(r"[^\w-]", "_", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", metavar="TABLES", nargs="?", type=pathlib.Path)
    parser.add_argument("--raters", metavar="READINGS.csv", type=pathlib.Path)
    parser.add_argument("-o", "--output", metavar="OUT", type=pathlib.Path, help="folder (default: TABLES)")
    parser.add_argument("--format", choices=("svg", "pdf", "png"), default="svg")
    parser.add_argument("--metrics", help="names, separated by commas (default: PT,SS,PI,LL; of raters: all)")
    parser.add_argument("--overlays", metavar="PRED", type=pathlib.Path, help="folder of spine-pipeline")
    parser.add_argument("--title", help="in place of the titles")
    options = parser.parse_args()
    if (options.tables is None) == (options.raters is None):
        parser.error("expected TABLES or --raters READINGS.csv")
    output = options.output or options.tables
    if output is None:
        parser.error("--raters: expected -o OUT")
    if options.overlays and options.raters:
        parser.error("--overlays: expected TABLES, not --raters")
    output.mkdir(parents=True, exist_ok=True)
    wanted = options.metrics.split(",") if options.metrics else []

    def save(figure, name):
        path = output / f"{name}.{options.format}"
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(options.format)
        figure.savefig(path, dpi=150, metadata=metadata)
        plt.close(figure)
        print(path)

    def title(text, cases):
        films = "simulated films" if all(SIMULATED.fullmatch(case) for case in cases) else "films"
        return options.title or f"{text}, {films}"

    if options.raters:
        by_parameter = read_raters(options.raters, wanted)
        if not by_parameter:
            stop(f"{options.raters}: expected two raters or two sessions, found none")
        for parameter, panels in by_parameter.items():
            cases = [case for pairs in panels for case in pairs.cases]
            named = [pairs._replace(name=f"{pairs.first} – {pairs.second}") for pairs in panels]
            for name, draw in (("bland_altman", draw_bland_altman), ("scatter", draw_scatter)):
                save(grid_of(named, draw, title(f"{parameter}: agreement of raters", cases)),
                     f"{name}_{file_name(parameter)}")
        return
    panels = read_errors(options.tables / "errors.csv", wanted or ["PT", "SS", "PI", "LL"])
    if not panels:
        stop(f"{options.tables / 'errors.csv'}: expected completed measurements, found none")
    cases = [case for pairs in panels for case in pairs.cases]
    save(grid_of(panels, draw_bland_altman, title("Agreement of prediction and truth", cases)), "bland_altman")
    save(grid_of(panels, draw_scatter, title("Prediction and truth", cases)), "scatter")
    save(errors_figure(panels, title("Errors", cases)), "errors")
    coverage = options.tables / "risk_coverage.csv"
    figure = risk_coverage_figure(coverage, title("Risk and coverage", cases)) if coverage.exists() else None
    if figure:
        save(figure, "risk_coverage")
    if options.overlays:
        for pairs in panels:
            save(worst_figure(pairs, options.overlays, title(f"Largest errors of {pairs.name}", pairs.cases)),
                 f"worst_{file_name(pairs.name)}")


if __name__ == "__main__":
    main()
