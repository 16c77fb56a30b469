"""What the pytest plugin hands to a test."""

import shutil
import tempfile
from functools import cached_property
from pathlib import Path

from mockserver.client.folder import Folder
from mockserver.client.sync import BareClinic, Mock


class Server:
    """The mock that serves a test run."""

    def __init__(self, url: str, admin_token: str = "") -> None:
        self.url = url
        self.mock = Mock(url, admin_token)


class TestedClinic(BareClinic):
    """A clinic for one test, on `server`; its `folder` is temporary and starts when it is first looked at."""

    __test__ = False  # pytest shall not collect it

    def __init__(self, server: Server, code: str) -> None:
        super().__init__(server.mock, code)
        self.server = server

    @cached_property
    def folder(self) -> Folder:
        """A terminal's req, res and face."""
        return Folder.start(tempfile.mkdtemp(prefix="oqs-"), self.mock.url, self.code, self.mock.admin_token)

    def close(self) -> None:
        """The clinic and its folder are gone."""
        if "folder" in self.__dict__:
            self.folder.close()
            shutil.rmtree(Path(self.folder.path), ignore_errors=True)
        super().close()
