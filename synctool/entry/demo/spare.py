"""Runs an S3 server of moto, in this process, where there is no SeaweedFS for this computer."""

import logging
from typing import Any, Self

from synctool.emulators.seaweedfs import SeaweedFS


class SpareS3(SeaweedFS):
    """A SeaweedFS that is none: it keeps everything in memory. Raises ImportError where moto's server is not installed."""

    _server: Any = None

    def __enter__(self) -> Self:
        """Start the server."""
        from moto.server import ThreadedMotoServer  # noqa: PLC0415 -- rarely needed, and rarely there

        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it tells of every request otherwise
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        self.endpoint = "http://{}:{}".format(*self._server.get_host_and_port())
        return self

    def close(self) -> None:
        """End the server. May be called twice."""
        server, self._server = self._server, None
        if server:
            server.stop()
