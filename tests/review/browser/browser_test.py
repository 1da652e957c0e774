#!/usr/bin/env python3
"""Tests of the review page in a real browser: browser_test.py FOLDER_OF_PROGRAMS.

Without Chromium, its driver or Selenium they are skipped (exit status 77), unless CI is set.
"""
import json
import pathlib
import shutil
import tempfile

from review_case import ReviewCase, Select, main, run, wait_for


class ReviewPage(ReviewCase):
    def measured(self, landmarks, like):
        """What spine-measure finds in landmarks of the study `like`."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        (folder / "in").mkdir()
        (folder / "in" / "landmarks.json").write_text(json.dumps(landmarks))
        shutil.copy(self.results / like / "measurements.json", folder / "in")
        run("spine-measure", folder / "in" / "landmarks.json", "-o", folder / "out")
        record = json.loads((folder / "out" / "in" / "measurements.json").read_text())
        return {name: m["value"] for name, m in record["measurements"].items()}

    def check_drag(self, browser):
        name = "S1 superior, anterior"
        before = browser.landmarks()
        count = len(browser.events())
        (x0, y0), (x1, y1) = browser.place(name), browser.place("S1 superior, posterior")
        ant, post = before["S1"]["sup_ant"], before["S1"]["sup_post"]
        zoom = [(x1 - x0) / (post[0] - ant[0]), (y1 - y0) / (post[1] - ant[1])]
        ll = browser.value("segmental_L1_L2"), browser.value("SS")
        browser.hold(name, [(1, 2)] * 12)
        wait_for(lambda: browser.value("SS") != ll[1], what="a value while the handle is held")
        self.assertEqual(browser.value("segmental_L1_L2"), ll[0])
        self.assertEqual(len(browser.events()), count)
        browser.drop()
        browser.saved(count + 1)
        after = browser.landmarks()
        for k, moved in enumerate((12, 24)):
            self.assertAlmostEqual(after["S1"]["sup_ant"][k], ant[k] + moved / zoom[k], delta=0.01)
        self.assertEqual(after["S1"]["sup_post"], post)
        self.assertEqual(after["vertebrae"], before["vertebrae"])
        measured = self.measured(after, browser.study())
        for value in ("PT", "SS", "PI", "LL"):
            self.assertAlmostEqual(browser.value(value), measured[value], delta=0.051)

    def test_dragging_an_end_at_several_zooms(self):
        for scale in (1, 2):
            browser = self.page(scale=scale)
            for wheel, steps in ((0, 0), (300, 1), (-300, 4)):
                with self.subTest(scale=scale, wheel=wheel):
                    if steps:
                        browser.click("#fit")
                        browser.click(".reason, #fit")
                        browser.zoom(wheel, steps)
                    if self.in_sight(browser, "S1 superior, anterior"):
                        self.check_drag(browser)
            self.server.stop()

    def in_sight(self, browser, name):
        stage = browser.find("#stage").size
        x, y = browser.place(name)
        return 20 < x < stage["width"] - 40 and 20 < y < stage["height"] - 60

    def test_unequal_spacing(self):
        for record in self.results.glob("*/measurements.json"):
            document = json.loads(record.read_text())
            document["spacing_mm"] = [0.5, 0.4]
            record.write_text(json.dumps(document))
        measured = self.results.parent / "measured"
        run("spine-measure", self.results, "-o", measured)
        self.results = measured
        self.check_drag(self.page())

    def test_the_other_side_and_a_mirrored_display(self):
        browser = self.page()
        browser.click("#mirror")
        browser.click("#anterior")
        browser.saved(1)
        self.check_drag(browser)

    def test_a_study_without_results_shows_no_landmarks_of_the_one_before(self):
        table = self.results / "measurements.csv"
        header, *rows = table.read_text().splitlines()
        broken = ["broken", "broken.png", "unreadable", "cut off"] + [""] * (header.count(",") - 3)
        table.write_text("\n".join([header, *rows, ",".join(broken)]) + "\n")
        browser = self.page()
        browser.driver.find_elements("css selector", ".row")[-1].click()
        wait_for(lambda: "cut off" in browser.find("#study-status").text)
        self.assertEqual(browser.handles(), [])

    def test_a_study_without_results_cannot_be_changed_and_shows_no_note_of_the_one_before(self):
        table = self.results / "measurements.csv"
        text = table.read_text()
        row = text.splitlines()[-1]
        table.write_text(text + row.replace(row.split(",")[0], "broken").replace(",ok,", ",unreadable,") + "\n")
        browser = self.page()
        note = browser.find("#note")
        note.send_keys("a note")
        browser.find("h2").click()
        browser.saved(1)
        next(row for row in browser.driver.find_elements("css selector", ".row") if "broken" in row.text).click()
        wait_for(lambda: browser.study() == "broken" and not browser.handles(), what="the broken study")
        self.assertEqual(note.get_attribute("value"), "")
        for button in ("#approve", "#reject", "#undo", "#note"):
            self.assertFalse(browser.find(button).is_enabled(), button)
        browser.press(" ")
        self.assertFalse(browser.find("#bar").is_displayed())

    def test_nothing_is_moved_in_a_read_only_review(self):
        browser = self.page("--read-only")
        before = browser.place("L3 body"), browser.place("L4 body")
        browser.hold("L3 body", [(3, 1)] * 3)
        browser.drop()
        for k in (0, 1):  # the film was moved, and all of it
            self.assertAlmostEqual(browser.place("L3 body")[k] - before[0][k],
                                   browser.place("L4 body")[k] - before[1][k], delta=0.01)
        for key in (" ", "[", "u"):
            browser.press(key)
        self.assertFalse(browser.find("#bar").is_displayed())
        self.assertEqual(browser.events(), [])

    def test_undo_reload_redo(self):
        browser = self.page()
        start = browser.landmarks()
        browser.hold("L3 body", [(3, 1)] * 4)
        browser.drop()
        browser.saved(1)
        moved = browser.landmarks()
        self.assertNotEqual(moved["vertebrae"]["L3"], start["vertebrae"]["L3"])
        browser.press("z", control=True)
        browser.saved(2)
        self.assertEqual(browser.landmarks(), start)
        browser.driver.refresh()
        wait_for(browser.handles)
        browser.press("y", control=True)
        browser.saved(3)
        self.assertEqual(browser.landmarks(), moved)
        browser.click("#restart")
        browser.saved(4)
        self.assertEqual(browser.landmarks(), start)

    def test_keys_move_a_handle(self):
        browser = self.page()
        before = browser.landmarks()["S1"]["sup_post"]
        browser.driver.execute_script("arguments[0].focus()", browser.handle("S1 superior, posterior"))
        browser.press("\ue014")  # right arrow
        browser.saved(1)
        after = browser.landmarks()["S1"]["sup_post"]
        self.assertAlmostEqual(after[0], before[0] + 1, places=2)
        self.assertAlmostEqual(after[1], before[1], places=2)

    def test_a_wrong_landmark_is_deleted_and_a_missing_one_added(self):
        browser = self.page()
        browser.driver.execute_script("arguments[0].focus()", browser.handle("L2 body"))
        browser.press("\ue017")  # delete
        browser.saved(1)
        self.assertIsNone(browser.landmarks()["vertebrae"]["L2"])
        wait_for(lambda: browser.value("segmental_L1_L2") is None)
        browser.find("#add").send_keys("L2")
        browser.saved(2)
        self.assertIsNotNone(browser.landmarks()["vertebrae"]["L2"])

    def test_labels_are_shifted(self):
        browser = self.page()
        before = browser.landmarks()
        browser.press("]")
        browser.saved(1)
        after = browser.landmarks()
        self.assertIsNone(after["vertebrae"]["L1"])
        self.assertEqual(after["vertebrae"]["L5"], before["vertebrae"]["L4"])
        self.assertEqual(after["S1"]["sup_ant"], before["vertebrae"]["L5"]["sup_ant"])

    def test_approving_and_rejecting_go_on(self):
        browser = self.page()
        first = browser.study()
        browser.press(" ")
        wait_for(lambda: browser.study() != first)
        self.assertEqual(browser.find("#progress").text, "1 / 3")
        second = browser.study()
        wait_for(browser.handles)
        browser.press("r")
        browser.find("#reason-text").send_keys("blurred")
        browser.click("#reason-ok")
        wait_for(lambda: browser.study() not in (first, second))
        event = json.loads((self.results / second / "review.json").read_text())["events"][-1]
        self.assertEqual((event["action"], event["text"], event["reader"]), ("reject", "blurred", "AB"))

    def test_a_reason_for_rejecting_is_given_by_enter_and_not_kept_for_the_next_study(self):
        browser = self.page()
        study = browser.study()
        browser.press("r")
        browser.find("#reason-text").send_keys("motion blur\ue007")
        wait_for(lambda: browser.study() != study, what="the next study")
        events = json.loads((self.results / study / "review.json").read_text())["events"]
        self.assertEqual([(e["action"], e["text"]) for e in events], [("reject", "motion blur")])
        browser.press("r")
        self.assertEqual(browser.find("#reason-text").get_attribute("value"), "")
        browser.click("#reason-cancel")
        wait_for(lambda: not browser.find("#reason").is_displayed(), what="the dialog's end")
        browser.press("k")
        wait_for(lambda: browser.study() == study, what="the study before")
        browser.press("u")
        browser.saved(2)
        self.assertEqual(browser.state()["verdict"], "open")

    def test_a_second_tab_is_told_and_keeps_its_edit(self):
        browser = self.page()
        study = browser.study()
        file = self.results / study / "review.json"
        browser.hold("S1 superior, anterior", [(2, 2)] * 3)
        browser.drop()
        browser.saved(1)
        # Another tab edits meanwhile.
        state = browser.state()
        browser.driver.execute_async_script("""
            const [revision, done] = arguments;
            fetch('/api/studies/0/events', {method: 'POST', body: JSON.stringify({action: 'note', text: 'x'}),
              headers: {'Content-Type': 'application/json', 'X-Spine-Review': '1', 'If-Match': `"${revision}"`}})
              .then(r => r.json()).then(done)""", state["revision"])
        browser.hold("S1 superior, posterior", [(2, -2)] * 3)
        browser.drop()
        wait_for(lambda: browser.find("#bar").is_displayed(), what="the bar that tells of the conflict")
        self.assertEqual(len(json.loads(file.read_text())["events"]), 2)
        browser.find("#bar-actions button").click()  # keep mine
        browser.saved(3)
        after = browser.landmarks()["S1"]
        self.assertNotEqual(after["sup_post"], state["landmarks"]["S1"]["sup_post"])
        self.assertEqual(after["sup_ant"], state["landmarks"]["S1"]["sup_ant"])

    def test_a_failed_save_keeps_the_edit(self):
        browser = self.page()
        folder = self.results / browser.study()
        record = folder / "landmarks.json"
        record.rename(folder / "hidden.json")  # the server cannot take the edit
        browser.hold("S1 superior, anterior", [(2, 2)] * 3)
        browser.drop()
        wait_for(lambda: browser.find("#bar").is_displayed(), what="the bar that tells of the failure")
        (folder / "hidden.json").rename(record)
        browser.find("#bar-actions button").click()  # try again
        browser.saved(1)
        wait_for(lambda: not browser.find("#bar").is_displayed())

    def test_a_killed_server_in_mid_drag(self):
        browser = self.page()
        study = browser.study()
        browser.hold("S1 superior, anterior", [(2, 2)] * 3)
        browser.drop()
        browser.saved(1)
        browser.hold("S1 superior, posterior", [(2, 2)] * 3)
        self.server.kill()
        browser.drop()
        wait_for(lambda: browser.find("#bar").is_displayed(), what="the bar that tells of the failure")
        events = json.loads((self.results / study / "review.json").read_text())["events"]
        self.assertEqual(len(events), 1)
        browser.driver.execute_script("window.onbeforeunload = null")

    def test_nothing_is_asked_of_another_origin_and_nothing_is_logged(self):
        browser = self.page()
        browser.problems()
        browser.requested()
        browser.driver.refresh()
        wait_for(browser.handles)
        browser.click("#help-button")
        self.assertTrue(browser.find("#help").is_displayed())
        browser.press("\ue00c")
        self.assertEqual(browser.problems(), [])
        urls = browser.requested()
        self.assertGreater(len(urls), 5)
        for url in urls:
            self.assertTrue(url.startswith((self.server.origin, "blob:", "data:")), url)

    def test_a_blind_reading_shows_no_drawing(self):
        browser = self.page("--blind", drawn=False)
        self.assertEqual(browser.handles(), [])
        browser.find("#add").send_keys("S1")
        wait_for(browser.handles)
        self.assertIsNone(browser.value("LL"))
        self.assertIsNotNone(browser.value("SS"))

    def test_a_study_that_is_read_blind_first_shows_the_machines_landmarks_after_the_verdict(self):
        browser = self.page("--blind-first", "100", drawn=False)
        study = browser.study()
        self.assertEqual(browser.handles(), [])
        browser.find("#add").send_keys("S1")
        wait_for(browser.handles)
        browser.saved(1)
        browser.press(" ")
        wait_for(lambda: len(browser.handles()) > 20, what="the machine's landmarks")
        self.assertEqual(browser.study(), study)
        self.assertIsNotNone(browser.value("LL"))
        browser.press(" ")
        wait_for(lambda: browser.study() != study, what="the next study")
        self.assertEqual(browser.handles(), [])
        events = json.loads((self.results / study / "review.json").read_text())["events"]
        self.assertEqual([event.get("session") for event in events], [1, 1, None])

    def test_the_list_is_filtered_by_reader_and_by_columns_of_a_table(self):
        table = self.results.parent / "sites.csv"
        table.write_text("study,site\nsim-000001,north\nsim-000002,south\nsim-000003,north\n")
        browser = self.page("--table", str(table))
        rows = lambda: sorted(row.text for row in browser.driver.find_elements("css selector", ".row .name"))
        everything = rows()
        site = Select(browser.find('[data-column="site"]'))
        site.select_by_visible_text("south")
        wait_for(lambda: len(rows()) == 1, what="one study")
        site.select_by_visible_text("north")
        wait_for(lambda: len(rows()) == 2, what="two studies")
        site.select_by_visible_text("site")
        wait_for(lambda: rows() == everything, what="all studies")
        study = browser.study()
        browser.click("#approve")
        wait_for(lambda: browser.study() != study, what="the next study")
        browser.driver.refresh()
        wait_for(browser.handles)
        Select(browser.find("#filter-reader")).select_by_visible_text("AB")
        wait_for(lambda: rows() == [study], what="the study that AB read")


if __name__ == "__main__":
    main()
