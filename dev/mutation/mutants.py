"""The table of mutants. A change of the code that a row names must change the row too."""

from __future__ import annotations

from dev.mutation.probe import Mutant

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "nbstream/client/deadline_timer.py",
        "if task.uncancel() <= self._cancelling and kind",
        "if task.uncancel() >= 0 and kind",
        ("tests/client/test_deadline_timer.py",),
    ),
    Mutant(
        "nbstream/client/deadline_timer.py",
        "when = min(self._due, self._end)",
        "when = self._due",
        ("tests/client/test_deadline_timer.py",),
    ),
    Mutant(
        "nbstream/recording/state.py",
        """        self.finish_reason = event.reason
        self.continuable = event.continuable and not self.tool_calls
""",
        """        self.finish_reason = event.reason
        self.continuable = event.continuable
""",
        ("tests/recording/test_state.py",),
    ),
    Mutant(
        "nbstream/recording/state.py",
        """        self.position = event.position
        self.continuable = event.continuable and not self.tool_calls
""",
        """        self.position = event.position
        self.continuable = event.continuable
""",
        ("tests/recording/test_state.py",),
    ),
    Mutant(
        "nbstream/recording/state.py",
        "event.error.partial = self.text",
        "pass",
        ("tests/test_reply.py", "tests/recording/test_state.py"),
    ),
    Mutant(
        "nbstream/conversation/context.py",
        "and size > max_tokens * _BYTES_PER_TOKEN",
        "and size >= max_tokens * _BYTES_PER_TOKEN",
        ("tests/conversation/test_context.py",),
    ),
    Mutant(
        "nbstream/conversation/context.py",
        "return -(-_size(messages) // _BYTES_PER_TOKEN)",
        "return _size(messages) // _BYTES_PER_TOKEN",
        ("tests/conversation/test_context.py",),
    ),
    Mutant(
        "nbstream/wire/retry.py",
        "if attempt > self.retries or",
        "if attempt >= self.retries or",
        ("tests/wire/test_retry.py",),
    ),
    Mutant(
        "nbstream/wire/retry.py",
        "error.retry_after <= self.longest_wait",
        "error.retry_after < self.longest_wait",
        ("tests/wire/test_retry.py",),
    ),
    Mutant(
        "nbstream/wire/retry.py", 'return error.kind != "quota"', "return True", ("tests/wire/test_retry.py",)
    ),
    Mutant(
        "nbstream/wire/run.py",
        "if not pieces or not _TEXTS.fullmatch(joined):",
        "if not pieces:",
        ("tests/wire/test_run.py",),
    ),
    Mutant(
        "nbstream/wire/response_reader.py",
        "events + self._decoder.decode(self._sse.feed(block[size:]), at)",
        "events",
        ("tests/wire/test_run.py",),
    ),
    Mutant(
        "nbstream/wire/repeated.py",
        "== _PROBE:\n            padding",
        '!= "":\n            padding',
        ("tests/wire/test_repeated.py",),
    ),
    Mutant(
        "nbstream/wire/surrogates.py",
        'if "\\ud800" <= text[-1:] <= "\\udbff":',
        'if "\\ud800" <= text[-1:] < "\\ud83d":',
        ("tests/wire/test_chunks.py", "tests/wire/test_damaged.py"),
    ),
    Mutant(
        "nbstream/wire/sse.py",
        "self._after_cr = last == 0x0D",
        "self._after_cr = False",
        ("tests/wire/test_sse.py",),
    ),
    Mutant(
        "nbstream/wire/sse.py",
        'self._id = self._id if b"\\0" in value else',
        "self._id =",
        ("tests/wire/test_sse.py",),
    ),
    Mutant(
        "nbstream/wire/thinking.py",
        "thought = thought if self._begun else thought.lstrip(_SPACE)",
        "thought = thought.lstrip(_SPACE)",
        ("tests/wire/test_chunks.py", "tests/wire/test_streams.py"),
    ),
    Mutant(
        "nbstream/wire/continuation_joiner.py",
        " and len(set(held[:size])) >= _REPEATED_SORTS",
        "",
        ("tests/wire/test_continuation_joiner.py",),
    ),
    Mutant(
        "nbstream/recording/log.py",
        "place = max(0, place - len(part))",
        "place = 0",
        # Not the whole file: Hypothesis takes more than the timeout to shorten what it finds.
        ("tests/recording/test_log.py::test_a_log_of_many_parts_is_read_from_any_place",),
    ),
    Mutant(
        "nbstream/types/usage.py",
        "return theirs if mine is None else mine if theirs is None else mine + theirs",
        "return theirs if mine is None else mine + (theirs or 1)",
        ("tests/types/test_usage.py",),
    ),
    Mutant(
        "nbstream/_util/redaction.py",
        "for secret in sorted(self._secrets, key=len, reverse=True):",
        "for secret in sorted(self._secrets, key=len):",
        ("tests/_util/test_redaction.py",),
    ),
    Mutant(
        "nbstream/_util/redaction.py",
        "            text = _without_beginning(text, secret)\n",
        "            pass\n",
        ("tests/_util/test_redaction.py",),
    ),
    Mutant(
        "nbstream/_util/credentials.py",
        "yield from (user, password, unquote(user), unquote(password))",
        "yield from (user, password)",
        ("tests/client/test_secrets.py",),
    ),
    Mutant(
        "nbstream/tools/loop.py",
        "if rounds == self.steps:",
        "if rounds > self.steps:",
        ("tests/tools/test_function.py",),
    ),
    Mutant(
        "nbstream/tools/loop.py",
        "                if not await decision:",
        "                if await decision is None:",
        ("tests/tools/test_function.py",),
    ),
    Mutant(
        "nbstream/relay/access.py",
        "        if self._token is None:\n            _check_local(request)",
        "        if self._token is None:\n            pass",
        ("tests/relay/test_access.py",),
    ),
    Mutant(
        "nbstream/relay/access.py",
        "if server is not None and not is_this_machine",
        "if server is None and not is_this_machine",
        ("tests/relay/test_access.py",),
    ),
    Mutant(
        "nbstream/views/pacer.py",
        "if self._state.status != self._painted_status or loop.time()",
        "if loop.time()",
        ("tests/views/test_pace.py",),
    ),
    Mutant(
        "nbstream/views/pacer.py",
        "SHORTEST_SECONDS), LONGEST_SECONDS)",
        "SHORTEST_SECONDS), 60 * LONGEST_SECONDS)",
        ("tests/views/test_pace.py",),
    ),
)
