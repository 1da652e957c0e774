"""What tests of the review page share: simulated films, a server a test, browsers kept open."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from page import CHROMIUM, DRIVER, Browser, Server


def run(program, *arguments):
    subprocess.run([str(program), *map(str, arguments)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class PageTest(unittest.TestCase):
    """Over films with the landmarks that were located in their true masks."""
    programs = None  # folder
    films = 3

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="spine-review-"))
        run(cls.programs / "spine-simulate", "-o", cls.folder / "films", "--count", cls.films)
        run(cls.programs / "spine-measure", cls.folder / "films" / "truth", "-o", cls.folder / "out")
        cls.browsers = {}

    @classmethod
    def tearDownClass(cls):
        for browser in cls.browsers.values():
            browser.quit()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.results = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "out"
        shutil.copytree(self.folder / "out", self.results)
        self.server = None

    def tearDown(self):
        if self.server and self.server.process.poll() is None:
            self.server.stop()

    def page(self, *options, scale=1):
        """The page over this test's results, in a browser shared by tests."""
        self.server = Server(str(self.programs / "spine-review"), self.results,
                             "--films", str(self.folder / "films"), *options)
        if scale not in self.browsers:
            self.browsers[scale] = Browser(scale)
        browser = self.browsers[scale]
        browser.open(self.server)
        return browser


def start():
    """Runs the tests of the script with the programs of the folder that is its argument."""
    missing = [program for program in (CHROMIUM, DRIVER) if not os.access(program, os.X_OK)]
    if missing:
        print(f"not run: {', '.join(missing)}", file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") else 77)
    PageTest.programs = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
