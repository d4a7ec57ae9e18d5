"""Takes a picture of a page of the dashboard once all of it is drawn, with Debian's Chromium.

    python3 tools/screenshot.py URL CANVASES FILE.png      CANVASES: how many 3D pictures the page has
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time

# Whether so many canvases are there and none is of one colour.
DRAWN = """
(() => {
  const all = [...document.querySelectorAll("canvas")];
  return all.length >= %d && all.every((canvas) => {
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext("2d");
    context.drawImage(canvas, 0, 0);
    const data = context.getImageData(0, 0, copy.width, copy.height).data, colors = new Set();
    for (let index = 0; index < data.length; index += 4) colors.add(data[index] * 65536 + data[index + 1] * 256 + data[index + 2]);
    return colors.size > 20;
  });
})()
"""


class Browser:
    """A browser that is told what to do over two pipes (--remote-debugging-pipe): JSON, each message ended by a NUL."""

    def __init__(self, profile):
        ours, theirs = os.pipe(), os.pipe()
        command = ["chromium", "--headless=new", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
                   "--enable-unsafe-swiftshader", "--hide-scrollbars", "--window-size=1280,860",
                   f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        # It reads at descriptor 3 and writes at 4.
        script = f'exec 3<&{ours[0]} 4>&{theirs[1]}; exec "$@"'
        self.process = subprocess.Popen(["bash", "-c", script, "browser", *command], pass_fds=(ours[0], theirs[1]),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(ours[0])
        os.close(theirs[1])
        self.input, self.output = os.fdopen(ours[1], "wb"), os.fdopen(theirs[0], "rb")
        self.rest, self.number = b"", 0

    def command(self, method, session=None, **parameters):
        """Sends a command and returns its answer; what the page tells by itself is passed over."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self.input.write(json.dumps(message).encode() + b"\0")
        self.input.flush()
        while True:
            while b"\0" not in self.rest:
                more = os.read(self.output.fileno(), 1 << 16)
                if not more:
                    sys.exit("the browser ended: is Debian's chromium there?")
                self.rest += more
            text, self.rest = self.rest.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']['message']}")
                return answer["result"]


def main():
    """Waits until the page is drawn, two minutes at most."""
    url, canvases, file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            target = browser.command("Target.createTarget", url="about:blank")["targetId"]
            session = browser.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            browser.command("Emulation.setDeviceMetricsOverride", session, width=1280, height=860, deviceScaleFactor=1, mobile=False)
            browser.command("Page.navigate", session, url=url)
            deadline = time.monotonic() + 120
            while not browser.command("Runtime.evaluate", session, expression=DRAWN % canvases)["result"].get("value"):
                if time.monotonic() > deadline:
                    sys.exit(f"{url}: expected {canvases} canvases with something in them, found none within 120 s")
                time.sleep(0.5)
            # What comes in pieces after the points: boxes, names.
            time.sleep(2)
            picture = browser.command("Page.captureScreenshot", session, format="png")["data"]
        finally:
            browser.process.terminate()
            browser.process.wait()
    with open(file, "wb") as out:
        out.write(base64.b64decode(picture))


if __name__ == "__main__":
    main()
