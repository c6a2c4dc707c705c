"""Probabilities of the tokens of an answer, as the server reports them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from nbstream._util.pandas import require_pandas

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LOGPROBS_MIMETYPE", "Alternative", "Logprobs", "LowSpan", "TokenLogprob"]

LOGPROBS_MIMETYPE = "application/vnd.nbstream.logprobs+json"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that the model might have chosen.

    Parameters
    ----------
    token
        Its text.
    logprob
        Natural logarithm of its probability.
    """

    token: str
    logprob: float

    @property
    def probability(self) -> float:
        """From 0 to 1."""
        return _probability(self.logprob)


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token of an answer.

    Parameters
    ----------
    token
        Its text, as the server shows it. Of a part of a character this is not readable.
    logprob
        Natural logarithm of its probability.
    data
        Its UTF-8; None if the server does not send it.
    top
        The most probable tokens at this place, if they were requested.
    """

    token: str
    logprob: float
    data: bytes | None = None
    top: tuple[Alternative, ...] = ()

    @property
    def probability(self) -> float:
        """From 0 to 1."""
        return _probability(self.logprob)

    @property
    def utf8(self) -> bytes:
        """Its bytes, made of its text where the server sends none."""
        return self.token.encode("utf-8", "replace") if self.data is None else self.data

    def as_dict(self) -> dict[str, Any]:
        """The token as JSON-compatible data."""
        data = None if self.data is None else list(self.data)
        top = [{"token": other.token, "logprob": other.logprob} for other in self.top]
        return {"token": self.token, "logprob": self.logprob, "bytes": data, "top": top}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> TokenLogprob:
        """The token that `as_dict` has written."""
        top = tuple(Alternative(**other) for other in data.get("top", ()))
        utf8 = data.get("bytes")
        return cls(data["token"], data["logprob"], None if utf8 is None else bytes(utf8), top)


@dataclass(frozen=True, slots=True)
class LowSpan:
    """A part of an answer in which every token has a low probability.

    Parameters
    ----------
    text
        The text of the part, in whole characters.
    start, end
        Where it is in `Logprobs.text`, in characters.
    probability
        That of its least probable token.
    tokens
        Its tokens.
    """

    text: str
    start: int
    end: int
    probability: float
    tokens: tuple[TokenLogprob, ...]


class Logprobs(Sequence[TokenLogprob]):
    """The tokens of an answer with their probabilities: ``reply.logprobs``.

    As a cell's value they are shown as text that is shaded by probability, and so is the answer itself where
    its reader switches that on. A saved answer and a pickled reply have them.

    Parameters
    ----------
    tokens
        In order.

    Examples
    --------
    >>> logprobs = Logprobs([TokenLogprob("Par", -0.1), TokenLogprob("is", -0.01), TokenLogprob("?", -3.0)])
    >>> logprobs.text, len(logprobs)
    ('Paris?', 3)
    >>> [(span.text, round(span.probability, 2)) for span in logprobs.low()]
    [('?', 0.05)]
    """

    def __init__(self, tokens: Sequence[TokenLogprob]) -> None:
        self.tokens = tuple(tokens)

    @overload
    def __getitem__(self, index: int) -> TokenLogprob: ...
    @overload
    def __getitem__(self, index: slice) -> Logprobs: ...
    def __getitem__(self, index: int | slice) -> TokenLogprob | Logprobs:
        return Logprobs(self.tokens[index]) if isinstance(index, slice) else self.tokens[index]

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        low = len(self.low())
        return f"<Logprobs: {len(self)} tokens, {low} low-confidence {'span' if low == 1 else 'spans'}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {LOGPROBS_MIMETYPE: {"tokens": self.rows}, "text/plain": repr(self)}

    @property
    def rows(self) -> list[list[Any]]:
        """What an output saves: text, probability and alternatives of the tokens, in whole characters.

        Examples
        --------
        >>> Logprobs([TokenLogprob("Hi", -0.1, top=(Alternative("Hi", -0.1), Alternative("Oh", -3.0)))]).rows
        [['Hi', 0.9048, [['Hi', 0.9048], ['Oh', 0.0498]]]]
        """
        return [*map(_shown, self._characters())]

    @property
    def text(self) -> str:
        """The text of all tokens."""
        return "".join(text for text, _ in self._characters())

    def low(self, threshold: float = 0.5) -> list[LowSpan]:
        r"""The parts whose tokens all have a probability below `threshold`, in order.

        A character that several tokens make is never divided: it counts with its least probable token.

        Parameters
        ----------
        threshold
            From 0 to 1.

        Examples
        --------
        >>> half = [TokenLogprob("\ufffd", -2.0, b"\xc3"), TokenLogprob("\ufffd", -0.1, b"\xa9")]
        >>> Logprobs(half).low()[0].text
        'é'
        """
        spans: list[LowSpan] = []
        place = 0
        for text, tokens in self._characters():
            least = min(token.probability for token in tokens)
            if least < threshold:
                span = LowSpan(text, place, place + len(text), least, tokens)
                joined = bool(spans) and spans[-1].end == place
                spans[-1:] = [_joined(spans[-1], span)] if joined else [*spans[-1:], span]
            place += len(text)
        return spans

    def to_frame(self) -> pd.DataFrame:
        """A pandas DataFrame with a row for each token; ``top`` is a dict from token to probability.

        Raises
        ------
        MissingPackageError
            If pandas is not installed.

        Examples
        --------
        >>> list(Logprobs([TokenLogprob("Hi", -0.1)]).to_frame().columns)
        ['token', 'bytes', 'logprob', 'probability', 'top']
        """
        require_pandas("The tokens can be iterated over.")
        import pandas as pd

        rows = [
            (
                token.token,
                token.data,
                token.logprob,
                token.probability,
                {other.token: other.probability for other in token.top},
            )
            for token in self.tokens
        ]
        return pd.DataFrame(rows, columns=["token", "bytes", "logprob", "probability", "top"])

    def _characters(self) -> Iterator[tuple[str, tuple[TokenLogprob, ...]]]:
        """The shortest runs of tokens that are whole characters, with their texts."""
        data, tokens = b"", list[TokenLogprob]()
        for token in self.tokens:
            data += token.utf8
            tokens.append(token)
            try:
                text = data.decode()
            except UnicodeDecodeError as error:
                if error.reason == "unexpected end of data":
                    continue
                text = data.decode("utf-8", "replace")
            yield text, tuple(tokens)
            data, tokens = b"", []
        if tokens:
            yield data.decode("utf-8", "replace"), tuple(tokens)


def _shown(characters: tuple[str, tuple[TokenLogprob, ...]]) -> list[Any]:
    """Text, probability and alternatives of whole characters, in few bytes."""
    text, tokens = characters
    others = tokens[0].top if len(tokens) == 1 else ()
    top = [[other.token, round(other.probability, 4)] for other in others]
    return [text, round(min(token.probability for token in tokens), 4), top]


def _joined(first: LowSpan, second: LowSpan) -> LowSpan:
    least = min(first.probability, second.probability)
    tokens = first.tokens + second.tokens
    return LowSpan(first.text + second.text, first.start, second.end, least, tokens)


def _probability(logprob: float) -> float:
    return math.exp(min(0.0, logprob))
