"""Play every case over real connections and print the result: ``python -m tests.faults``."""
# ruff: noqa: T201  printing is what it is for

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter

from tests.faults.bodies import BODIES
from tests.faults.chunks import HELLO
from tests.faults.exchanges import EXCHANGES, Exchange
from tests.faults.playing import Played, opened, over_http, play, sent
from tests.loopback import ByteServer, Hold, Pause, Script, sse_response, times

ROW = "{:<52} {:<9} {:<11} {:>6} {:>5} {:>7}"


async def main() -> None:
    """Print one line for each case, and the sums."""
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # a client that disconnects is expected here
    cases = {name: over_http(body) for name, body in BODIES.items()} | EXCHANGES
    print(ROW.format("case", "status", "kind", "chars", "lost", "seconds"))
    played = [await line(name, case) for name, case in cases.items()]
    statuses = Counter(case.outcome.status for case in played)
    slowest = max(played, key=lambda case: case.seconds)
    lost = sum(missing(case, exchange) for case, exchange in zip(played, cases.values(), strict=True))
    print(f"\n{len(played)} cases: {dict(statuses)}; {lost} characters lost; longest {slowest.seconds:.2f} s")
    print(f"a stop reaches the server within {await slowest_stop():.0f} ms")
    print(f"the event loop waits {await longest_gap():.0f} ms at most while 200 answers stream")


async def line(name: str, exchange: Exchange) -> Played:
    """Play one case and print it."""
    played = await play(exchange)
    outcome = played.outcome
    kind = outcome.error[1] if outcome.error else ""
    lost = missing(played, exchange)
    print(ROW.format(name, outcome.status, kind, len(outcome.text), lost, f"{played.seconds:.2f}"))
    return played


def missing(played: Played, exchange: Exchange) -> int:
    """Characters that came over the wire and are not in the reply."""
    return max(0, len(exchange.outcome.text) - len(played.outcome.text))


async def slowest_stop() -> float:
    """Milliseconds from a stop until the server sees the connection close; the longest of twenty."""
    longest = 0.0
    scripts: list[Script] = [[Hold()], sse_response([HELLO, Hold()])]
    for script in scripts * 10:
        with ByteServer(script) as server:
            async with opened(server.base_url) as client:
                reply = sent(client)
                await asyncio.to_thread(server.wait_requests, 1)
                await asyncio.sleep(0.02)
                began = time.perf_counter()
                reply.stop()
                await asyncio.to_thread(server.requests[0].wait_disconnect)
                longest = max(longest, time.perf_counter() - began)
                await reply.wait()
    return longest * 1000


async def longest_gap() -> float:
    """Milliseconds that the loop was not free for, at most, while 200 answers come at 20 tokens a second."""
    longest, last = 0.0, time.perf_counter()
    with ByteServer(sse_response(times(40, HELLO, Pause(0.05)))) as server:
        async with opened(server.base_url) as client:
            replies = [sent(client) for _ in range(200)]
            await asyncio.to_thread(server.wait_requests, 200, 30)
            last = time.perf_counter()
            while any(not reply.done for reply in replies):
                await asyncio.sleep(0.001)
                longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    return longest * 1000


if __name__ == "__main__":
    asyncio.run(main())
