#!/usr/bin/env python3
"""Pictures of the review page over simulated films, into data_samples/review_*.jpg.

  scripts/review_screenshots.py [--bin DIR] [--views LIST] [OUT]

  OUT           folder of the pictures (default: data_samples)
  --bin DIR     commands (default: build/release/bin)
  --views LIST  of list, correction, mosaic, report (default: all)

Needs Debian's chromium, chromium-driver, python3-selenium and python3-pil.
"""
import argparse
import io
import pathlib
import subprocess
import sys
import tempfile
import time

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "review" / "browser"))
from page import Browser, Server, wait_for  # noqa: E402


class Shots:
    """A results folder of simulated films and the page over it."""

    def __init__(self, programs, scratch, out):
        self.programs, self.scratch, self.out = programs, scratch, out
        self.films, self.results = scratch / "films", scratch / "out"
        self.run("spine-simulate", "-o", self.films, "--count", 16, "--seed", 3, "--height", 1800)
        self.run("spine-pipeline", self.films, "-o", self.results)
        self.server = Server(str(programs / "spine-review"), self.results, "--films", str(self.films))
        self.browser = Browser(size="1440,900")
        self.browser.open(self.server)
        time.sleep(2)  # films arrive

    def run(self, program, *arguments):
        subprocess.run([str(self.programs / program), *map(str, arguments)], check=True,
                       stdout=subprocess.DEVNULL)

    def close(self):
        self.browser.quit()
        self.server.stop()

    def store(self, name):
        file = self.out / f"review_{name}.jpg"
        picture = Image.open(io.BytesIO(self.browser.driver.get_screenshot_as_png()))
        picture.convert("RGB").save(file, quality=88, optimize=True)
        print(f"{file}: {file.stat().st_size // 1000} kB")

    def list(self):
        self.store("list")

    def correction(self):
        """An end of the endplate of S1 under way, with the loupe."""
        self.browser.press("jjj")
        time.sleep(2)
        handle = "S1 superior, anterior"
        self.browser.hold(handle, [(2, 3)] * 3)
        wait_for(lambda: self.browser.find("#loupe").is_displayed(), what="the loupe")
        time.sleep(0.5)
        self.store("correction")
        self.browser.drop()

    def mosaic(self):
        self.browser.click("#mosaic-button")
        time.sleep(3)
        self.store("mosaic")

    def report(self):
        """The report of a cohort is a file of its own, without the server."""
        page = self.scratch / "report.html"
        self.run("spine-review", self.results, "--html", page)
        self.browser.driver.get(page.as_uri())
        time.sleep(1)
        self.store("report")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", default=ROOT / "data_samples", type=pathlib.Path)
    parser.add_argument("--bin", default=ROOT / "build" / "release" / "bin", type=pathlib.Path)
    parser.add_argument("--views", default="list,correction,mosaic,report")
    options = parser.parse_args()
    views = options.views.split(",")
    if unknown := set(views) - {"list", "correction", "mosaic", "report"}:
        parser.error(f"unknown view {', '.join(sorted(unknown))}")
    options.out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spine-review-") as scratch:
        shots = Shots(options.bin.absolute(), pathlib.Path(scratch), options.out.resolve())
        try:
            for view in views:
                getattr(shots, view)()
        finally:
            shots.close()


if __name__ == "__main__":
    main()
