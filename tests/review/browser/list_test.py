#!/usr/bin/env python3
"""Tests of the list's thumbnails, the mosaic and the texts: list_test.py FOLDER_OF_PROGRAMS.

Without Chromium, its driver or Selenium they are skipped (exit status 77), unless CI is set.
"""
import math
import os

from page_case import ESCAPE, PageCase
from review_case import main, wait_for


class Lists(PageCase):
    # ---- thumbnails

    def many(self, count):
        """A results folder with this many studies, which are all the same."""
        study = self.studies()[0]
        table = self.results / "measurements.csv"
        header, row = table.read_text().splitlines()[:2]
        rest = row[row.index(","):]
        names = [f"n{i:05}" for i in range(count)]
        table.write_text("\n".join([header, *(name + rest for name in names)]) + "\n")
        for name in names:
            os.symlink(self.results / study, self.results / name)
        for record in ("measurements.json", "landmarks.json"):
            text = (self.results / study / record).read_text().replace(f'"{study}"', f'"{names[0]}"')
            (self.results / study / record).write_text(text)

    def asked(self, browser):
        return [int(u.split("/studies/")[1].split("/")[0]) for u in browser.requested() if u.endswith("/thumbnail")]

    def test_thumbnails_are_asked_for_rows_in_sight_alone_and_a_long_list_stays_fluent(self):
        self.many(10000)
        browser = self.page()
        browser.requested()
        browser.press("t")
        shown = lambda: browser.driver.find_elements("css selector", ".row .thumbnail img")
        wait_for(lambda: len(shown()) >= 5, what="thumbnails")
        in_sight = math.ceil(browser.find("#rows").size["height"] / 92) + 1
        first = self.asked(browser)
        self.assertLessEqual(len(first), in_sight)
        self.assertLess(max(first), in_sight)
        frame = browser.driver.execute_async_script("""
            const done = arguments[0], rows = document.querySelector('#rows'), times = [];
            let last = performance.now(), n = 0;
            const step = () => {
              const now = performance.now();
              times.push(now - last);
              last = now;
              rows.scrollTop += 7000;
              if (++n < 90) requestAnimationFrame(step); else done(times.sort((a, b) => a - b)[45]);
            };
            requestAnimationFrame(step);""")
        self.assertLess(frame, 50)  # milliseconds, median
        wait_for(lambda: len(shown()) >= 5, what="thumbnails at the other end")
        later = self.asked(browser)
        self.assertLessEqual(len(later), 2 * in_sight)
        self.assertGreater(min(later), 1000)
        browser.press("t")
        self.assertEqual(shown(), [])

    def test_few_requests_run_at_a_time_and_those_out_of_sight_are_dropped(self):
        browser = self.page()
        most, aborted, loaded = browser.driver.execute_async_script("""
            const done = arguments[0];
            import('/thumbnails.js').then(({Thumbnails}) => {
              const real = window.fetch, thumbs = new Thumbnails(), loaded = [];
              let running = 0, most = 0, aborted = 0;
              thumbs.onready = (position) => loaded.push(position);
              window.fetch = (path, {signal}) => new Promise((ok, fail) => {
                most = Math.max(most, ++running);
                const timer = setTimeout(() => { --running; ok(new Response(new Blob(['x']))); }, 40);
                signal.addEventListener('abort', () => { clearTimeout(timer); --running; ++aborted; fail(signal.reason); });
              });
              thumbs.want([0, 1, 2, 3, 4, 5, 6, 7]);
              setTimeout(() => thumbs.want([20, 21, 22]), 10);
              setTimeout(() => { window.fetch = real; done([most, aborted, loaded]); }, 500);
            })""")
        self.assertEqual((most, aborted), (4, 4))
        self.assertEqual(sorted(loaded), [20, 21, 22])

    def test_blind_readings_have_neither_thumbnails_nor_a_mosaic(self):
        browser = self.page("--blind", drawn=False)
        self.assertFalse(browser.find("#thumbnails").is_displayed())
        self.assertFalse(browser.find("#mosaic-button").is_displayed())
        browser.requested()
        browser.press("t")
        browser.press("m")
        self.assertFalse(browser.find("#mosaic").is_displayed())
        self.assertEqual([u for u in browser.requested() if "thumbnail" in u or "overlay" in u], [])

    # ---- the mosaic

    def tiles(self, browser):
        return browser.driver.execute_script(
            "return [...document.querySelectorAll('.tile')].map((node) => node.dataset.study)")

    def mosaic(self, browser):
        browser.press("m")
        self.settled(browser)

    def settled(self, browser):
        wait_for(lambda: self.tiles(browser) and not browser.driver.find_elements("css selector", ".tile.loading"),
                 what="all tiles")

    def test_the_mosaic_approves_what_was_shown_and_nothing_else(self):
        studies = self.studies()
        (self.results / studies[2] / "overlay.png").unlink()
        (self.results / studies[3] / "overlay.png").write_bytes(b"no picture")
        browser = self.page()
        browser.hold("S1 superior, anterior", [(1, 1)] * 3)  # edited: not in the mosaic
        browser.drop()
        browser.saved(1)
        self.mosaic(browser)
        order = [s["study"] for s in browser.api("/api/cohort")["studies"] if s["status"] == "ok"]
        shown = self.tiles(browser)
        self.assertEqual(shown, order[1:13])
        left_out = next(s for s in shown if s not in (studies[2], studies[3]))
        browser.click(f'[data-study="{left_out}"] .frame')
        state = browser.api(f"/api/studies/{order.index(left_out)}")
        for value, text in zip(("PT", "SS", "PI", "LL"), browser.find(f'[data-study="{left_out}"] .tile-values').text.split()[1::2]):
            self.assertEqual(text, f"{state['values']['measurements'][value]['value']:.0f}°")
        never = {left_out, studies[2], studies[3]}
        expected = [s for s in shown if s not in never]
        self.assertIn(str(len(expected)), browser.find("#mosaic-approve").text)
        browser.press("a")
        wait_for(lambda: self.tiles(browser) != shown, what="the next tiles")
        for study in studies:
            events = [(e["action"], e.get("text"), e["reader"]) for e in self.events_of(study)]
            if study in expected:
                self.assertEqual(events, [("approve", "mosaic", "AB")])
            else:
                self.assertNotIn("approve", [e[0] for e in events], study)
        self.assertEqual(self.tiles(browser), order[13:])
        self.assertIn(f"{len(expected)} approved", browser.find("#mosaic-progress").text)
        browser.press(ESCAPE)
        self.assertFalse(browser.find("#mosaic").is_displayed())
        self.assertTrue(browser.find("#progress").text.startswith(f"{len(expected)} /"))

    def test_a_tile_that_was_changed_meanwhile_is_not_approved(self):
        browser = self.page()
        self.mosaic(browser)
        study = self.tiles(browser)[1]
        browser.driver.execute_async_script("""
            const done = arguments[0];
            fetch('/api/studies/1/events', {method: 'POST', body: JSON.stringify({action: 'note', text: 'x'}),
              headers: {'Content-Type': 'application/json', 'X-Spine-Review': '1', 'If-Match': '"0"'}})
              .then(r => r.json()).then(done)""")
        browser.press("a")
        wait_for(lambda: browser.find(f'[data-study="{study}"] .tile-problem').text, what="the tile's problem")
        wait_for(lambda: len(browser.driver.find_elements("css selector", ".tile.is-approved")) == 11)
        self.assertEqual([e["action"] for e in self.events_of(study)], ["note"])

    def test_keys_of_the_mosaic(self):
        browser = self.page()
        self.mosaic(browser)
        shown = self.tiles(browser)
        browser.press("\ue014")  # right arrow
        browser.press(" ")
        self.assertEqual(self.attribute(browser, f'[data-study="{shown[1]}"]', "aria-checked"), "false")
        browser.press(" ")
        self.assertEqual(self.attribute(browser, f'[data-study="{shown[1]}"]', "aria-checked"), "true")
        browser.press("\ue007")  # Enter
        wait_for(lambda: browser.study() == shown[1])
        self.assertFalse(browser.find("#mosaic").is_displayed())
        self.mosaic(browser)
        browser.press("n")
        self.settled(browser)
        self.assertEqual(len(self.tiles(browser)), 3)
        self.assertEqual([s for s in self.studies() if self.events_of(s)], [])

    def test_a_read_only_mosaic_approves_nothing(self):
        browser = self.page("--read-only")
        self.mosaic(browser)
        self.assertFalse(browser.find("#mosaic-approve").is_displayed())
        browser.press("a")
        self.assertEqual([s for s in self.studies() if self.events_of(s)], [])

    # ---- texts

    def test_both_languages_have_the_same_texts_and_every_control_is_explained(self):
        browser = self.page()
        browser.problems()
        browser.driver.refresh()
        wait_for(browser.handles)
        en, ko = browser.api("/en.json"), browser.api("/ko.json")
        self.assertEqual(set(en), set(ko))
        self.assertEqual([len(part) for part in en["how_to"]], [len(part) for part in ko["how_to"]])
        for key in ("clahe", "angles", "circle", "dome", "thumbnails", "mosaic", "outlines", "legend", "opacity"):
            self.assertIn(f"about_{key}", en)
        for node in browser.driver.find_elements("css selector", "[data-text]"):
            self.assertIn(node.get_attribute("data-text"), en)
        self.assertEqual(browser.problems(), [])


if __name__ == "__main__":
    main()
