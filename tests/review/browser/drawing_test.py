#!/usr/bin/env python3
"""Tests of the drawing, the handles, the outlines and the grey values: drawing_test.py FOLDER_OF_PROGRAMS.

Without Chromium, its driver or Selenium they are skipped (exit status 77), unless CI is set.
"""
import json
import math

from page_case import ESCAPE, PageCase, TAB
from review_case import ActionChains, main, run, wait_for


class Drawing(PageCase):
    def names(self, browser):
        return browser.driver.execute_script(
            "return [...document.querySelectorAll('#drawing .names text')].map((node) => node.textContent)")

    def test_every_structure_is_named(self):
        browser = self.page()
        self.assertEqual(sorted(self.names(browser)), ["F1", "F2", "L1", "L2", "L3", "L4", "L5", "S1"])
        browser.hold("S1 superior, anterior", [(1, 1)] * 4)
        browser.drop()
        browser.saved(1)
        self.assertEqual(browser.find('[data-name="S1"]').text, "S1 ✎")
        self.assertEqual(browser.find('[data-name="L5"]').text, "L5")
        self.assertIn("edited", self.attribute(browser, '.plate[data-plate="S1.sup"]', "class"))

    def label(self, browser, angle):
        words = browser.driver.execute_script(
            "return document.querySelector(`[data-angle=\"${arguments[0]}\"]`).firstChild.data", angle)
        return float(words.split()[1].rstrip("°"))

    def test_constructions_follow_a_drag_and_can_be_switched_off(self):
        browser = self.page()
        for angle in ("PI", "PT", "SS", "LL"):
            self.assertAlmostEqual(self.label(browser, angle), browser.value(angle), delta=0.051)
        before = self.label(browser, "SS")
        path = self.attribute(browser, ".constructions path.SS.solid", "d")
        browser.hold("S1 superior, anterior", [(1, 2)] * 10)
        wait_for(lambda: self.label(browser, "SS") != before, what="another value at the construction")
        self.assertNotEqual(self.attribute(browser, ".constructions path.SS.solid", "d"), path)
        self.assertEqual(browser.events(), [])
        browser.drop()
        browser.saved(1)
        browser.press("g")
        self.assertEqual(browser.driver.find_elements("css selector", "[data-angle]"), [])
        self.assertEqual(self.attribute(browser, "#angles", "aria-pressed"), "false")
        browser.click("#angles")
        self.assertEqual(len(browser.driver.find_elements("css selector", "[data-angle]")), 4)

    def set_spacing(self, row, column):
        for record in self.results.glob("*/measurements.json"):
            document = json.loads(record.read_text())
            document["spacing_mm"] = [row, column]
            record.write_text(json.dumps(document))
        measured = self.results.parent / "measured"
        run("spine-measure", self.results, "-o", measured)
        self.results = measured

    def drawn_lines(self, browser, angle, kind):
        """Lines of a construction, CSS pixels, which are proportional to mm."""
        nodes = browser.driver.find_elements("css selector", f".constructions line.{angle}.{kind}")
        return [[float(n.get_attribute(k)) for k in ("x1", "y1", "x2", "y2")] for n in nodes]

    def direction(self, line):
        return math.degrees(math.atan2(line[3] - line[1], line[2] - line[0]))

    def test_perpendiculars_and_angles_hold_at_unequal_spacing(self):
        self.set_spacing(0.55, 0.4)
        browser = self.page()
        plate = [float(self.attribute(browser, '.plate[data-plate="S1.sup"]', k)) for k in ("x1", "y1", "x2", "y2")]
        normal, hip = self.drawn_lines(browser, "PI", "dashed")[0], self.drawn_lines(browser, "PI", "solid")[0]
        turn = (self.direction(normal) - self.direction(plate)) % 180
        self.assertAlmostEqual(turn, 90, delta=0.05)
        pi = abs((self.direction(hip) - self.direction(normal) + 180) % 360 - 180)
        self.assertAlmostEqual(pi, browser.value("PI"), delta=0.1)
        vertical = self.drawn_lines(browser, "PT", "dashed")[0]
        self.assertAlmostEqual(vertical[0], vertical[2], delta=0.01)
        pt = abs((self.direction(hip) % 180) - 90)
        self.assertAlmostEqual(pt, abs(browser.value("PT")), delta=0.1)

    def test_an_endplate_is_linked_to_its_body_under_the_pointer_and_in_focus(self):
        browser = self.page()
        links = lambda: len(browser.driver.find_elements("css selector", "#drawing .links line"))
        self.at(browser, (5, 5)).perform()
        self.assertEqual(links(), 0)
        self.at(browser, browser.place("L3 superior endplate")).perform()
        wait_for(lambda: links() == 2, what="the walls of L3")
        self.assertIn("L3 superior endplate", browser.find("#handle-name").text)
        self.at(browser, (5, 5)).perform()
        wait_for(lambda: links() == 0)
        browser.driver.execute_script("arguments[0].focus()", browser.handle("S1 superior endplate"))
        self.assertEqual(links(), 2)  # to both heads

    def test_lines_show_how_certain_an_endplate_is(self):
        browser = self.page()
        self.assertIn("uncertainty", browser.state()["machine"])
        styles = browser.driver.execute_async_script("""
            const done = arguments[0];
            import('/parts.js').then(({drawing}) => {
              drawing.uncertainty = {'L3.sup': 1, 'L3.inf': 3, 'L4.sup': 5, F1: 0.15};
              drawing.show(drawing.landmarks);
              done(Object.fromEntries([...document.querySelectorAll('.plate[data-plate]')].map((n) => [n.dataset.plate, n.getAttribute('class')])));
            })""")
        self.assertNotIn("da", styles["L3.sup"].split()[1:])
        self.assertIn("dashed", styles["L3.inf"])
        self.assertIn("dotted", styles["L4.sup"])
        self.assertEqual(styles["L4.inf"].split(), ["plate"])

    # ---- handles

    def stack(self, browser):
        """Puts an end of L4 onto an end of L5, and the pointer there."""
        state = browser.state()
        l4, l5 = (state["landmarks"]["vertebrae"][level] for level in ("L4", "L5"))
        change = {"at": "vertebrae.L4.inf_ant", "from": l4["inf_ant"], "to": l5["sup_ant"]}
        browser.driver.execute_async_script("""
            const [change, revision, done] = arguments;
            fetch('/api/studies/0/events', {method: 'POST', body: JSON.stringify({action: 'edit', changes: [change]}),
              headers: {'Content-Type': 'application/json', 'X-Spine-Review': '1', 'If-Match': `"${revision}"`}})
              .then(r => r.json()).then(done)""", change, state["revision"])
        browser.driver.refresh()
        wait_for(browser.handles)
        browser.zoom(-300, 3)
        browser.driver.execute_async_script("""
            const done = arguments[0];
            import('/parts.js').then(({repaint, stage, view, drawing}) => {
              view.show(drawing.landmarks.vertebrae.L5.sup_ant, stage.clientWidth, stage.clientHeight);
              repaint();
              done();
            })""")
        self.at(browser, browser.place("L5 superior, anterior")).perform()

    def focused(self, browser):
        return browser.driver.switch_to.active_element.get_attribute("aria-label")

    def test_tab_cycles_handles_that_lie_on_one_another(self):
        browser = self.page()
        self.stack(browser)
        names = []
        for _ in range(3):
            browser.press(TAB)
            names.append(self.focused(browser))
        self.assertEqual(set(names), {"L4 inferior, anterior", "L5 superior, anterior"})
        self.assertEqual(names[0], names[2])
        self.assertRegex(browser.find("#handle-name").text, r"^\d/2 ")
        while self.focused(browser) != "L4 inferior, anterior":
            browser.press(TAB)
        before = browser.landmarks()["vertebrae"]
        actions = ActionChains(browser.driver, duration=10).click_and_hold()
        for _ in range(5):
            actions.move_by_offset(2, 3)
        actions.release().perform()
        browser.saved(2)
        after = browser.landmarks()["vertebrae"]
        self.assertEqual(after["L5"], before["L5"])
        self.assertNotEqual(after["L4"]["inf_ant"], before["L4"]["inf_ant"])

    def rim(self, browser, center, radius, degrees):
        """A point of a circle in mm, film pixels -> CSS pixels of the stage."""
        return browser.driver.execute_async_script("""
            const [center, radius, turn, done] = arguments;
            import('/parts.js').then(({view}) => done(view.to_screen(
              [center[0] + radius * Math.cos(turn), center[1] + radius * Math.sin(turn) / view.aspect])))""",
            center, radius, math.radians(degrees))

    def click_circle(self, browser, center, radius, turns=(200, 290, 20)):
        for turn in turns:
            self.at(browser, self.rim(browser, center, radius, turn)).click().perform()

    def check_circle(self, browser, how, dome):
        heads = browser.landmarks()["femoral_heads"]
        count = len(browser.events())
        center, radius = [heads[1]["center"][0] + 15, heads[1]["center"][1] - 10], heads[1]["radius"] * 1.1
        browser.driver.execute_script("arguments[0].focus()", browser.handle("Femoral head 2 centre"))
        browser.press("c")
        if dome:
            browser.press("d")
        self.click_circle(browser, center, radius)
        browser.saved(count + 1)
        after = browser.landmarks()["femoral_heads"]
        self.assertEqual(after[0], heads[0])
        pixel = browser.driver.execute_async_script(
            "const done = arguments[0]; import('/parts.js').then(({view}) => done(1 / view.zoom))")
        for k in (0, 1):
            self.assertAlmostEqual(after[1]["center"][k], center[k], delta=2 * pixel)
        self.assertAlmostEqual(after[1]["radius"], radius, delta=2 * pixel)
        self.assertEqual(browser.events()[-1]["text"], how)
        self.assertFalse(browser.find("#tool-hint").is_displayed())

    def test_three_clicks_on_the_rim_place_a_head_and_the_dome_is_recorded(self):
        browser = self.page()
        self.check_circle(browser, "three points", False)
        self.check_circle(browser, "dome", True)
        browser.press("z", control=True)
        browser.saved(3)

    def test_three_clicks_at_unequal_spacing(self):
        self.set_spacing(0.55, 0.4)
        self.check_circle(self.page(), "three points", False)

    def test_a_missing_head_is_placed_and_escape_cancels(self):
        browser = self.page()
        head = browser.landmarks()["femoral_heads"][1]
        browser.driver.execute_script("arguments[0].focus()", browser.handle("Femoral head 2 centre"))
        browser.press("\ue017")
        browser.saved(1)
        browser.click("#circle")
        self.click_circle(browser, head["center"], head["radius"], (200, 290))
        browser.press(ESCAPE)
        self.assertFalse(browser.find("#tool-hint").is_displayed())
        self.click_circle(browser, head["center"], head["radius"], (20,))
        self.assertEqual(len(browser.events()), 1)
        browser.click("#circle")
        self.click_circle(browser, head["center"], head["radius"])
        browser.saved(2)
        self.assertEqual(len(browser.landmarks()["femoral_heads"]), 2)

    def test_without_a_selection_the_nearer_head_is_replaced_and_three_points_on_a_line_are_refused(self):
        browser = self.page()
        heads = browser.landmarks()["femoral_heads"]
        browser.press("c")
        x, y = self.rim(browser, heads[0]["center"], 0, 0)
        for step in (-40, 0, 40):
            self.at(browser, (x + step, y)).click().perform()
        self.assertIn("line", browser.find("#tool-text").text)
        self.assertEqual(browser.events(), [])
        near = [heads[0]["center"][0], heads[0]["center"][1] - 20]
        self.click_circle(browser, near, heads[0]["radius"])
        browser.saved(1)
        after = browser.landmarks()["femoral_heads"]
        self.assertEqual(after[1], heads[1])
        self.assertNotEqual(after[0], heads[0])

    def test_tab_in_a_field_leaves_it_wherever_the_pointer_is(self):
        browser = self.page()
        self.stack(browser)
        browser.driver.execute_script("document.querySelector('#search').focus()")
        browser.press(TAB)
        self.assertEqual(browser.driver.switch_to.active_element.get_attribute("id"), "filter-status")

    # ---- outlines and grey values

    def test_outlines_are_hidden_one_by_one_and_faded(self):
        browser = self.page()
        browser.driver.execute_async_script("""
            const done = arguments[0];
            import('/parts.js').then(({drawing}) => {
              const box = [[100, 100, 200, 100, 200, 200, 100, 200]];
              drawing.show_outlines({F1: box, L1: box, L2: box, S: box, L3: []});
              done();
            })""")
        names = [n.text for n in browser.driver.find_elements("css selector", "#legend-switches button")]
        self.assertEqual(names, ["L1", "L2", "S1", "F1"])
        shown = lambda s: browser.find(f'.outlines [data-structure="{s}"]').is_displayed()
        self.assertTrue(shown("L2"))
        browser.click('#legend [data-structure="L2"]')
        self.assertFalse(shown("L2"))
        self.assertTrue(shown("L1"))
        self.assertEqual(self.attribute(browser, '#legend [data-structure="L2"]', "aria-pressed"), "false")
        browser.press("f")  # another view of the same film
        self.assertFalse(shown("L2"))
        opacity = lambda: float(browser.find('.outlines [data-structure="L1"]').value_of_css_property("stroke-opacity"))
        before = opacity()
        browser.find("#opacity").send_keys("\ue012" * 4)  # left
        self.assertLess(opacity(), before - 0.1)
        browser.press("o")
        self.assertFalse(browser.find("#legend").is_displayed())

    def pixels(self, browser):
        return browser.driver.execute_script("""
            const c = document.querySelector('#pixels'), w = c.width, h = c.height;
            const d = c.getContext('2d').getImageData(0, 0, w, h).data;
            let sum = 0, squares = 0, n = 0;
            for (let i = 0; i < d.length; i += 4 * 7) { sum += d[i]; squares += d[i] ** 2; ++n; }
            return [sum / n, Math.sqrt(squares / n - (sum / n) ** 2)];""")

    def test_local_contrast_with_window_and_level(self):
        browser = self.page()
        wait_for(lambda: self.window(browser), what="the film")
        plain = self.pixels(browser)
        browser.press("e")
        wait_for(lambda: self.pixels(browser) != plain, what="the view with local contrast")
        clahe = self.pixels(browser)
        stage = browser.find("#stage")
        ActionChains(browser.driver).move_to_element(stage).perform()
        browser.driver.execute_script("""
            const stage = document.querySelector('#stage');
            const at = (type, x, y) => stage.dispatchEvent(new PointerEvent(type, {bubbles: true, button: 2, pointerId: 1, clientX: x, clientY: y}));
            stage.setPointerCapture = () => {};
            at('pointerdown', 400, 300); at('pointermove', 400, 380); at('pointerup', 400, 380);""")
        self.assertLess(self.pixels(browser)[0], clahe[0] - 1)
        browser.click("#clahe")
        wait_for(lambda: self.pixels(browser) == plain, what="the film as it was")

    def window(self, browser, leave=False):
        """Grey values of black and white; None until a film is shown that was not left."""
        return browser.driver.execute_async_script("""
            const [leave, done] = arguments;
            import('/parts.js').then(({canvas}) => {
              done(canvas.film && !canvas.film.left ? [canvas.low, canvas.high] : null);
              if (leave) canvas.film.left = true;
            })""", leave)

    def test_a_locked_view_keeps_its_window_in_the_next_film(self):
        browser = self.page()
        usual = wait_for(lambda: self.window(browser), what="the film")
        browser.click("#window-bone")
        bone = self.window(browser)
        self.assertNotEqual(bone, usual)
        for locked in (True, False):
            if self.attribute(browser, "#lock", "aria-pressed") != str(locked).lower():
                browser.click("#lock")
            self.window(browser, leave=True)
            browser.press("j")
            wait_for(lambda: self.window(browser), what="the next film")
            self.assertEqual(self.window(browser) == bone, locked)


if __name__ == "__main__":
    main()
