"""Runs a `%%chat` cell: shows the reply, awaits it, and raises its error."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from nbstream.conversation.preview import Preview
from nbstream.errors import ArgumentError, StateError
from nbstream.magic.args import ChatOptions
from nbstream.magic.attaching import about_failure, has_inputs, with_inputs
from nbstream.magic.comparing import models_of
from nbstream.magic.continuations import CellRequest
from nbstream.magic.interrupt import Interrupt
from nbstream.magic.session import Session
from nbstream.prompts import FilledPrompt
from nbstream.reply import Reply
from nbstream.samples import Samples
from nbstream.tools.function import Tool, as_tools
from nbstream.types.attachments import Prepared
from nbstream.views import host
from nbstream.views.busy import announced_busy

if TYPE_CHECKING:
    from nbstream.comparison import Comparison

__all__ = ["answer", "continue_last", "fix"]

_CLEANUP_SECONDS = 1.0


async def answer(shell: InteractiveShell, session: Session, options: ChatOptions, prompt: str) -> Any:
    """Send the prompt, and wait for the answer unless it runs in the background.

    Returns
    -------
    Reply, Samples, Comparison, Preview or other
        With ``--over``, the table with the answers.

    Raises
    ------
    NbstreamError
        The error of the reply, so that the cell fails and Run All stops there.
    KeyboardInterrupt
        If the kernel was interrupted; the partial answer is kept.
    """
    if options.table is not None:
        from nbstream.magic.batches import answer_rows

        return await answer_rows(shell, session, _with_schema(options, shell.user_ns), prompt)
    filled = prompt if options.raw else _filled(prompt, shell.user_ns)
    if not has_inputs(options):
        return await _answered(shell, session, options, filled)
    if isinstance(filled, FilledPrompt):
        options, filled = replace(options, filled=filled), filled.text
    return await _answered(shell, session, options, with_inputs(shell, options, filled))


async def _answered(
    shell: InteractiveShell, session: Session, options: ChatOptions, prompt: str | FilledPrompt | Prepared
) -> Reply | Samples | Comparison | Preview:
    runs_on = options.background or host.hears_cells_only_at_their_end()
    background = runs_on and options.awaited and host.detect() != "headless"
    question = replace(
        _with_schema(options, shell.user_ns),
        tools=_tools(options, shell.user_ns),
        owner=host.cell_id(),
        unattended=options.background,
    )
    if len(models_of(options)) > 1:
        return await _compared(shell, session, question, prompt)
    if options.dry_run:
        return await session.preview(prompt, question)
    if question.tools and options.approve != "always":
        _check_that_someone_can_approve(awaited=not background, answers=options.n or 1)
    question = replace(question, owner=session.next_owner(question.owner, host.execution()))
    await session.continuations.stop_earlier(question.owner)
    if background and not options.background:
        await _turns_ended(session, question.chat)
    reply = _asked(session, question, prompt)
    if options.into is not None:
        shell.user_ns[options.into] = reply
    reply.show(awaited=not background)
    try:
        if not background:
            await _awaited(reply)
        return reply
    finally:
        if options.debug:
            display((reply.chosen if isinstance(reply, Samples) else reply).inspect())


async def _compared(
    shell: InteractiveShell, session: Session, options: ChatOptions, prompt: str | FilledPrompt | Prepared
) -> Comparison:
    """Show the answers of several models side by side, and wait for them."""
    question = replace(options, owner=session.next_owner(options.owner, host.execution()))
    await session.continuations.stop_earlier(question.owner)
    comparison = session.compare(prompt, question)
    if options.into is not None:
        shell.user_ns[options.into] = comparison
    comparison.show(awaited=True)
    try:
        with announced_busy():
            await comparison
    except asyncio.CancelledError:
        raise await _interrupted(comparison) from None
    finally:
        session.adopt(comparison, question)
    if any(reply.state.interrupted for reply in comparison.replies):
        raise await _interrupted(comparison)
    return comparison


async def fix(
    shell: InteractiveShell, session: Session, words: str, *, dry_run: bool = False
) -> Reply | Samples | Comparison | Preview:
    """Ask about the last error of the notebook, show the answer and wait for it.

    Raises
    ------
    NbstreamError
        If there is no error to ask about, or the reply fails.
    KeyboardInterrupt
        If the kernel was interrupted; the partial answer is kept.
    """
    question = about_failure(shell, words)
    return await _answered(shell, session, ChatOptions(dry_run=dry_run), question)


async def continue_last(session: Session, name: str | None = None) -> Reply:
    """Continue the last answer of a chat, show it and wait for it.

    Raises
    ------
    NbstreamError
        If there is nothing to continue, or the reply fails.
    KeyboardInterrupt
        If the kernel was interrupted; the partial answer is kept.
    """
    reply = session.go_on(session.existing(name)[1])
    reply.show(awaited=True)
    await _awaited(reply)
    return reply


def _asked(session: Session, options: ChatOptions, prompt: str | FilledPrompt | Prepared) -> Reply | Samples:
    """The answer or answers to a cell: new, or the earlier one continued where its view asked for that."""
    # A redefined function or class is a different object, although the cell is the same.
    text = (replace(options, tools=None, schema=None), prompt)
    cut = session.continuations.pop(options.owner, text)
    chat = session.chat(options.chat) if cut is None else cut.chat
    asked: Reply | Samples
    if cut is not None:
        asked = session.go_on(chat, cut.reply)
    elif options.n is not None:
        asked = session.sample(prompt, options, options.n)
    else:
        asked = session.ask(prompt, options)
    for reply in _replies(asked):
        session.continuations.remember(options.owner, CellRequest(chat, reply, text))
    return asked


def _replies(asked: Reply | Samples) -> Sequence[Reply]:
    return asked if isinstance(asked, Samples) else [asked]


async def _turns_ended(session: Session, chat: str | None) -> None:
    """Wait for the answers to earlier cells, as Run All does where cells wait for their own."""
    answers = [version.answer for turn in session.chat(chat).conversation for version in turn.versions]
    for answer in answers:
        if isinstance(answer, Reply):
            await answer.wait()


async def _awaited(reply: Reply | Samples) -> None:
    try:
        with announced_busy():
            await reply.wait()
    except asyncio.CancelledError:
        raise await _interrupted(reply) from None
    if reply.error is not None:
        raise reply.error
    if any(one.state.interrupted for one in _replies(reply)):
        raise await _interrupted(reply)


def _filled(prompt: str, variables: Mapping[str, Any]) -> str | FilledPrompt:
    """The prompt with its variables filled in; the prompt itself if it has none.

    Raises
    ------
    ArgumentError
        If one has no value, or braces hold no expression. Nothing was sent.
    """
    if "{{" not in prompt:
        return prompt
    from nbstream.prompts.cells import filled_cell

    return filled_cell(prompt, variables)


def _tools(options: ChatOptions, namespace: Mapping[str, Any]) -> Mapping[str, Tool] | None:
    """The functions named by ``--tools``.

    Raises
    ------
    ConfigError
        If one does not exist.
    """
    names = [name.strip() for name in options.functions.split(",") if name.strip()]
    if not names:
        return None
    missing = [name for name in names if not _is_tool(namespace.get(name))]
    if missing:
        raise ArgumentError(
            f"--tools: no function named {', '.join(missing)}.", advice="Define it in a cell above."
        )
    return as_tools(namespace[name] for name in names)


def _with_schema(options: ChatOptions, namespace: Mapping[str, Any]) -> ChatOptions:
    """The options with the schema named by ``--schema``.

    Raises
    ------
    ArgumentError
        If there is none, or ``--retries`` has no use.
    """
    if options.schema_name is not None:
        from nbstream.structured.naming import named_schema

        return replace(options, schema=named_schema(options.schema_name, namespace))
    if options.retries is not None:
        raise ArgumentError("--retries has no use without --schema.", advice="Add --schema NAME.")
    return options


def _is_tool(value: object) -> bool:
    return callable(value) or isinstance(value, Tool)


def _check_that_someone_can_approve(*, awaited: bool, answers: int) -> None:
    """Refuse, before anything is sent, tool calls that nobody could approve.

    Raises
    ------
    ConfigError
        Says why, and what to do.
    """
    several = "Only one of several answers is shown while they arrive" if answers > 1 else None
    reason = several or host.why_not_interactive(awaited=awaited)
    if reason is not None:
        raise StateError(
            f"{reason}, so calls of --tools cannot be approved.",
            advice="Add --approve always to run them without approval.",
        )


async def _interrupted(reply: Reply | Samples | Comparison) -> KeyboardInterrupt:
    """Close the stream, keep the partial answer, and return the error that stops Run All."""
    reply.stop(by="interrupt")
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(reply.wait(), _CLEANUP_SECONDS)
    return Interrupt("interrupted; the partial answer is kept.")
