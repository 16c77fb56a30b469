"""The mock in a container for as long as a test needs it, by the library testcontainers (extra `containers`)."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from mockserver.client.sync import Mock

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

IMAGE = "oqs-mockserver:latest"
PORT = 8080
_LAST_CHARACTERS = 2_000


class NoContainer(Exception):
    """A container cannot be made or does not start: why, in both languages."""

    def __init__(self, message_ja: str, message_en: str, details: str = "") -> None:
        super().__init__(f"{message_ja} / {message_en}{f': {details}' if details else ''}")
        self.message_ja = message_ja
        self.message_en = message_en


class MockContainer:
    """A mock in a container of its own, gone when its context ends.

    `environment`: settings of the mock, by their MOCKSERVER_ names. `docker`: what else DockerContainer of
    testcontainers takes, as name, network or volumes.
    """

    def __init__(
        self,
        image: str = IMAGE,
        *,
        admin_token: str = "",
        environment: Mapping[str, str] | None = None,
        timeout_s: int = 60,
        **docker: Any,
    ) -> None:
        self.image = image
        self.admin_token = admin_token or secrets.token_urlsafe()
        self._library = _testcontainers()
        told = {**(environment or {}), **_bound(self.admin_token)}
        with self._explained():
            made: DockerContainer = self._library.container.DockerContainer(image, env=told, ports=[PORT], **docker)
        self.container = made.waiting_for(self._readiness(timeout_s))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the container and wait until the mock is ready. NoContainer where it does not get so far."""
        try:
            with self._explained():
                self.container.start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """The container is gone."""
        self.container.stop()

    @cached_property
    def url(self) -> str:
        """The address of the mock, as seen from here."""
        return f"http://{self.container.get_container_host_ip()}:{self.container.get_exposed_port(PORT)}"

    @property
    def client(self) -> Mock:
        """A client of the mock."""
        return Mock(self.url, self.admin_token)

    def _readiness(self, timeout_s: int) -> Any:
        strategy = self._library.wait_strategies.HttpWaitStrategy(PORT, "/readyz")
        return strategy.with_startup_timeout(timeout_s)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Tell what the engine or the library refuses as NoContainer."""
        from docker.errors import DockerException  # type: ignore[import-untyped]

        try:
            yield
        except (DockerException, self._library.exceptions.ContainerStartException, OSError, RuntimeError) as error:
            raise NoContainer(
                f"{self.image} のコンテナーを起動できません（コンテナーエンジンは動いていますか。イメージはありますか）",
                f"the container of {self.image} does not start (is an engine running, is the image there?)",
                f"{error}{self._logged()}",
            ) from None

    def _logged(self) -> str:
        """The last of what the container printed, if there is one."""
        try:
            printed = b"".join(self.container.get_logs()).decode(errors="replace")
        except Exception:  # whatever hinders it: the first error is the one to tell
            return ""
        return f"\n{printed[-_LAST_CHARACTERS:]}"


def _bound(admin_token: str) -> dict[str, str]:
    """The settings with which a mock is reached from outside its container."""
    return {"MOCKSERVER_HOST": "0.0.0.0", "MOCKSERVER_PORT": str(PORT), "MOCKSERVER_ADMIN_TOKEN": admin_token}  # noqa: S104


def _testcontainers() -> ModuleType:
    """The library, imported only now. NoContainer where it is missing."""
    try:
        import testcontainers.core.container
        import testcontainers.core.exceptions
        import testcontainers.core.wait_strategies
    except ImportError:
        raise NoContainer(
            "ライブラリー testcontainers がありません。pip install 'oqs-mockserver[containers]' で入れてください",
            "the library testcontainers is missing: pip install 'oqs-mockserver[containers]'",
        ) from None
    return testcontainers.core
