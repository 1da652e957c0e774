#!/usr/bin/env python3
"""A whole review: whole_review.py FOLDER_OF_PROGRAMS [FILMS].

Landmarks of simulated films are spoilt. In the browser each is dragged to its true place and the film
approved; then the exported angles must be the truth's to a tenth of a degree. Prints the active seconds
of each film. Skipped like browser_test.py.
"""
import csv
import json
import pathlib
import random
import shutil
import statistics
import sys
import tempfile

COUNT = int(sys.argv.pop(2)) if len(sys.argv) > 2 else 20

from review_case import MISSING, PROGRAMS, Browser, Server, run, wait_for  # noqa: E402

LEVELS = [f"L{i}" for i in range(1, 6)]
ENDS = {"sup_post": "superior, posterior", "sup_ant": "superior, anterior",
        "inf_post": "inferior, posterior", "inf_ant": "inferior, anterior"}
ANGLES = ["PT", "SS", "PI", "LL"] + [f"segmental_{a}_{b}" for a, b in zip(LEVELS, LEVELS[1:] + ["S1"])]
FIXED = ["L1 superior, posterior", "S1 superior, posterior"]  # from which the view's zoom is read
TOLERANCE = 0.1  # degrees


def points_of(landmarks):
    """{name of the handle: point} of all landmarks that are points."""
    points = {f"{level} {ENDS[end]}": point for level in LEVELS
              for end, point in (landmarks["vertebrae"][level] or {}).items()}
    points |= {f"S1 {ENDS[end]}": point for end, point in (landmarks["S1"] or {}).items()}
    for i, head in enumerate(landmarks["femoral_heads"]):
        points[f"Femoral head {i + 1} centre"] = head["center"]
    return points


def spoil(landmarks):
    """Moves three to six points by 15 to 60 pixels, and one whole body."""
    points = points_of(landmarks)
    for name in random.sample(sorted(points), random.randint(3, 6)):
        for k in (0, 1):
            points[name][k] += random.choice((-1, 1)) * random.uniform(10, 40)
    body = landmarks["vertebrae"][random.choice(LEVELS)]
    by = [random.uniform(-30, 30), random.uniform(-15, 15)]
    for point in body.values():
        point[0] += by[0]
        point[1] += by[1]


def make_results(folder):
    run("spine-simulate", "-o", folder / "films", "--count", COUNT, "--seed", 700, "--threads", 2)
    for truth in sorted((folder / "films" / "truth").iterdir()):
        spoilt = folder / "spoilt" / truth.name
        spoilt.mkdir(parents=True)
        landmarks = json.loads((truth / "landmarks.json").read_text())
        spoil(landmarks)
        (spoilt / "landmarks.json").write_text(json.dumps(landmarks))
        shutil.copy(truth / "measurements.json", spoilt)
    run("spine-measure", folder / "spoilt", "-o", folder / "out")


def true_places(truth, now):
    """The true places of points; heads are compared with the nearest true one."""
    truth = json.loads(json.dumps(truth))
    heads = truth["femoral_heads"]
    first = now["femoral_heads"][0]["center"]
    if abs(first[0] - heads[0]["center"][0]) + abs(first[1] - heads[0]["center"][1]) > \
            abs(first[0] - heads[1]["center"][0]) + abs(first[1] - heads[1]["center"][1]):
        heads.reverse()
    return points_of(truth)


class Reviewer:
    """Corrects landmarks with the pointer as a reader does: closer, roughly, then slowly."""

    def __init__(self, browser):
        self.browser = browser

    def drag(self, name, start, target):
        from selenium.webdriver import ActionChains, Keys
        from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
        browser = self.browser
        browser.driver.execute_script("arguments[0].dataset.before = 1", browser.handle(name))
        origin = ScrollOrigin.from_element(browser.handle(name))
        ActionChains(browser.driver).move_to_element(browser.handle(name)).scroll_from_origin(
            origin, 0, -700).perform()
        first, last = (browser.place(end)[1] for end in FIXED)
        zoom = (last - first) / self.height
        far = [(target[k] - start[k]) * zoom for k in (0, 1)]
        rough = [round(v) for v in far]
        slow = [round((far[k] - rough[k]) * 5) for k in (0, 1)]
        actions = ActionChains(browser.driver, duration=20).move_to_element(browser.handle(name)).click_and_hold()
        half = [v // 2 for v in rough]
        actions.move_by_offset(*half).move_by_offset(rough[0] - half[0], rough[1] - half[1])
        actions.key_down(Keys.SHIFT).move_by_offset(*slow).release().key_up(Keys.SHIFT).perform()
        browser.press("f")

    def correct(self, truth):
        browser = self.browser
        state = browser.state()
        now = points_of(state["landmarks"])
        places = true_places(truth, state["landmarks"])
        count = len(browser.events())
        for name, target in places.items():
            start = now[name]
            if max(abs(a - b) for a, b in zip(start, target)) < 0.05:
                continue
            self.height = now[FIXED[1]][1] - now[FIXED[0]][1]
            self.drag(name, start, target)
            count += 1
            browser.saved(count)
            # The answer to an edit makes all handles anew.
            wait_for(lambda: not browser.driver.find_elements("css selector", "[data-before]"))
            now = points_of(browser.landmarks())
            error = max(abs(a - b) for a, b in zip(now[name], target))
            assert error < 0.2, f"{browser.study()}: {name}: {error:.2f} pixels from its true place"
        return count


def angles_of(record):
    return {name: record["measurements"][name]["value"] for name in ANGLES}


def check_export(folder):
    run("spine-review", folder / "out", "--export", folder / "reviewed.csv")
    worst = 0
    with open(folder / "reviewed.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == COUNT, f"expected {COUNT} rows, got {len(rows)}"
    for row in rows:
        assert (row["source"], row["reader"], row["verdict"]) == ("reader", "AB", "approved"), row
        truth = folder / "films" / "truth" / row["study"] / "measurements.json"
        for name, value in angles_of(json.loads(truth.read_text())).items():
            error = abs(float(row[name]) - value)
            assert error < TOLERANCE, f"{row['study']}: {name}: {row[name]}, expected {value:.2f}"
            worst = max(worst, error)
    return worst


def review(folder):
    server = Server(str(PROGRAMS / "spine-review"), folder / "out", "--films", str(folder / "films"))
    browser = Browser()
    try:
        browser.open(server)
        reviewer = Reviewer(browser)
        seconds = []
        for done in range(COUNT):
            study = browser.study()
            wait_for(browser.handles)
            truth = json.loads((folder / "films" / "truth" / study / "landmarks.json").read_text())
            edits = reviewer.correct(truth)
            browser.press(" ")
            wait_for(lambda: browser.find("#progress").text == f"{done + 1} / {COUNT}")
            if done + 1 < COUNT:
                wait_for(lambda: browser.study() != study)
            events = json.loads((folder / "out" / study / "review.json").read_text())["events"]
            seconds.append(sum(event["seconds"] for event in events))
            print(f"{study}: {edits} edits, {seconds[-1]:.1f} active seconds", flush=True)
        assert browser.problems() == []
        return seconds
    finally:
        browser.quit()
        server.stop()


def main():
    if MISSING:
        print(f"whole_review.py: not run: {', '.join(MISSING)}", file=sys.stderr)
        return 77
    random.seed(5)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="spine-review-"))
    try:
        make_results(folder)
        seconds = review(folder)
        worst = check_export(folder)
        print(f"{COUNT} films, {statistics.median(seconds):.1f} active seconds a film (median); "
              f"largest error of an exported angle {worst:.3f} degrees")
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
