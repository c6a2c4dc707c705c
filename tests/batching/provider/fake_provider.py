"""A server on loopback that speaks OpenAI's Batch API, and fails as the test says."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes
from typing import Any, Self

from tests.loopback import ByteServer, Close, RecordedRequest, Send, Step, json_response, response

Line = dict[str, Any]
Answer = Callable[[Line], Line | None]

NOT_FOUND = json_response(404, {"error": {"message": "no such thing", "code": "not_found"}})


def answered(text: str, reason: str = "stop") -> Line:
    """The response of a line that was answered."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    body = {"model": "m", "choices": [choice], "usage": usage}
    return {"response": {"status_code": 200, "request_id": "r", "body": body}, "error": None}


def refused(status: int, message: str) -> Line:
    """The response of a line that was refused."""
    return {"response": {"status_code": status, "body": {"error": {"message": message}}}, "error": None}


def unprocessed(code: str, message: str) -> Line:
    """A line without a response."""
    return {"response": None, "error": {"code": code, "message": message}}


def prompt_of(line: Line) -> str:
    text: str = line["body"]["messages"][-1]["content"]
    return text


def echo(line: Line) -> Line:
    return answered(prompt_of(line))


class FakeProvider:
    """A provider whose jobs end when they are looked at often enough.

    Parameters
    ----------
    answer
        The result of a line; None for no line in the results.

    Attributes
    ----------
    looks : int
        How often a job is looked at before it ends.
    ends : str
        How jobs end.
    before : dict
        Steps for the next request by ``"METHOD path"`` without names, instead of what the provider would do.
    after : dict
        The same, but after the provider has done it: the client does not learn of it.
    """

    def __init__(self, answer: Answer = echo) -> None:
        self.answer = answer
        self.looks = 1
        self.ends = "completed"
        self.errors: list[dict[str, Any]] = []
        self.before: dict[str, list[list[Step]]] = {}
        self.after: dict[str, list[list[Step]]] = {}
        self.files: dict[str, bytes] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.log: list[str] = []
        self._lock = threading.Lock()
        self._server = ByteServer(self._handle)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._server.__exit__(kind, *error)

    @property
    def server(self) -> ByteServer:
        return self._server

    @property
    def lines(self) -> list[Line]:
        """The lines of all jobs."""
        files = [self.files[job["input_file_id"]] for job in self.jobs.values()]
        return [json.loads(line) for file in files for line in file.splitlines()]

    def count(self, call: str) -> int:
        """How often something was requested."""
        return self.log.count(call)

    def _handle(self, request: RecordedRequest) -> Iterable[Step]:
        path = request.path.partition("?")[0]
        call = f"{request.method} {re.sub(r'/(file|job)-[0-9a-z-]+', '/ID', path.removeprefix('/v1'))}"
        with self._lock:
            self.log.append(call)
            if self.before.get(call):
                return self.before[call].pop(0)
            steps = self._do(call, path, request)
            return self.after[call].pop(0) if self.after.get(call) else steps

    def _do(self, call: str, path: str, request: RecordedRequest) -> list[Step]:
        names = re.findall(r"(?:file|job)-[0-9a-z-]+", path)
        match call:
            case "POST /files":
                name = f"file-{len(self.files)}"
                self.files[name] = _uploaded(request)
                return json_response(200, {"id": name, "object": "file", "purpose": "batch", **_FILE})
            case "POST /batches":
                name = f"job-{len(self.jobs)}"
                self.jobs[name] = _job(name, request.json)
                return json_response(200, self.jobs[name])
            case "GET /batches":
                newest = list(reversed(self.jobs.values()))
                return json_response(200, {"object": "list", "data": newest, "has_more": False})
            case "GET /batches/ID" if names[0] in self.jobs:
                return json_response(200, self._looked(self.jobs[names[0]]))
            case "POST /batches/ID/cancel" if names[0] in self.jobs:
                job = self.jobs[names[0]]
                job["status"] = "cancelling"
                return json_response(200, job)
            case "GET /files/ID/content" if names[0] in self.files:
                return response(200, self.files[names[0]], {"content-type": "application/jsonl"})
        return NOT_FOUND

    def _looked(self, job: dict[str, Any]) -> dict[str, Any]:
        job["looks"] += 1
        if job["status"] == "cancelling":
            self._end(job, "cancelled")
        elif job["status"] == "in_progress" and job["looks"] >= self.looks:
            self._end(job, self.ends)
        return job

    def _end(self, job: dict[str, Any], status: str) -> None:
        job["status"] = status
        if status == "failed":
            job["errors"] = {"object": "list", "data": self.errors.copy()}
            self.ends = "completed"
            return
        results: dict[str, list[bytes]] = {"output": [], "error": []}
        for text in self.files[job["input_file_id"]].splitlines():
            line = json.loads(text)
            result = self.answer(line)
            if result is not None:
                good = (result["response"] or {}).get("status_code") == 200
                whole = {"id": "x", "custom_id": line["custom_id"], **result}
                results["output" if good else "error"].append(json.dumps(whole).encode() + b"\n")
        job["request_counts"] = {
            "total": sum(map(len, results.values())),
            "completed": len(results["output"]),
            "failed": len(results["error"]),
        }
        for kind, lines in results.items():
            if lines:
                job[f"{kind}_file_id"] = name = f"file-{kind}-{job['id']}"
                self.files[name] = b"".join(lines)


def cut(content: bytes, at: int) -> list[Step]:
    """A response that ends after some bytes of its content."""
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(content)}\r\n\r\n".encode()
    return [Send(head + content[:at]), Close()]


def open_ended(content: bytes) -> list[Step]:
    """A response without a length, which ends with its connection: a cut cannot be seen."""
    return [Send(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + content), Close()]


_FILE = {"bytes": 1, "created_at": 1, "filename": "x", "status": "processed"}


def _job(name: str, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "object": "batch",
        "created_at": 1,
        "status": "in_progress",
        "looks": 0,
        "output_file_id": None,
        "error_file_id": None,
        "errors": None,
        "request_counts": None,
        **asked,
    }


def _uploaded(request: RecordedRequest) -> bytes:
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    parts: Iterator[Any] = iter(message_from_bytes(head + request.body).get_payload())
    for part in parts:
        if part.get_filename():
            content: bytes = part.get_payload(decode=True)
            return content
    raise AssertionError("There is no file.")
