#!/usr/bin/env python3
"""Tests of the report of a cohort in a real browser: report_test.py FOLDER_OF_PROGRAMS.

Without Chromium, its driver or Selenium they are skipped (exit status 77), unless CI is set.
"""
from review_case import Browser, ReviewCase, main, run


class Report(ReviewCase):
    count = 6

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        run("spine-review", cls.simulated, "--html", cls.folder / "report.html")
        cls.browser = cls.browsers[1] = Browser()

    def setUp(self):
        super().setUp()
        self.browser.requested()
        self.browser.driver.get((self.folder / "report.html").as_uri())

    def column(self, place):
        return self.browser.driver.execute_script(
            "return [...document.querySelectorAll('#table tbody tr')].filter(r => !r.hidden)"
            ".map(r => r.cells[arguments[0]].textContent)", place)

    def head(self, place):
        return self.browser.find(f"#table thead th:nth-child({place + 1})")

    def test_nothing_is_logged_and_nothing_else_is_asked_for(self):
        self.assertEqual(self.browser.problems(), [])
        self.assertEqual([url for url in self.browser.requested() if not url.startswith("data:")],
                         [(self.folder / "report.html").as_uri()])
        self.assertIn("scripted", self.browser.find("html").get_attribute("class"))
        # The style is applied too.
        self.assertEqual(self.browser.find("#table").value_of_css_property("border-collapse"), "collapse")
        sizes = self.browser.driver.execute_script(
            "return [...document.images].map(i => i.naturalWidth)")
        self.assertTrue(all(size > 0 for size in sizes), sizes)

    def test_a_click_sorts_by_number_and_another_turns_the_order(self):
        before = self.column(0)
        self.head(5).find_element("tag name", "button").click()
        values = [float(v) for v in self.column(5) if v]
        self.assertGreater(len(values), 3)
        self.assertEqual(values, sorted(values))
        self.assertEqual(self.head(5).get_attribute("aria-sort"), "ascending")
        self.head(5).find_element("tag name", "button").click()
        self.assertEqual([float(v) for v in self.column(5) if v], sorted(values, reverse=True))
        self.assertEqual(self.head(5).get_attribute("aria-sort"), "descending")
        self.head(0).find_element("tag name", "button").click()
        self.assertEqual(self.column(0), before)

    def test_the_keyboard_sorts_and_the_filter_counts(self):
        self.browser.driver.execute_script(
            "document.querySelector('#table thead th:nth-child(2) button').focus()")
        self.browser.press("\ue007")
        names = self.column(1)
        self.assertEqual(names, sorted(names))
        self.browser.find("#filter").send_keys(names[2])
        self.assertEqual(self.column(1), [names[2]])
        self.assertEqual(self.browser.find("#matches").text, f"1 / {len(names)}")

    def test_a_link_to_a_row_that_is_filtered_out_shows_it(self):
        self.browser.find("#filter").send_keys("nothing has this name")
        self.assertEqual(self.column(1), [])
        self.browser.driver.execute_script("location.hash = '#s-2'")
        self.assertEqual(self.browser.driver.execute_script(
            "return new Promise(r => setTimeout(() => r(document.querySelector('#s-2').hidden), 50))"), False)


if __name__ == "__main__":
    main()
