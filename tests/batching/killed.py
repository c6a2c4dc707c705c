"""A batch in a separate process, to be killed: prints each row once it counts as answered."""

from __future__ import annotations

import sys

import nbstream
from nbstream.batching.progress import BatchEvent, RowEnded


def tell(event: BatchEvent) -> None:
    if isinstance(event, RowEnded):
        sys.stdout.write(" ".join(map(str, event.rows)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    url, store, count = sys.argv[1:]
    batch = nbstream.batch(
        "{{ n }}",
        [{"n": n} for n in range(int(count))],
        model="m",
        base_url=url,
        store=store,
        concurrency=8,
        progress=False,
    )
    batch.progress.subscribe(tell)
    batch.result()
