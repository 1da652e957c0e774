"""What tests of the page over a cohort share: studies with overlays, the pointer, stored events."""
import csv
import json
import shutil

from review_case import ActionChains, ReviewCase

TAB, ESCAPE = "\ue004", "\ue00c"


class PageCase(ReviewCase):
    count = 15

    def setUp(self):
        super().setUp()
        # A run of the pipeline leaves overlays; their content does not matter here.
        for film in (self.folder / "films").glob("*.png"):
            folder = self.results / film.stem
            if folder.is_dir():
                shutil.copy(film, folder / "overlay.png")

    def at(self, browser, point):
        """Moves the pointer to CSS pixels of the stage."""
        stage = browser.find("#stage")
        dx, dy = (v - size / 2 for v, size in zip(point, (stage.size["width"], stage.size["height"])))
        return ActionChains(browser.driver, duration=10).move_to_element_with_offset(stage, round(dx), round(dy))

    def attribute(self, browser, selector, name):
        return browser.find(selector).get_attribute(name)

    def events_of(self, study):
        file = self.results / study / "review.json"
        return json.loads(file.read_text())["events"] if file.exists() else []

    def studies(self):
        with open(self.results / "measurements.csv") as table:
            return [row["study"] for row in csv.DictReader(table)]
