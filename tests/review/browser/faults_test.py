#!/usr/bin/env python3
"""What the review page does when something goes wrong: faults_test.py FOLDER_OF_PROGRAMS.

Skipped like browser_test.py.
"""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile

from review_case import PROGRAMS, ReviewCase, Server, main, wait_for

S1_ANT, S1_POST, L3 = "S1 superior, anterior", "S1 superior, posterior", "L3 body"

# Requests of the page whose path ends in PATH are answered late, or by a status instead.
SLOW = """
const [path, milliseconds] = arguments, real = window.fetch;
window.late = 0;
window.fetch = async (...request) => {
  const answer = await real(...request);
  if (!request[0].endsWith(path)) return answer;
  await new Promise((done) => setTimeout(done, milliseconds));
  window.late += 1;
  return answer;
};"""
REFUSED = """
const [path, status] = arguments, real = window.fetch;
window.fetch = async (...request) => {
  if (!request[0].endsWith(path)) return real(...request);
  window.fetch = real;
  return new Response(JSON.stringify({problem: 'broken on purpose'}), {status});
};"""
OTHER_TAB = """
const [body, revision, done] = arguments;
fetch('/api/studies/0/events', {method: 'POST', body: JSON.stringify(body), headers: {
  'Content-Type': 'application/json', 'X-Spine-Review': '1', 'If-Match': `"${revision}"`}})
  .then((answer) => answer.json()).then(done)"""
KEY_HELD_DOWN = """
for (let i = 0; i < 20; ++i) document.body.dispatchEvent(
  new KeyboardEvent('keydown', {key: ' ', repeat: i > 0, bubbles: true, cancelable: true}));"""


class Faults(ReviewCase):
    def move(self, browser, name, steps):
        browser.hold(name, steps)
        browser.drop()

    def stored(self, browser, count):
        """Waits until events are stored and the page shows the answer to the last one."""
        browser.saved(count)
        wait_for(lambda: not browser.find("#undo").get_attribute("disabled"))

    def drawn(self, browser, name):
        """A landmark as drawn, pixels of the film."""
        return [float(v) for v in browser.handle(name).get_attribute("aria-valuetext").split(", ")]

    def bar(self, browser, what="the bar that tells of the failure"):
        wait_for(lambda: browser.find("#bar").is_displayed(), what=what)
        return {b.text: b for b in browser.driver.find_elements("css selector", "#bar-actions button")}

    def late(self, browser, count):
        wait_for(lambda: browser.driver.execute_script("return window.late") == count, what="late answers")

    def other_tab(self, browser, state, at, by):
        point = state["landmarks"]
        for key in at.split("."):
            point = point[key]
        body = {"action": "edit", "changes": [{"at": at, "from": point, "to": [point[0] + by, point[1]]}]}
        return browser.driver.execute_async_script(OTHER_TAB, body, state["revision"])

    def test_an_answer_that_comes_in_mid_drag_moves_nothing(self):
        browser = self.page()
        browser.driver.execute_script(SLOW, "/events", 2000)
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        browser.hold(L3, [(3, 1)] * 6)
        held = browser.place(L3), browser.place(S1_ANT)
        self.late(browser, 1)
        self.assertEqual((browser.place(L3), browser.place(S1_ANT)), held)
        browser.drop()
        browser.saved(2)
        self.late(browser, 2)
        wait_for(lambda: not browser.find("#undo").get_attribute("disabled"))
        self.assertEqual((browser.place(L3), browser.place(S1_ANT)), held)
        for at, name in (("sup_ant", S1_ANT), ("sup_post", S1_POST)):
            for a, b in zip(browser.landmarks()["S1"][at], self.drawn(browser, name)):
                self.assertAlmostEqual(a, b, delta=0.06)

    def test_an_undo_that_is_answered_in_mid_drag_holds(self):
        browser = self.page()
        start = browser.landmarks()
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        self.stored(browser, 1)
        browser.driver.execute_script(SLOW, "/events", 1500)
        browser.press("z", control=True)
        browser.hold(S1_POST, [(2, -1)] * 4)
        self.late(browser, 1)
        browser.drop()
        browser.saved(3)
        after = browser.landmarks()["S1"]
        self.assertEqual(after["sup_ant"], start["S1"]["sup_ant"])
        self.assertNotEqual(after["sup_post"], start["S1"]["sup_post"])
        self.late(browser, 2)
        wait_for(lambda: abs(self.drawn(browser, S1_ANT)[0] - after["sup_ant"][0]) < 0.06)

    def test_a_drag_that_ends_where_it_began_shows_the_answer_it_held_back(self):
        browser = self.page()
        browser.driver.execute_script(SLOW, "/events", 1500)
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        browser.hold(L3, [])
        self.late(browser, 1)
        self.assertTrue(browser.find("#undo").get_attribute("disabled"))
        browser.drop()
        wait_for(lambda: not browser.find("#undo").get_attribute("disabled"))
        browser.saved(1)

    def test_approving_waits_for_the_edit_before(self):
        browser = self.page()
        first = browser.study()
        browser.driver.execute_script(SLOW, "/events", 1000)
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        browser.press(" ")
        wait_for(lambda: browser.study() != first, what="the next study")
        events = json.loads((self.results / first / "review.json").read_text())["events"]
        self.assertEqual([e["action"] for e in events], ["edit", "approve"])

    def test_a_move_by_keys_is_stored_before_going_on(self):
        browser = self.page()
        first = browser.study()
        browser.driver.execute_script("arguments[0].focus()", browser.handle(S1_POST))
        browser.press("\ue014\ue014 ")  # right arrow, twice, and Space
        wait_for(lambda: browser.study() != first, what="the next study")
        events = json.loads((self.results / first / "review.json").read_text())["events"]
        self.assertEqual([e["action"] for e in events], ["edit", "approve"])
        change = events[0]["changes"][0]
        self.assertAlmostEqual(change["to"][0] - change["from"][0], 2, places=2)

    def test_a_key_that_stays_down_decides_once(self):
        browser = self.page()
        browser.driver.execute_script(KEY_HELD_DOWN)
        wait_for(lambda: browser.find("#progress").text == "1 / 3")
        wait_for(browser.handles)
        self.assertEqual(len(list(self.results.glob("*/review.json"))), 1)

    def test_keys_have_no_effect_while_a_handle_is_held(self):
        browser = self.page()
        first = browser.study()
        browser.hold(S1_ANT, [(2, 2)] * 3)
        browser.press("j")
        browser.press(" ")
        self.assertEqual(browser.study(), first)
        browser.drop()
        self.stored(browser, 1)
        self.move(browser, S1_POST, [(2, 2)] * 3)
        browser.saved(2)

    def test_a_state_that_comes_late_is_not_shown_under_another_name(self):
        browser = self.page()
        names = [s["study"] for s in browser.api("/api/cohort")["studies"]]
        browser.driver.execute_script(SLOW, "/api/studies/1", 1000)
        browser.press("j")
        browser.press("j")
        wait_for(lambda: browser.study() == names[2] and browser.handles())
        self.late(browser, 1)
        x, y = browser.api("/api/studies/2")["landmarks"]["S1"]["sup_ant"]
        self.assertAlmostEqual(self.drawn(browser, S1_ANT)[0], x, delta=0.06)
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        browser.saved(1)
        self.assertFalse((self.results / names[1] / "review.json").exists())

    def test_a_verdict_before_the_state_is_there_goes_to_no_study(self):
        browser = self.page()
        browser.driver.execute_script(SLOW, "/api/studies/1", 1000)
        browser.press("j")
        browser.press(" ")
        self.late(browser, 1)
        wait_for(browser.handles)
        self.assertEqual(list(self.results.glob("*/review.json")), [])

    def test_what_the_server_fails_to_store_is_kept(self):
        browser = self.page()
        browser.driver.execute_script(REFUSED, "/events", 500)
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        actions = self.bar(browser)
        self.assertIn("broken on purpose", browser.find("#bar-text").text)
        self.assertEqual(list(actions), ["Try again"])
        self.assertEqual(browser.events(), [])
        self.move(browser, S1_POST, [(2, 2)] * 3)  # sends both
        browser.saved(2)
        wait_for(lambda: not browser.find("#bar").is_displayed())

    def test_what_the_server_refuses_can_be_discarded(self):
        browser = self.page()
        start = self.drawn(browser, S1_ANT)
        browser.driver.execute_script(REFUSED, "/events", 400)
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        self.bar(browser)["Discard it"].click()
        wait_for(lambda: self.drawn(browser, S1_ANT) == start)
        self.move(browser, S1_POST, [(2, 2)] * 3)
        browser.saved(1)

    def test_two_tabs_keep_both_edits(self):
        browser = self.page()
        state = browser.state()
        theirs = self.other_tab(browser, state, "vertebrae.L3.sup_ant", 7)["landmarks"]
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        actions = self.bar(browser)
        self.assertEqual(len(browser.events()), 1)
        actions["Keep mine"].click()
        browser.saved(2)
        after = browser.landmarks()
        self.assertEqual(after["vertebrae"], theirs["vertebrae"])
        self.assertNotEqual(after["S1"], theirs["S1"])

    def test_the_other_tab_s_edit_is_taken(self):
        browser = self.page()
        self.other_tab(browser, browser.state(), "S1.sup_ant", 7)
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        self.bar(browser)["Take theirs"].click()
        after = browser.landmarks()["S1"]["sup_ant"]
        wait_for(lambda: abs(self.drawn(browser, S1_ANT)[0] - after[0]) < 0.06)
        self.assertEqual(len(browser.events()), 1)

    def test_a_server_that_is_started_again_takes_what_was_on_its_way(self):
        browser = self.page()
        port = self.server.origin.split(":")[-1]
        browser.hold(S1_ANT, [(2, 2)] * 3)
        self.server.kill()
        browser.drop()
        self.bar(browser)
        drawn = self.drawn(browser, S1_ANT)
        self.server = Server(str(PROGRAMS / "spine-review"), self.results, "--films", str(self.films),
                             "--port", port)
        page = browser.driver.current_window_handle
        browser.driver.switch_to.new_window("tab")
        browser.driver.get(self.server.address)
        browser.driver.close()
        browser.driver.switch_to.window(page)
        self.bar(browser)["Try again"].click()
        browser.saved(1)
        self.assertAlmostEqual(browser.landmarks()["S1"]["sup_ant"][0], drawn[0], delta=0.06)

    def test_a_full_disk_loses_nothing(self):
        disk = tempfile.mkdtemp(dir=self.folder)
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", disk],
                               capture_output=True)
        if mount.returncode != 0:
            self.skipTest("a small file system needs root")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        small = self.results
        self.results = type(small)(disk) / "out"
        shutil.copytree(small, self.results)
        browser = self.page()
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        self.stored(browser, 1)
        before = (self.results / browser.study() / "review.json").read_bytes()
        filler = os.open(f"{disk}/filler", os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(filler, bytes(4096)):
                pass
        except OSError:
            os.close(filler)
        self.move(browser, S1_POST, [(2, 2)] * 3)
        actions = self.bar(browser)
        self.assertIn("No space left", browser.find("#bar-text").text)
        self.assertNotIn(str(self.results), browser.find("#bar-text").text)
        self.assertEqual((self.results / browser.study() / "review.json").read_bytes(), before)
        os.remove(f"{disk}/filler")
        actions["Try again"].click()
        browser.saved(2)
        wait_for(lambda: not browser.find("#bar").is_displayed())

    def recorded_films(self):
        """Films of this test alone, whose content the results record."""
        self.films = self.results.parent / "films"
        shutil.copytree(self.folder / "films", self.films)
        for record in self.results.glob("*/measurements.json"):
            document = json.loads(record.read_text())
            film = self.film_of(record.parent.name)
            sha256 = hashlib.sha256(film.read_bytes()).hexdigest()
            document["provenance"] = {"command": "spine-pipeline", "input": {"sha256": sha256}}
            record.write_text(json.dumps(document))

    def film_of(self, study):
        return next(self.films.glob(f"{study}.*"))

    def check_shown_without_film(self, browser):
        note = wait_for(lambda: browser.find("#film-note").text, what="the reason why there is no film")
        self.assertIn("changed, or lies elsewhere", note)
        self.assertIn("Landmarks cannot be moved", note)
        count = len(browser.events())
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        browser.click("#shift-up")
        self.assertEqual(len(browser.events()), count)

    def test_a_film_that_is_gone_or_changed_is_not_shown(self):
        self.recorded_films()
        browser = self.page()
        wait_for(lambda: browser.find("#film-note").text == "")
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        browser.saved(1)
        first, second = (s["study"] for s in browser.api("/api/cohort")["studies"][:2])
        self.film_of(first).write_bytes(self.film_of(second).read_bytes())
        os.remove(self.film_of(second))
        browser.driver.refresh()
        wait_for(browser.handles)
        self.check_shown_without_film(browser)  # changed, since it was shown
        browser.press("k" if browser.study() != first else "j")
        wait_for(lambda: browser.study() == second and browser.handles())
        # The film of the second study is now found under the first one's name, by its content.
        self.assertEqual(browser.find("#film-note").text, "")
        os.remove(self.film_of(first))
        browser.driver.refresh()
        wait_for(browser.handles)
        self.check_shown_without_film(browser)

    def test_a_server_that_is_interrupted_answers_first(self):
        browser = self.page()
        self.move(browser, S1_ANT, [(2, 2)] * 3)
        self.server.process.send_signal(signal.SIGINT)
        self.server.process.wait()
        wait_for(lambda: browser.events() or browser.find("#bar").is_displayed())
        events = browser.events()
        shown = browser.find("#bar").is_displayed()
        self.assertTrue(len(events) == 1 or shown, "an edit that is neither stored nor reported")


if __name__ == "__main__":
    main()
