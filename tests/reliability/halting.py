"""Stands between synctool and an S3 server, and lets one request come no further, so that a run can be ended right there."""

from threading import Event

from tests.scenarios.counting import Counted, Counting


class Halting(Counting):
    """The proxy. ``asked`` are the requests that came; the one that ``at`` is a part of is held until ``go_on``.

    An upload is held before it has an effect (``reached`` says when), a download after ``half`` bytes.
    """

    def __init__(self, endpoint, half):
        super().__init__(endpoint)
        self.server.RequestHandlerClass = Halted
        self.server.halting = self
        self.half, self.asked, self.reached, self.ended = half, [], Event(), Event()
        self.at = "nothing"

    def halt(self, at):
        self.at = at
        self.reached.clear()
        self.ended.clear()

    def go_on(self):
        self.at = "nothing"
        self.asked = []
        self.ended.set()


class Halted(Counted):
    def pass_on(self):
        halting = self.server.halting
        asked = f"{self.command} {self.path}"
        halting.asked.append((asked, self.headers.get("Range", "")))
        if halting.at not in asked:
            super().pass_on()
        elif self.command == "GET":
            whole, self.wfile = self.wfile, Half(self.wfile, halting)
            super().pass_on()
            self.wfile, self.close_connection = whole, True
        else:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            halting.reached.set()
            halting.ended.wait(60)
            self.close_connection = True

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = pass_on  # noqa: N815 - the library's names


class Half:
    """Passes on the first bytes of what is long, and waits."""

    def __init__(self, file, halting):
        self.file, self.halting = file, halting

    def write(self, data):
        self.file.write(data[: self.halting.half])
        if len(data) > self.halting.half:
            self.file.flush()
            self.halting.ended.wait(60)
        return len(data)

    def flush(self):
        self.file.flush()
