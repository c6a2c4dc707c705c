"""A batch on threads of a separate process, to be killed."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import nbstream

if __name__ == "__main__":
    url, store, count = sys.argv[1:]
    with ThreadPoolExecutor(1) as threads:
        nbstream.batch(
            "{{ n }}",
            [{"n": n} for n in range(int(count))],
            model="m",
            base_url=url,
            store=store,
            engine=threads,
            concurrency=2,
            progress=False,
        ).result()
