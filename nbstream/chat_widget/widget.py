"""A chat with an input box, embedded in a notebook.

The widget observes its chat and holds no second copy of the conversation: what a `%%chat` cell or `Chat.send`
adds appears in it, and what is typed in it is a turn of the chat. As with a single reply, Python alone writes
state; the front end sends commands (`js/core/chat-protocol.ts`), carried out by `commands`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Unpack, overload

import traitlets

from nbstream.chat import Chat
from nbstream.chat_widget.commands import ChatCommands
from nbstream.chat_widget.publisher import ChatPublisher
from nbstream.chat_widget.saved import saved_chat
from nbstream.chat_widget.settings import ChatSettings
from nbstream.client import sdk
from nbstream.conversation.options import ChatKeywords, SendKeywords, chat_keywords, send_keywords
from nbstream.errors import ArgumentError
from nbstream.reply import Reply
from nbstream.views import host
from nbstream.views.front_end import FrontEnd, FrontEndWidget
from nbstream.views.inert import inert_markdown
from nbstream.views.widget import WIDGET_MIMETYPE, kernel_id

__all__ = ["ChatWidget"]


class ChatWidget(FrontEndWidget):
    """Message list and input box of a chat.

    Parameters
    ----------
    chat
        The chat to show; a new one by default.
    height
        Height in pixels; 0 lets the widget grow with its content.
    placeholder
        What the empty input box says.
    **settings
        The model and settings of the new chat, as `Chat` takes them, where none is given.

    Notes
    -----
    Displayed by itself, it leaves the transcript in the cell's output (`nbstream.chat_widget.saved`). In
    JupyterLab and Notebook 7 that follows the chat, is drawn when the kernel is gone, and is offered to the
    chat of a new one. Inside of a layout (VBox, Tab) the output is that of the layout, and nothing is kept.

    The widget shows every answer of its chat. So ``break`` in ``for delta in chat.send(…)`` does not stop the
    answer, as it would without a widget: click Stop or call `Reply.stop`.

    Attributes
    ----------
    chat : Chat
        The chat itself.
    value : str
        Text of the last answer, empty while there is none. Observe it with ``observe(…, "value")``.
    busy : bool
        Whether an answer is streaming.

    Examples
    --------
    >>> widget = ChatWidget(Chat("demo"), placeholder="Ask about the data")
    >>> widget.busy, widget.value
    (False, '')
    >>> widget.close()
    """

    front_end = FrontEnd("chat")
    snapshot = traitlets.Dict().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(480, min=0).tag(sync=True)
    placeholder = traitlets.Unicode("Ask anything")
    value = traitlets.Unicode(read_only=True)
    busy = traitlets.Bool(read_only=True)

    @chat_keywords
    def __init__(
        self,
        chat: Chat | None = None,
        *,
        model: str | None = None,
        height: int = 480,
        placeholder: str = "Ask anything",
        **settings: Unpack[ChatKeywords],
    ) -> None:
        self.chat = _chat(chat, model, settings)
        self._callbacks: list[Callable[[Reply], None]] = []
        self._publisher = ChatPublisher(self.chat, self._send_to_page, self._on_change)
        self._publisher.placeholder = placeholder
        self._settings = ChatSettings(self.chat)
        self._commands = ChatCommands(self.chat, self._publisher, self._settings)
        sdk.preload()
        # Whether a notebook saves the transcript, and whether sending it is scheduled.
        self._kept = self._saving = False
        handlers = {
            **self._commands.handlers,
            "keep": lambda _: self._start_keeping(),
            "gone": lambda _: self._stop_keeping(),
        }
        state = {"kernel_id": kernel_id(), "height": height, "placeholder": placeholder}
        super().__init__(page=host.page(), handlers=handlers, **state)

    def open(self) -> None:
        """Tell the front end of the widget; where nobody looks it would only bloat the saved notebook."""
        if host.detect() != "headless":
            super().open()

    @property
    def model_id(self) -> str:
        """Id of the widget, by which a layout (VBox, Tab) names it: then the front end has to know of it."""
        if self.comm is None and self._model_id is None:
            super().open()
        return str(super().model_id)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """State for a front end that asks; the snapshot is made now, so that it is never stale."""
        self._trait_values["snapshot"] = self._publisher.snapshot()
        return super().get_state(key, drop_defaults)

    def __repr__(self) -> str:
        return f"ChatWidget({self.chat!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The transcript, and beside it the widget where someone looks at it."""
        mode = host.detect()
        if mode == "terminal" or self._view_name is None:
            return super()._repr_mimebundle_(**kwargs)
        data, metadata = self._saved()
        if mode == "live":
            view = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
            data = {WIDGET_MIMETYPE: view} | data
        return data, metadata

    def _saved(self) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = saved_chat(self.chat.conversation, self.height, self._settings.chosen)
        if not data["text/plain"]:
            data |= {"text/markdown": inert_markdown(self.placeholder), "text/plain": self.placeholder}
        return data, metadata

    @overload
    def send(self, content: str, buffers: None = None) -> Reply: ...
    @overload
    def send(self, content: Mapping[str, Any], buffers: Any = None) -> None: ...
    def send(self, content: Any, buffers: Any = None) -> Reply | None:
        """Send a text as if the user had typed it, like `Chat.send`.

        Parameters
        ----------
        content
            The text. A mapping is sent to the front end as an ipywidgets message (ipywidgets has a method of
            this name).
        buffers
            Buffers of such a message.

        Returns
        -------
        Reply or None
            The answer to a text.

        Raises
        ------
        ArgumentError
            If it is neither.

        Examples
        --------
        >>> import asyncio
        >>> async def main():
        ...     widget = ChatWidget(Chat("demo:nbstream-demo-fast"))
        ...     await widget.send("Hello")
        ...     widget.close()
        ...     return len(widget.chat.conversation)
        >>> asyncio.run(main())
        1
        """
        if isinstance(content, str):
            return self.chat.send(content)
        if not isinstance(content, Mapping):
            advice = "Pass text here; use chat.send for other content."
            raise ArgumentError(f"A {type(content).__name__} cannot be sent.", advice=advice)
        super().send(dict(content), buffers)
        return None

    @send_keywords
    def send_message(self, text: str, /, **options: Unpack[SendKeywords]) -> Reply:
        """Deprecated: use `send`, or ``widget.chat.send`` for options."""
        message = (
            "widget.send_message(text) is deprecated. Use widget.send(text) or widget.chat.send(text, …)."
        )
        warnings.warn(message, DeprecationWarning, stacklevel=3)
        return self.chat.send(text, **options)

    def on_reply(self, callback: Callable[[Reply], None]) -> Callable[[], None]:
        """Call `callback` with every ended reply; return an unsubscribe function.

        Examples
        --------
        >>> import asyncio
        >>> async def main():
        ...     widget, texts = ChatWidget(Chat("demo:nbstream-demo-fast")), []
        ...     unsubscribe = widget.on_reply(lambda reply: texts.append(reply.text))
        ...     reply = await widget.send("echo: Hello")
        ...     unsubscribe()
        ...     widget.close()
        ...     return texts == [reply.text]
        >>> asyncio.run(main())
        True
        """
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def close(self) -> None:
        """Close the widget; the chat is kept.

        Examples
        --------
        >>> widget = ChatWidget(Chat("demo"))
        >>> widget.close()
        >>> len(widget.chat.conversation)
        0
        """
        if hasattr(self, "_publisher"):  # also called if the widget could not be created
            self._publisher.close()
        super().close()

    @traitlets.observe("placeholder")
    def _publish_placeholder(self, change: Mapping[str, Any]) -> None:
        if self._publisher.placeholder != change["new"]:
            self._publisher.placeholder = change["new"]
            self._publisher.publish_meta()

    def _send_to_page(self, message: Mapping[str, Any]) -> None:
        self.send(message)

    def _on_change(self, reply: Reply | None, *, busy: bool) -> None:
        """Handle an ended reply, or a change of `busy`."""
        self.set_trait("busy", busy)
        if reply is not None:
            self.set_trait("value", reply.text)
            for callback in tuple(self._callbacks):
                callback(reply)
        if self._kept and not busy:
            self._save_soon()

    def _save_soon(self) -> None:
        """Send the transcript, once for a group of changes."""
        if not self._saving:
            self._saving = True
            self.home.run(self._save)

    def _save(self) -> None:
        self._saving = False
        data, metadata = self._saved()
        self.send({"t": "saved", "data": data, "metadata": metadata})

    def _start_keeping(self) -> None:
        self._kept = True
        self._save_soon()

    def _stop_keeping(self) -> None:
        self._kept = False


def _chat(chat: Any, model: str | None, settings: ChatKeywords) -> Chat:
    if chat is None:
        return Chat(model, **settings)
    if not isinstance(chat, Chat):
        advice = "Use ChatWidget(Chat(…)), or ChatWidget(model=…) for a new chat."
        raise ArgumentError(f"A widget shows a Chat, not a {type(chat).__name__}.", advice=advice)
    if model is not None or settings:
        name = next(iter(settings), "model")
        advice = f"Set it on the chat: chat.{name} = …, or Chat({name}=…)."
        raise ArgumentError(f"{name}=… is for a new chat, and one was passed.", advice=advice)
    return chat
