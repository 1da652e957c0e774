#!/usr/bin/env python3
"""Speed of the review page, as a Markdown table: benchmark.py FOLDER_OF_PROGRAMS [WORK].

From the pointer to the value beside it; to the next film; start, list and filter of 10,000 studies. Not a
test: the bars depend on the machine. Films are kept in WORK for another run.
"""
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

WORK = pathlib.Path(sys.argv.pop(2)).resolve() if len(sys.argv) > 2 else None

from review_case import PROGRAMS, Browser, Server, run, wait_for  # noqa: E402

MOVES, NEXT, DIFFERENT, STUDIES = 100, 50, 10, 10_000

# Milliseconds from each pointer event over a held handle until the table shows another value.
WATCH_VALUES = """
window.waits = [];
let moved = null;
document.addEventListener('pointermove', () => { moved ??= performance.now(); }, true);
new MutationObserver(() => {
  if (moved === null) return;
  window.waits.push(performance.now() - moved);
  moved = null;
}).observe(document.querySelector('tr[data-name="SS"] td'), {childList: true, characterData: true, subtree: true});"""

# Milliseconds from a key until the first picture is drawn, and until the film's 16 bits are.
WATCH_FILMS = """
window.pictures = [];
const draw = CanvasRenderingContext2D.prototype.drawImage;
let pressed = null;
document.addEventListener('keydown', () => { pressed = performance.now(); window.pictures.push([null, null]); }, true);
CanvasRenderingContext2D.prototype.drawImage = function(source, ...rest) {
  if (pressed !== null && this.canvas.id === 'pixels') {
    const entry = window.pictures.at(-1), now = performance.now() - pressed;
    entry[0] ??= now;
    if (source instanceof HTMLCanvasElement) entry[1] ??= now;
  }
  return draw.call(this, source, ...rest);
};"""


class Table:
    """Markdown with a bar for each value."""

    def __init__(self):
        self.missed = 0
        print("| quantity | value | bar |\n|---|---|---|")

    def add(self, name, value, bar, unit):
        missed = value > bar
        self.missed += missed
        print(f"| {name} | {value:.0f} {unit} | {'**missed:** ' if missed else ''}≤ {bar} {unit} |", flush=True)


def films_of_full_size(folder):
    """Films of about 2,000 x 2,500 pixels of 16 bits; each of a few stands there under several names."""
    if (folder / "out" / "run.json").exists():
        return
    films = folder / "films"
    run("spine-simulate", "-o", films, "--count", DIFFERENT, "--height", 2500, "--seed", 50, "--threads", 2)
    for film in sorted(films.glob("*.png")):
        for copy in range(1, NEXT // DIFFERENT + 1):
            name = f"{film.stem}-{copy}"
            os.link(film, films / f"{name}.png")
            shutil.copytree(films / "truth" / film.stem, films / "truth" / name)
    run("spine-measure", films / "truth", "-o", folder / "out")


def peak_of(server):
    """Most memory of a server so far, MB."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def time_values(browser, table):
    browser.driver.execute_script(WATCH_VALUES)
    browser.hold("S1 superior, anterior", [])
    from selenium.webdriver import ActionChains
    for i in range(MOVES):
        count = len(browser.driver.execute_script("return window.waits"))
        ActionChains(browser.driver, duration=0).move_by_offset(0, 3 if i % 20 < 10 else -3).perform()
        wait_for(lambda: len(browser.driver.execute_script("return window.waits")) > count)
    browser.drop()
    waits = browser.driver.execute_script("return window.waits")[:MOVES]
    table.add(f"pointer to value, median of {len(waits)} moves", statistics.median(waits), 50, "ms")


def time_films(browser, table):
    browser.driver.execute_script(WATCH_FILMS)
    for i in range(NEXT):
        time.sleep(2)  # a reader looks at a film; the next three are prefetched
        browser.press("j")
        wait_for(lambda: (browser.driver.execute_script("return window.pictures.at(-1)") or [0, 0])[1])
    pictures = browser.driver.execute_script("return window.pictures")
    table.add(f"next film, first picture, median of {NEXT}", statistics.median(p[0] for p in pictures), 150, "ms")
    table.add(f"next film, full depth, median of {NEXT}", statistics.median(p[1] for p in pictures), 500, "ms")


def table_of_many(folder):
    """A results folder of 10,000 rows; the rows of one study under other names, every tenth reviewed."""
    out = folder / "many"
    if (out / "run.json").exists():
        return out
    source = folder / "out"
    header, row = (source / "measurements.csv").read_text().splitlines()[:2]
    study = row.split(",")[0]
    out.mkdir()
    lines = [header]
    names = ["review", "ok", "missing"]
    status = header.split(",").index("status")
    for i in range(STUDIES):
        cells = row.replace(study, f"study-{i:05d}").split(",")
        cells[status] = names[i % 3]
        lines.append(",".join(cells))
        target = out / f"study-{i:05d}"
        target.mkdir()
        for file in ("landmarks.json", "measurements.json"):
            (target / file).symlink_to(source / study / file)
    (out / "measurements.csv").write_text("\n".join(lines) + "\n")
    (out / "run.json").write_text("{}")
    return out


def review_some(server, browser, out):
    """One study is approved by the page; its history is copied to every tenth."""
    if len(list(out.glob("*/review.json"))) > 1:
        return
    browser.press(" ")
    file = wait_for(lambda: next(out.glob("*/review.json"), None))
    text = file.read_text()
    for i in range(0, STUDIES, 10):
        (out / f"study-{i:05d}" / "review.json").write_text(text.replace(file.parent.name, f"study-{i:05d}"))


def time_many(folder, table):
    out = table_of_many(folder)
    browser = Browser()
    try:
        server = Server(str(PROGRAMS / "spine-review"), out)
        browser.open(server)
        review_some(server, browser, out)
        server.stop()
        begin = time.monotonic()
        server = Server(str(PROGRAMS / "spine-review"), out)
        table.add(f"start with {STUDIES} studies", 1000 * (time.monotonic() - begin), 1000, "ms")
        browser.open(server)
        lists = [browser.driver.execute_async_script("""
            const done = arguments[0], begin = performance.now();
            fetch('/api/cohort').then((r) => r.json()).then(() => done(performance.now() - begin))""")
                 for _ in range(5)]
        table.add(f"list of {STUDIES} studies", statistics.median(lists), 300, "ms")
        filters = [browser.driver.execute_async_script("""
            const [word, done] = arguments, begin = performance.now(), search = document.querySelector('#search');
            search.value = word;
            search.dispatchEvent(new Event('input', {bubbles: true}));
            document.querySelector('#rows').getBoundingClientRect();
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)))""", word)
                   for word in ("7", "77", "study", "", "00042")]
        table.add(f"filter of {STUDIES} studies", statistics.median(filters), 200, "ms")
        table.add("memory of the server", peak_of(server), 300, "MB")
        server.stop()
    finally:
        browser.quit()


def main():
    with tempfile.TemporaryDirectory(prefix="spine-review-") as scratch:
        folder = WORK or pathlib.Path(scratch)
        folder.mkdir(exist_ok=True)
        films_of_full_size(folder)
        table = Table()
        server = Server(str(PROGRAMS / "spine-review"), folder / "out", "--films", str(folder / "films"))
        browser = Browser()
        try:
            browser.open(server)
            time_films(browser, table)
            time_values(browser, table)
            table.add("memory of the server, after these films", peak_of(server), 300, "MB")
        finally:
            browser.quit()
            server.stop()
        time_many(folder, table)
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
