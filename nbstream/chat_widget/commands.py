"""Commands of the chat widget's front end, checked and run on the chat."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping, Sequence

from nbstream.chat import Chat
from nbstream.chat_widget.publisher import ChatPublisher, running
from nbstream.chat_widget.saved import conversation_from
from nbstream.chat_widget.settings import ChatSettings
from nbstream.conversation.conversation import Conversation, Turn
from nbstream.conversation.exchange import still_streaming
from nbstream.conversation.options import RequestOptions
from nbstream.conversation.transcript import transcript_for
from nbstream.errors import ArgumentError, DamagedTranscriptError, NbstreamError
from nbstream.protocol.command import Command, CommandError, Result
from nbstream.protocol.dispatch import Handlers
from nbstream.reply import Reply
from nbstream.types.content import Content, ImagePart, image_part, image_urls

__all__ = ["ChatCommands"]

MAX_IMAGES = 8
MAX_IMAGE_CHARS = 8_000_000
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")

GONE = "This message no longer exists."


class ChatCommands:
    """Runs the commands of the front end on a chat.

    Parameters
    ----------
    chat
        The chat.
    publisher
        Sends the chat to the front end.
    settings
        Model and parameters set by the user.
    """

    def __init__(self, chat: Chat, publisher: ChatPublisher, settings: ChatSettings) -> None:
        self._chat = chat
        self._publisher = publisher
        self._settings = settings
        self._before: tuple[Turn, ...] = ()
        self._loaded: tuple[Turn, ...] = ()
        self._jobs: set[asyncio.Task[None]] = set()

    @property
    def handlers(self) -> Handlers:
        """The commands, by name."""
        return {
            "send": self._send,
            "stop": self._stop,
            "regenerate": self._regenerate,
            "continue": self._continue,
            "edit": self._edit,
            "choose": self._choose,
            "delete": self._delete,
            "clear": self._clear,
            "undo": self._undo,
            "models": self._models,
            "set": self._set,
            "download": self._download,
            "approve": self._approve,
            "rate": self._rate,
            "load": self._load,
            "inspect": self._inspect,
            "resync": lambda _: self._publisher.publish_snapshot(),
        }

    def _turn(self, command: Command) -> Turn:
        """The turn that a command is about."""
        try:
            return self._chat.conversation[command.text("id")]
        except KeyError:
            raise CommandError(GONE) from None

    def _inspect(self, command: Command) -> Result:
        """Events of an answer from one on."""
        answer = self._turn(command).answer
        if not isinstance(answer, Reply):
            raise CommandError(GONE)
        return Result(answer.inspect().page(command.integer("from")))

    def _refuse_while_busy(self) -> None:
        if self._publisher.busy:
            raise still_streaming()

    def _send(self, command: Command) -> None:
        self._refuse_while_busy()
        images = command.arguments.get("images", [])
        if not isinstance(images, list):
            raise CommandError("The images must be a list.")
        self._chat.send(_content(command.text("text"), images))

    def _stop(self, command: Command) -> None:
        for reply in running(self._chat):
            reply.stop()

    def _regenerate(self, command: Command) -> None:
        self._refuse_while_busy()
        turn = self._turn(command)
        self._chat.send_with(turn.user.content, RequestOptions(turn=turn))

    def _continue(self, command: Command) -> None:
        self._refuse_while_busy()
        answer = self._turn(command).answer
        if not isinstance(answer, Reply):
            raise CommandError(GONE)
        self._chat.continue_reply(answer)

    def _edit(self, command: Command) -> None:
        self._refuse_while_busy()
        turn = self._turn(command)
        content = _content(command.text("text"), image_urls(turn.user.content))
        self._chat.send_with(content, RequestOptions(turn=turn))

    def _approve(self, command: Command) -> None:
        """Decide on a call of the visible answer: another version may have a call with the same id."""
        reply = self._reply(command)
        with contextlib.suppress(KeyError):  # already decided in another view
            reply.approve(command.text("call"), allow=command.flag("allow"))

    def _rate(self, command: Command) -> None:
        self._reply(command).rate(command.score("score"), command.text("note"))

    def _reply(self, command: Command) -> Reply:
        """The visible answer: another version of the turn may be active by now."""
        versions = self._turn(command).versions
        replies = [version.answer for version in versions if isinstance(version.answer, Reply)]
        seen = [reply for reply in replies if reply.state.id == command.text("reply")]
        if not seen:
            raise CommandError(GONE)
        return seen[0]

    def _choose(self, command: Command) -> None:
        try:
            self._chat.conversation.choose(self._turn(command), command.integer("version"))
        except IndexError as error:
            raise CommandError(str(error)) from None

    def _delete(self, command: Command) -> None:
        turn = self._turn(command)
        self._keep()
        self._chat.conversation.remove([turn])

    def _clear(self, command: Command) -> None:
        self._stop(command)
        self._keep()
        self._chat.conversation.clear()

    def _undo(self, command: Command) -> None:
        """Restore the previous turns; newer turns are kept after them."""
        self._publisher.can_undo = False
        known = {turn.id for turn in (*self._before, *self._loaded)}
        since = [turn for turn in self._chat.conversation if turn.id not in known]
        self._chat.conversation.restore([*self._before, *since])

    def _load(self, command: Command) -> None:
        """Load a conversation from the notebook; existing turns come after it."""
        self._refuse_while_busy()
        data = command.arguments.get("data")
        self._settings.restore(data.get("settings") if isinstance(data, Mapping) else None)
        try:
            self._prepend(conversation_from(data, command.arguments.get("provenance")))
        except DamagedTranscriptError as error:
            self._prepend(error.conversation)
            raise

    def _prepend(self, saved: Conversation) -> None:
        self._keep(tuple(saved))
        talk = self._chat.conversation
        talk.system = talk.system or saved.system
        talk.examples = talk.examples or saved.examples
        talk.prepend(self._loaded)

    def _keep(self, loaded: tuple[Turn, ...] = ()) -> None:
        self._before, self._loaded = tuple(self._chat.conversation), loaded
        self._publisher.can_undo = True

    def _models(self, command: Command) -> None:
        job = asyncio.get_running_loop().create_task(self._list_models())
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _list_models(self) -> None:
        try:
            self._publisher.models, self._publisher.models_error = await self._chat.models(), ""
        except NbstreamError as error:
            self._publisher.models_error = str(error)
        self._publisher.publish_meta()

    def _set(self, command: Command) -> None:
        self._settings.apply(command.arguments)
        if "system" in command.arguments:
            self._chat.conversation.system = command.text("system") or None
        self._publisher.publish_settings()

    def _download(self, command: Command) -> Result:
        name = "chat.md" if command.text("format") == "markdown" else "chat.jsonl"
        return Result({"name": name, "text": transcript_for(name, self._chat.conversation)})


def _content(text: str, images: Sequence[object]) -> Content:
    if not (text.strip() or images):
        raise ArgumentError("There is nothing to send.", advice="Write a message first.")
    if len(images) > MAX_IMAGES:
        raise ArgumentError(f"{len(images)} images are too many.", advice=f"Send at most {MAX_IMAGES}.")
    parts = [_image(image) for image in images]
    return [{"type": "text", "text": text}, *parts] if parts else text


def _image(url: object) -> ImagePart:
    if not isinstance(url, str) or len(url) > MAX_IMAGE_CHARS or not _IMAGE.fullmatch(url):
        raise ArgumentError(
            "An attachment is not a supported image.",
            advice=f"Use PNG, JPEG, GIF or WebP below {MAX_IMAGE_CHARS // 1_400_000} MB.",
        )
    return image_part(url)
