"""The yardstick: an aiohttp application on uvloop that reads the body and returns fixed bytes of a given length."""

import asyncio
import json
import sys

import uvloop
from aiohttp import web


async def main(length: int) -> None:
    """Serve until the process is ended; tell the address as the mock does."""
    body = b"x" * length

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_post("/oqs-api-pro/MSA01030/ILI01030SV01/search", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}"}), flush=True)
    await asyncio.Event().wait()


uvloop.run(main(int(sys.argv[1])))
