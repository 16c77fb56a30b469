"""HTTPS: the same answers behind a certificate (made up, for localhost, good for a hundred years)."""

import ssl
from pathlib import Path

import aiohttp
import pytest

from mockserver.serving.app import start
from mockserver.settings import Settings, WrongSetting
from mockserver.wire.paths import LOGIN_PATH
from tests.support import NOW

CERTIFICATE = str(Path(__file__).parent / "localhost.pem")


async def test_a_client_that_checks_the_certificate_is_answered():
    mock = await start(Settings(port=0, tls_certificate=CERTIFICATE), lambda: NOW)
    trust = ssl.create_default_context(cafile=CERTIFICATE)
    async with aiohttp.ClientSession(mock.url) as session, session.post(LOGIN_PATH, json={}, ssl=trust) as response:
        login = await response.json()
    await mock.stop()
    assert mock.url.startswith("https://")
    assert login["result"]["idToken"]


@pytest.mark.parametrize("path", ["nowhere.pem", __file__])
async def test_a_certificate_that_cannot_be_read_is_told(path):
    with pytest.raises(WrongSetting, match="--tls-certificate"):
        await start(Settings(port=0, tls_certificate=path), lambda: NOW)
