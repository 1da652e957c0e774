"""A review page in Debian's Chromium, for browser_test.py."""
import json
import pathlib
import re
import subprocess
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select  # noqa: F401

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"


def wait_for(condition, seconds=15, what="a condition of the page"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: not met within {seconds} s")


class Server:
    """spine-review over a results folder."""

    def __init__(self, program, results, *options):
        self.results = pathlib.Path(results)
        self.process = subprocess.Popen([program, str(results), "--reader", "AB", *options],
                                        stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        self.origin = self.address.split("/?")[0]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Browser:
    def __init__(self, scale=1, size="1440,900"):
        options = Options()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--lang=en", f"--window-size={size}", f"--force-device-scale-factor={scale}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))

    def quit(self):
        self.driver.quit()

    def open(self, server, drawn=True):
        """@param drawn  whether the page shows landmarks at once; a blind reading does not"""
        self.server = server
        self.driver.get(server.address)
        wait_for(self.handles if drawn else self.study, what="the first study")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def handles(self):
        return self.driver.find_elements(By.CSS_SELECTOR, "#drawing [role=slider]")

    def handle(self, name):
        return self.find(f'[role=slider][aria-label="{name}"]')

    def place(self, name):
        """Where a handle is drawn, CSS pixels of the stage."""
        text = self.handle(name).get_attribute("transform")
        return tuple(float(v) for v in re.findall(r"-?[\d.]+(?:e-?\d+)?", text))

    def study(self):
        return self.find("#study-name").text

    def value(self, name):
        """A value of the table, a number or None."""
        text = self.find(f'tr[data-name="{name}"] td').text
        return float(text.rstrip("° %mpx")) if text != "–" else None

    def landmarks(self):
        """The landmarks as the server has them."""
        return self.state()["landmarks"]

    def state(self):
        names = [s["study"] for s in self.api("/api/cohort")["studies"]]
        return self.api(f"/api/studies/{names.index(self.study())}")

    def api(self, path):
        return self.driver.execute_async_script(
            "const done = arguments[1]; fetch(arguments[0]).then(r => r.json()).then(done)", path)

    def events(self):
        file = self.server.results / self.study() / "review.json"
        return json.loads(file.read_text())["events"] if file.exists() else []

    def saved(self, count):
        wait_for(lambda: len(self.events()) == count, what=f"{count} stored events")

    def hold(self, name, steps, shift=False):
        """Presses the button on a handle and moves by steps of CSS pixels."""
        actions = ActionChains(self.driver, duration=10)
        if shift:
            actions.key_down(Keys.SHIFT)
        actions.move_to_element(self.handle(name)).click_and_hold()
        for dx, dy in steps:
            actions.move_by_offset(dx, dy)
        actions.perform()

    def drop(self):
        ActionChains(self.driver).release().key_up(Keys.SHIFT).perform()

    def press(self, key, control=False):
        actions = ActionChains(self.driver)
        if control:
            actions.key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL)
        else:
            actions.send_keys(key)
        actions.perform()

    def click(self, selector):
        self.find(selector).click()

    def zoom(self, wheel, steps=1):
        """Turns the wheel over the middle of the stage; negative: closer."""
        stage = self.find("#stage")
        for _ in range(steps):
            ActionChains(self.driver).scroll_from_origin(
                webdriver.common.actions.wheel_input.ScrollOrigin.from_element(stage), 0, wheel).perform()

    def problems(self):
        """Errors of scripts and of the content security policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE"]

    def requested(self):
        """Addresses of all requests so far."""
        urls = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                urls.append(message["params"]["request"]["url"])
        return urls
