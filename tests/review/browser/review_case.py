"""What the tests of the review page share: simulated films, a server, browsers."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    from page import CHROMIUM, DRIVER, ActionChains, Browser, Select, Server, wait_for  # noqa: F401
    MISSING = [program for program in (CHROMIUM, DRIVER) if not os.access(program, os.X_OK)]
except ImportError as error:
    ActionChains = Browser = Select = wait_for = None
    Server = object
    MISSING = [str(error)]

PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()


def run(program, *arguments):
    subprocess.run([str(PROGRAMS / program), *map(str, arguments)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def results_of_simulated_films(folder, count=3):
    """Films with the landmarks that were located in their true masks."""
    run("spine-simulate", "-o", folder / "films", "--count", count)
    run("spine-measure", folder / "films" / "truth", "-o", folder / "out")
    return folder / "out"


class ReviewCase(unittest.TestCase):
    count = 3  # of films

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="spine-review-"))
        cls.simulated = results_of_simulated_films(cls.folder, cls.count)
        cls.browsers = {}

    @classmethod
    def tearDownClass(cls):
        for browser in cls.browsers.values():
            browser.quit()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.results = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "out"
        shutil.copytree(self.simulated, self.results)
        self.films = self.folder / "films"
        self.server = None

    def tearDown(self):
        if self.server and self.server.process.poll() is None:
            self.server.stop()

    def page(self, *options, scale=1, drawn=True):
        """The page over this test's results, in a browser shared by tests."""
        self.server = Server(str(PROGRAMS / "spine-review"), self.results, "--films", str(self.films),
                             *options)
        if scale not in self.browsers:
            self.browsers[scale] = Browser(scale)
        browser = self.browsers[scale]
        browser.open(self.server, drawn)
        return browser


def main():
    if MISSING:
        print(f"{sys.argv[0]}: not run: {', '.join(MISSING)}", file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") else 77)
    unittest.main(verbosity=2)
