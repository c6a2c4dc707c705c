"""What can be read of a reply: derived from its events, at any moment."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from nbstream.errors import FieldProblem, NbstreamError, StateError
from nbstream.recording.answer_messages import answer_messages
from nbstream.recording.recording import Recording
from nbstream.recording.reply_data import reply_data
from nbstream.recording.reply_info import ReplyInfo
from nbstream.recording.state import ReplyState, Status
from nbstream.recording.unsent import Unsent
from nbstream.structured.answer import StructuredAnswer
from nbstream.types.events import SchemaMode, StreamEvent, Warned
from nbstream.types.images import Citation, Image
from nbstream.types.logprobs import Logprobs
from nbstream.types.messages import Message
from nbstream.types.rating import Rating
from nbstream.types.rendered import RenderedPrompt
from nbstream.types.timings import Timings
from nbstream.types.tool_calls import ToolCall
from nbstream.types.usage import Usage

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Readable"]


class Readable:
    """What a reply holds. Reading one whose request was not sent warns.

    Parameters
    ----------
    recording
        The log and the state of the reply.
    about
        What is known of it besides.
    """

    def __init__(self, recording: Recording, about: ReplyInfo) -> None:
        self._recording = recording
        self._state = recording.state
        self._about = about
        self._unsent: Unsent | None = None
        self._final_messages: tuple[Message, ...] | None = None

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._read.text

    @property
    def reasoning(self) -> str:
        """The model's reasoning so far, which is not part of the answer."""
        return self._read.reasoning

    @property
    def status(self) -> Status:
        """One of ``"submitted"``, ``"streaming"``, ``"finished"``, ``"stopped"``, ``"failed"``."""
        return self._read.status

    @property
    def finish_reason(self) -> str | None:
        """Why the model ended the answer, as the server names it; None while it has not."""
        return self._read.finish_reason

    @property
    def usage(self) -> Usage | None:
        """Token counts reported by the server; None if it did not."""
        return self._read.usage

    @property
    def logprobs(self) -> Logprobs | None:
        """Probabilities of the tokens so far; None if the server sent none.

        Request them with ``logprobs=True``, and alternatives with ``top_logprobs=5``.
        """
        tokens = self._read.tokens
        return Logprobs(tokens) if tokens else None

    @property
    def cost(self) -> Decimal | None:
        """Price of the answer in US dollars: 0 if it was written on this machine, None if none is known.

        Prices come from the package ``nbstream[cost]`` and `NBStream.prices`.
        """
        usage = self._read.usage
        return usage.cost if usage else None

    @property
    def timings(self) -> Timings:
        """Time to first token, duration and rate, so far."""
        return self._read.timings

    @property
    def error(self) -> NbstreamError | None:
        """What went wrong, if the status is ``"failed"``."""
        return self._read.error

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """Problems of the answer that are not errors."""
        return tuple(self._read.warnings)

    @property
    def rating(self) -> Rating | None:
        """The rating that `Reply.rate` or the thumbs below the answer gave it; None without one."""
        return self._read.rating

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Tool calls requested by the model."""
        return tuple(self._read.tool_calls.values())

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages that the answer adds to the conversation: tool calls, their results, and its text."""
        if self._final_messages is not None:
            return self._final_messages
        messages = answer_messages(self._read)
        if self.done:
            self._final_messages = messages  # each later request of the conversation takes them
        return messages

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources of the answer, in the order of the server: ``[1]`` is the first."""
        return self._read.citations

    @property
    def images(self) -> tuple[Image, ...]:
        """The images of the answer."""
        return tuple(self._read.images)

    @property
    def prompt(self) -> RenderedPrompt | None:
        """The question and its template, if variables were filled in; None for a message sent as written."""
        return self._state.prompt

    @property
    def model(self) -> str | None:
        """The model that answers, by the name the server uses; before that, the requested one."""
        route = self._state.route
        return self._state.model or (route.model if route else None)

    @property
    def events(self) -> tuple[StreamEvent, ...]:
        """All events, in order."""
        return tuple(self._recording.events)

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of the request, as passed."""
        return dict(self._about.params)

    @property
    def parsed(self) -> Any:
        """The validated value of an answer to ``schema=…``: of the type that was asked for.

        Raises
        ------
        SchemaError
            When the answer does not match the schema or is not complete. `rows` holds the valid rows.
        StateError
            When the reply has not ended, or was asked without a schema.

        Examples
        --------
        >>> from nbstream import Chat
        >>> Chat("demo:nbstream-demo-fast").send("echo: [3, 4]", schema=list[int]).result().parsed
        [3, 4]
        """
        answer = self._structured
        if not self._state.ended:
            raise StateError(
                "The answer has not ended.", advice="Await the reply; reply.rows is there before."
            )
        return answer.parsed()

    @property
    def rows(self) -> list[Any]:
        """The valid rows so far of an answer to ``schema=list[…]``; a cut answer keeps its whole rows.

        Examples
        --------
        >>> from nbstream import Chat
        >>> Chat("demo:nbstream-demo-fast").send("echo: [3, 4", schema=list[int]).result().rows
        [3]
        """
        return self._structured.valid_rows

    @property
    def row_errors(self) -> list[FieldProblem]:
        """What does not match the schema, each with the `row`, the `field` and a `message`."""
        return self._structured.errors

    @property
    def schema_mode(self) -> SchemaMode | None:
        """How the schema was sent: ``"json_schema"``, ``"json_object"`` or ``"instructions"``; None without.

        The first is enforced by the server. With ``"json_object"`` the server enforces only JSON, and with
        ``"instructions"`` nothing: the prompt describes the schema.
        """
        return self._read.schema_mode

    def to_frame(self) -> pd.DataFrame:
        """The valid rows of an answer with a schema as a DataFrame; its index is their place in the answer.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.
        StateError
            When the reply was asked without a schema.

        Examples
        --------
        >>> from nbstream import Chat
        >>> chat = Chat("demo:nbstream-demo-fast")
        >>> reply = chat.send('echo: [{"a": 1}, {"a": 2}]', schema=list[dict[str, int]])
        >>> reply.result().to_frame()["a"].tolist()
        [1, 2]
        """
        from nbstream.structured.frame import frame

        return frame(self._structured)

    @property
    def _structured(self) -> StructuredAnswer:
        answer = self._read.structured
        if answer is None:
            raise StateError("This reply was asked without a schema.", advice="Use chat.send(…, schema=…).")
        return answer

    @property
    def done(self) -> bool:
        """Whether nothing more will arrive."""
        return self._recording.settled.done()

    @property
    def state(self) -> ReplyState:
        """What the events add up to: for code of nbstream that draws or saves it, for reading only."""
        return self._state

    @property
    def about(self) -> ReplyInfo:
        """What is saved with the answer besides its events."""
        return self._about

    def to_dict(self) -> dict[str, Any]:
        """The reply as JSON-compatible data, for a file or a row of a table. It holds no key.

        Examples
        --------
        >>> from nbstream import Chat
        >>> data = Chat("demo:nbstream-demo-fast").send("echo: Hello", seed=7).result().to_dict()
        >>> data["status"], data["provider"], data["params"]
        ('finished', 'demo', {'seed': 7})
        """
        return reply_data(self._read, self._about)

    def __repr__(self) -> str:
        if self._unsent is not None:
            return "<Reply, not sent yet: call .result(), use it in a for loop, or await it>"
        return (
            f"<Reply {self._state.status}: {len(self._state.text)} characters from {self.model or 'a model'}>"
        )

    def __str__(self) -> str:
        return self.text

    @property
    def _read(self) -> ReplyState:
        if self._unsent is not None:
            self._unsent.read()
        return self._state
