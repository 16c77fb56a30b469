"""Running mocks, and a Valkey of the module's own."""

from collections.abc import Iterator

import pytest

from tests.serving.conftest import start_mock as start_mock
from tests.sharing.valkeys import Valkey


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    server = Valkey()
    yield server
    server.kill()
