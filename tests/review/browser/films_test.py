#!/usr/bin/env python3
"""Tests of films that are measured while the review page is open: films_test.py FOLDER_OF_PROGRAMS.

Skipped as browser_test.py is.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from review_case import PROGRAMS, Browser, Server, main, run, wait_for

SECONDS = 120  # that a busy machine may take for a small film


class MeasuringServer(Server):
    """spine-review that measures films."""

    def __init__(self, results, *options):
        self.results = pathlib.Path(results)
        self.process = subprocess.Popen(
            [str(PROGRAMS / "spine-review"), "-o", str(results), "--reader", "AB", *map(str, options)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"})
        self.address = self.process.stdout.readline().strip()
        self.origin = self.address.split("/?")[0]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.messages = self.process.stderr.read()
        self.process.stderr.close()


class Films(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="spine-review-"))
        run("spine-simulate", "-o", cls.folder / "films", "--count", 3, "--height", 500)
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        self.server = None

    def tearDown(self):
        if self.server and self.server.process.poll() is None:
            self.server.stop()

    def open(self, *options):
        self.server = MeasuringServer(self.work / "out", *options)
        self.browser.server = self.server
        self.browser.driver.get(self.server.address)
        return self.browser

    def film(self, number, name):
        """A copy of a simulated film under another name."""
        copy = self.work / name
        shutil.copy(self.folder / "films" / f"sim-{number:06}.png", copy)
        return copy

    def fake(self, *lines):
        """A program in place of spine-pipeline."""
        program = self.work / "spine-pipeline"
        program.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
        program.chmod(0o755)
        return program

    def names(self):
        return self.texts(".row .name")

    def texts(self, selector):
        """At one time, as rows are drawn anew."""
        return self.browser.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector)

    def shows(self, *names):
        wait_for(lambda: len(self.names()) == len(names), SECONDS, f"rows for {names}")
        self.assertEqual(sorted(self.names()), sorted(names))

    def test_films_are_measured_and_dropped(self):
        films = self.work / "films"
        films.mkdir()
        self.film(1, "films/one.png")
        self.film(2, "films/two.png")
        browser = self.open("--films", films)
        wait_for(lambda: browser.find("#measuring").is_displayed() or self.names(), what="progress")
        self.assertTrue(browser.find("#empty").is_displayed() or self.names())
        self.shows("one", "two")
        wait_for(browser.handles, what="the first study is open")
        wait_for(lambda: not browser.find("#measuring").is_displayed(), SECONDS, "the end of the run")

        study = browser.study()
        browser.hold("L3 body", [(3, 1)] * 3)
        browser.drop()
        browser.saved(1)
        browser.requested()
        text = self.work / "DOEJANE.png"
        text.write_text("no film")
        browser.find("#film-files").send_keys(f"{self.film(3, 'DOE-JOHN.png')}\n{text}")
        self.shows("one", "two", "film_0001 · DOE-JOHN.png", "film_0002 · DOEJANE.png")
        wait_for(lambda: not browser.find("#measuring").is_displayed(), SECONDS, "the end of the run")
        self.assertEqual(browser.study(), study)
        self.assertEqual(len(browser.events()), 1)
        # A wrong file is a row with its reason.
        row = next(row for row in self.texts(".row") if "film_0002" in row)
        self.assertIn("expected PNG, JPEG, TIFF or DICOM", row)
        # The film is found where it was kept, and its name nowhere.
        for row in browser.driver.find_elements("css selector", ".row"):
            if "film_0001" in row.text:
                row.click()
                break
        wait_for(lambda: browser.study() == "film_0001" and browser.handles())
        wait_for(lambda: browser.driver.execute_script(
            "return performance.getEntriesByType('resource').filter(e => /film\\?/.test(e.name)).length") >= 1)
        self.assertEqual(browser.find("#film-note").text, "")
        for url in browser.requested():
            self.assertNotIn("DOE", url)
        self.assertEqual(browser.problems(), [])
        self.server.stop()
        for file in (self.work / "out").rglob("*"):
            self.assertNotIn("DOE", file.name)
            if file.is_file():
                self.assertNotIn(b"DOE", file.read_bytes(), file)
        self.assertEqual(self.server.messages, "")

        # Next time nothing is left to be measured, and the dropped film is still found.
        browser = self.open("--films", films, "--pipeline-program", self.fake("echo run >>" + str(self.work / "ran")))
        wait_for(lambda: len(self.names()) == 4)
        wait_for(lambda: not browser.find("#measuring").is_displayed())
        self.assertFalse((self.work / "ran").exists())

    def test_many_files_are_dropped_at_once(self):
        # Each run finishes the films of its manifest at once, without results.
        program = self.fake(
            'for word; do [ "$previous" = --manifest ] && list=$word; previous=$word; done',
            'tail -n +2 "$list" | cut -d, -f1 | while read -r id; do',
            '  echo \'{"event": "study", "study": "\'$id\'", "status": "unreadable", "error": "cut off"}\' >&3', "done")
        browser = self.open("--pipeline-program", program)
        wait_for(lambda: browser.find("#intake").is_displayed())
        self.assertTrue(browser.find("#empty").is_displayed())
        browser.driver.execute_script("""
            document.querySelector('#film-files').addEventListener('click', (event) => {
              event.preventDefault();
              window.chosen = (window.chosen ?? 0) + 1;
            })""")
        browser.click("#empty-add")
        browser.click("#add-films")
        self.assertEqual(browser.driver.execute_script("return window.chosen"), 2)
        browser.driver.execute_script("""
            const transfer = new DataTransfer();
            for (let i = 0; i < 40; i++) transfer.items.add(new File([`film ${i}`], `film ${i}.png`));
            transfer.items.add(new File([], 'empty.png'));
            const send = (type) => document.body.dispatchEvent(new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true}));
            send('dragenter');
            window.dropping = !document.querySelector('#drop-here').hidden;
            send('drop');""")
        self.assertTrue(browser.driver.execute_script("return window.dropping"))
        wait_for(lambda: len(browser.api("/api/cohort")["studies"]) == 40, 30, "40 studies")
        wait_for(lambda: browser.find("#films-bar").is_displayed(), what="the file that was not taken")
        self.assertIn("empty.png", browser.find("#films-text").text)
        self.assertFalse(browser.find("#drop-here").is_displayed())
        browser.click("#films-close")
        self.assertFalse(browser.find("#films-bar").is_displayed())
        kept = sorted(p.name for p in (self.work / "out" / "films").iterdir() if not p.name.startswith("."))
        self.assertEqual(kept, [f"film_{i + 1:04}" for i in range(40)])

    def test_a_failed_run_is_told_and_the_page_goes_on(self):
        program = self.fake('echo "spine-pipeline: weights: expected a manifest, found none" >&2', "exit 1")
        browser = self.open("--films", self.folder / "films", "--pipeline-program", program)
        wait_for(lambda: browser.find("#films-bar").is_displayed(), what="the bar that tells of the failure")
        told = browser.find("#films-text").text
        self.assertIn("exit code 1", told)
        self.assertIn("expected a manifest", told)
        browser.click("#films-close")
        browser.click("#help-button")
        self.assertTrue(browser.find("#help").is_displayed())
        browser.press("\ue00c")
        # A film that is dropped is another try.
        browser.find("#film-files").send_keys(str(self.film(1, "x.png")))
        wait_for(lambda: browser.find("#films-bar").is_displayed(), what="the bar again")
        browser.driver.execute_script("window.onbeforeunload = null")
        self.server.stop()
        self.assertIn("exit code 1", self.server.messages)

    def test_a_blind_reading_takes_no_films(self):
        browser = self.open("--blind", "--films", self.folder / "films", "--pipeline-program",
                            self.fake("echo secret >&2", "exit 1"))
        wait_for(lambda: browser.find("#films-bar").is_displayed(), what="the bar that tells of the failure")
        self.assertFalse(browser.find("#intake").is_displayed())
        self.assertNotIn("secret", browser.find("#films-text").text)


if __name__ == "__main__":
    main()
