#!/usr/bin/env python3
"""Kills spine-review (kill -9) at random moments while events arrive: kills.py FOLDER_OF_PROGRAMS [KILLS].

Every edit that was acknowledged must be in review.json afterwards, and the file must be whole. An edit
whose acknowledgement was cut off may be there or not.
"""
import http.client
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PROGRAMS = pathlib.Path(sys.argv[1]).resolve()
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 5


class Server:
    """spine-review, and requests to it as the page makes them."""

    def __init__(self, results):
        self.process = subprocess.Popen([str(PROGRAMS / "spine-review"), str(results), "--reader", "AB"],
                                        stdout=subprocess.PIPE, text=True)
        address = self.process.stdout.readline().strip()
        self.host, token = address.removeprefix("http://").split("/?token=")
        self.cookie = f"spine-review-{self.host.split(':')[1]}={token}"
        self.connection = http.client.HTTPConnection(self.host, timeout=10)

    def ask(self, method, path, body=None, revision=None):
        headers = {"Cookie": self.cookie}
        if body is not None:
            headers |= {"Origin": f"http://{self.host}", "Content-Type": "application/json",
                        "X-Spine-Review": "1", "If-Match": f'"{revision}"'}
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def kill(self):
        self.process.kill()

    def end(self):
        self.kill()
        self.process.wait()
        self.process.stdout.close()
        self.connection.close()


def edit_until_killed(server, number, acknowledged):
    """Moves a landmark by one pixel again and again; each edit has a number of its own."""
    try:
        _, state = server.ask("GET", "/api/studies/0")
        while True:
            point = state["landmarks"]["S1"]["sup_ant"]
            change = {"at": "S1.sup_ant", "from": point, "to": [round(point[0] + 1, 3), point[1]]}
            event = {"action": "edit", "changes": [change], "text": f"edit {number}", "seconds": 0.1}
            status, state = server.ask("POST", "/api/studies/0/events", event, state["revision"])
            assert status == 200, (status, state)
            acknowledged.append(f"edit {number}")
            number += 1
    except (http.client.HTTPException, ConnectionError, json.JSONDecodeError):
        return number + 1  # the edit on its way may be stored: its number is not used again


def check(results, acknowledged):
    """All acknowledged edits are there once and in order; at most one other follows each kill."""
    file, = results.glob("*/review.json")
    stored = [event["text"] for event in json.loads(file.read_text())["events"]]
    assert len(set(stored)) == len(stored), "an edit is stored twice"
    assert stored == sorted(stored, key=lambda text: int(text.split()[1])), "edits are out of order"
    lost = [text for text in acknowledged if text not in set(stored)]
    assert not lost, f"lost: {lost}"
    return len(stored)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="spine-kills-"))
    random.seed(7)
    try:
        for command in (["spine-simulate", "-o", folder / "films", "--count", "1"],
                        ["spine-measure", folder / "films" / "truth", "-o", folder / "out"]):
            subprocess.run([str(PROGRAMS / command[0]), *map(str, command[1:])], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        acknowledged, number, stored = [], 0, 0
        for kill in range(KILLS):
            server = Server(folder / "out")
            timer = threading.Timer(random.uniform(0.02, 0.8), server.kill)
            timer.start()
            number = edit_until_killed(server, number, acknowledged)
            timer.join()
            server.end()
            if acknowledged:
                stored = check(folder / "out", acknowledged)
            # The history of a study that is edited a thousand times is not what is tested.
            if stored > 300:
                shutil.move(next((folder / "out").glob("*/review.json")), folder / f"history-{kill}.json")
                acknowledged, stored = [], 0
        print(f"kills.py: {KILLS} kills, {number} edits sent, every acknowledged one is stored")
        assert number > KILLS, "the server was always killed before it took an edit"
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    start = time.monotonic()
    main()
    print(f"kills.py: {time.monotonic() - start:.1f} s")
