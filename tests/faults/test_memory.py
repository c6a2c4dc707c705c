"""Whatever a server sends, the memory stays bounded."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.chunks import HALF
from tests.loopback import ByteServer, Piece, sse_response

MEBIBYTE = 1 << 20
# A default Limits() allows an event of 16 MiB; joining and judging it may take that a few times over.
ALLOWED_MEBIBYTES = 60
CHILD = """
import asyncio, re, sys
from pathlib import Path
from tests.faults.playing import asked, opened

def kilobytes(of):
    return int(re.search(of + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

async def main():
    async with opened(sys.argv[1]) as client:
        before = kilobytes("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins here, imports have theirs behind them
        reply = await asked(client)
    print(reply.error.kind, reply.text, (kilobytes("VmHWM") - before) // 1024, sep="|")

asyncio.run(main())
"""


def bomb() -> Iterator[Piece]:
    """A quarter of a gigabyte of one line, as a quarter of a megabyte of gzip."""
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    yield compressor.compress(HALF + b"data: ") + compressor.flush(zlib.Z_SYNC_FLUSH)
    for _ in range(256):
        yield compressor.compress(b" " * MEBIBYTE)
    yield compressor.flush()


def line() -> Iterator[Piece]:
    yield HALF + b"data: "
    yield from [b"x" * MEBIBYTE] * 64


def page() -> Iterator[Piece]:
    yield from [b"<p>one more line</p>\n" * 50_000] * 64


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="reads Linux's /proc")
@pytest.mark.parametrize(
    ("pieces", "headers", "text"),
    [
        (bomb, {"content-encoding": "gzip"}, "Hello world"),
        (line, {}, "Hello world"),
        (page, {"content-type": "text/html"}, ""),
    ],
    ids=["a gzip bomb", "a line without end", "a page without end"],
)
async def test_a_flood_ends_in_a_clear_error(pieces: object, headers: dict[str, str], text: str) -> None:
    script = sse_response([piece for piece in pieces() if piece], headers=headers)  # type: ignore[operator]
    with ByteServer(script) as server:
        child = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", CHILD, server.base_url],
            capture_output=True,
            text=True,
            check=False,
        )
    assert child.stderr == ""
    kind, said, mebibytes = child.stdout.strip().split("|")
    assert (kind, said) == ("limit", text)
    assert int(mebibytes) < ALLOWED_MEBIBYTES
