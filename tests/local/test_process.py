"""The process that serves the model: its life, its end, its memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from nbstream import Chat, Reply, local
from nbstream.errors import ConfigError, StreamInterruptedError
from nbstream.local import Installed
from nbstream.local.process import ModelProcess, running_process
from nbstream.local.threads import compute_threads
from tests.kernel.driver import REPLY, Kernel

SECONDS = 30
WORKER = Path(local.__file__).with_name("worker.py")
ASK = "%%chat -m local:smollm2-135m -t 0 --max-tokens {tokens}\nHi"
BADGE = "local · SmolLM2 135M: a very small model, often wrong"
PID = "from nbstream.local import process\n[p.pid for p in process._processes.values()][0]"


def gone(pid: int) -> bool:
    """Whether a process has ended, soon."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.02)
                continue
        return True
    return False


def worker_of(kernel: Kernel) -> int:
    """The process that serves a kernel's model."""
    assert kernel.run(ASK.format(tokens=2)).status == "ok"
    return int(kernel.run(PID).of("execute_result")[0]["data"]["text/plain"])


def pid_of(kernel: Kernel) -> int:
    return int(kernel.run("import os; os.getpid()").of("execute_result")[0]["data"]["text/plain"])


@pytest.fixture
def kernel(weights: Installed) -> Iterator[Kernel]:
    with Kernel() as kernel:
        kernel.run("%load_ext nbstream")
        yield kernel


@pytest.mark.kernel
def test_a_kernel_that_is_killed_leaves_no_process(kernel: Kernel) -> None:
    worker, own = worker_of(kernel), pid_of(kernel)
    assert psutil.Process(worker).ppid() == own
    os.kill(own, signal.SIGKILL)
    assert gone(worker)


@pytest.mark.kernel
def test_a_kernel_that_is_killed_while_the_model_loads_leaves_no_process(kernel: Kernel) -> None:
    own = pid_of(kernel)
    kernel.start(ASK.format(tokens=2))
    workers = children_of(own)
    os.kill(own, signal.SIGKILL)
    assert all(gone(worker) for worker in workers)


@pytest.mark.kernel
def test_a_kernel_whose_copy_lives_on_leaves_no_process(kernel: Kernel) -> None:
    worker, own = worker_of(kernel), pid_of(kernel)
    fork = "import os, time\ncopy = os.fork()\nif not copy:\n    time.sleep(60)\n    os._exit(0)\ncopy"
    copy = int(kernel.run(fork).of("execute_result")[0]["data"]["text/plain"])
    try:
        os.kill(own, signal.SIGKILL)
        assert gone(worker)
    finally:
        os.kill(copy, signal.SIGKILL)


@pytest.mark.kernel
def test_two_kernels_have_a_process_each(kernel: Kernel) -> None:
    first = worker_of(kernel)
    with Kernel() as other:
        other.run("%load_ext nbstream")
        second = worker_of(other)
        assert first != second
        assert kernel.run(ASK.format(tokens=2)).status == "ok"
    assert gone(second)
    assert psutil.pid_exists(first)


@pytest.mark.kernel
def test_an_interrupt_stops_the_answer_and_not_the_process(kernel: Kernel) -> None:
    worker = worker_of(kernel)
    request = kernel.start(ASK.format(tokens=2000).replace("Hi", "Write a long story."), cell="story")
    next(m for m in kernel.messages(request) if "text" in m["content"].get("data", {}).get("content", {}))
    kernel.interrupt()
    assert kernel.end(request).reply["ename"] == "KeyboardInterrupt"
    assert worker_of(kernel) == worker
    assert os.getpgid(worker) == worker, "an interrupt would end a worker that is starting"


@pytest.mark.kernel
def test_it_is_told_what_is_loading_and_a_stop_is_heard_meanwhile(kernel: Kernel) -> None:
    request = kernel.start(ASK.format(tokens=400), cell="first")
    metas = (
        content["data"]["content"]["meta"]
        for message in kernel.messages(request)
        if "meta" in (content := message["content"]).get("data", {}).get("content", {})
    )
    loading = next(meta for meta in metas if meta["model"])
    assert loading["loading"] == "SmolLM2 135M"
    assert loading["badge"] == BADGE
    kernel.interrupt()
    cell = kernel.end(request)
    assert cell.reply["ename"] == "KeyboardInterrupt"
    assert cell.saved[REPLY]["status"] == "stopped"
    assert worker_of(kernel)


@pytest.mark.kernel
def test_the_saved_answer_says_what_wrote_it(kernel: Kernel) -> None:
    cell = kernel.run(ASK.format(tokens=4))
    assert cell.saved[REPLY]["badge"] == BADGE
    assert BADGE in cell.saved["text/markdown"]
    assert f"[{BADGE}]" in cell.saved["text/plain"]
    assert cell.provenance["provider"] == "local"
    status = kernel.run("%config NBStream.model = 'local:smollm2-135m'\n%chat status").of("execute_result")
    assert "SmolLM2 135M on this machine (a very small model, often wrong)" in status[0]["data"]["text/plain"]


@pytest.mark.kernel
def test_the_line_magic_looks_after_models(kernel: Kernel, tmp_path: Path) -> None:
    def said(line: str) -> str:
        cell = kernel.run(line)
        if cell.status == "ok":
            return str(cell.of("execute_result")[0]["data"]["text/plain"])
        return str(cell.reply["evalue"])

    assert "smollm2-135m: download 93 MB, licence Apache-2.0, state default" in said("%chat local")
    assert "is already installed" in said("%chat local install smollm2-135m")
    assert said("%chat local path smollm2-135m").endswith("smollm2-135m.gguf")
    assert "Did you mean %chat local install?" in said("%chat local instal")
    assert "is not complete" in said("%chat local remove")
    kernel.run(f"import os; os.environ['NBSTREAM_MODELS'] = {str(tmp_path)!r}")
    refused = said("%chat local install")
    assert "93 MB, licence Apache-2.0" in refused
    assert "Add --yes to confirm" in refused
    assert said("%chat local remove smollm2-135m") == "smollm2-135m is not installed."
    assert list(tmp_path.iterdir()) == []


def children_of(pid: int) -> list[int]:
    """Processes that a kernel has started, as soon as there is one."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if found := [child.pid for child in psutil.Process(pid).children()]:
            return found
        time.sleep(0.005)
    raise AssertionError("no process was started")


def test_a_script_that_ends_leaves_no_process(weights: Installed) -> None:
    program = (
        "import asyncio\nfrom nbstream import Chat\nfrom nbstream.local import process\n"
        "asyncio.run(Chat('local:smollm2-135m').send('Hi', max_tokens=2).wait())\n"
        "print([p.pid for p in process._processes.values()][0])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert gone(int(done.stdout))
    assert done.stderr == ""


async def test_idle_it_frees_its_memory_and_answers_again(
    weights: Installed, chat: Callable[..., Chat], own_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbstream.local.process.IDLE_SECONDS", 1)
    assert (await chat().send("Hi", max_tokens=4)).text
    process = running_process(weights)
    assert process is not None
    assert process.pid is not None
    memory = psutil.Process(process.pid)
    loaded = memory.memory_info().rss
    while memory.memory_info().rss > loaded / 3:  # noqa: ASYNC110  the test's own timeout ends it
        await asyncio.sleep(0.1)
    assert (await chat().send("Hi", max_tokens=4)).text


async def test_a_process_that_dies_in_mid_answer_is_named_and_replaced(
    weights: Installed, chat: Callable[..., Chat], own_process: None
) -> None:
    reply = chat().send("Write a long story about the sea.", max_tokens=2000)
    with pytest.raises(StreamInterruptedError, match="The process of SmolLM2 135M exited") as caught:
        await killed_in_the_middle(reply, weights)
    assert ".log" in caught.value.advice
    assert reply.text
    again = await chat().send("Hi", max_tokens=4)
    assert again.text


async def killed_in_the_middle(reply: Reply, weights: Installed) -> None:
    async for _ in reply:
        process = running_process(weights)
        if process is not None and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)


async def test_a_file_that_is_no_model_is_named_with_the_log(weights: Installed, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(ConfigError, match="broken could not be loaded") as caught:
        await Chat(f"local:{broken}").send("Hi")
    log = Path(caught.value.advice.rpartition(" ")[2])
    assert await asyncio.to_thread(log.read_bytes)
    mode = (await asyncio.to_thread(log.stat)).st_mode
    assert mode & 0o077 == 0


async def test_a_model_of_the_users_own_is_served(weights: Installed) -> None:
    reply = await Chat(f"local:{weights.path}", temperature=0).send("Hi", max_tokens=4)
    assert reply.text


def test_the_server_wants_its_key(weights: Installed) -> None:
    import httpx2

    process = ModelProcess(weights)
    address = asyncio.run(process.address())
    assert address.key not in repr(address)
    body = {"messages": [{"role": "user", "content": "Hi"}]}
    answer = httpx2.post(f"{address.url}/v1/chat/completions", json=body, trust_env=False)
    assert answer.status_code == 401
    assert address.key not in Path(f"/proc/{process.pid}/cmdline").read_text()
    process.end()
    assert process.wait(SECONDS)


@pytest.mark.parametrize("parent", [0, os.getpid()], ids=["another parent", "its parent"])
def test_a_process_without_a_reader_ends(weights: Installed, parent: int) -> None:
    settings = {
        "path": str(weights.path),
        "name": "m",
        "key": "k",
        "context": 512,
        "parallel": 1,
        "threads": 1,
        "idle": 9,
    }
    command = [sys.executable, "-P", str(WORKER), str(parent)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            worker.stdin.write(json.dumps(settings).encode() + b"\n")
            worker.stdin.close()
        assert worker.wait(SECONDS) == 0


def test_a_core_is_left_to_everything_else(tmp_path: Path) -> None:
    unlimited, half = tmp_path / "max", tmp_path / "half"
    unlimited.write_text("max 100000")
    half.write_text("50000 100000")
    cores = psutil.cpu_count(logical=False) or 1
    assert compute_threads(tmp_path / "none") == compute_threads(unlimited) <= max(1, cores - 1)
    assert compute_threads(half) == 1
