"""A chat widget on the page, and an endpoint whose answer depends on the prompt."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.lab import NotebookPage
from tests.loopback import Hold, RecordedRequest, Step, json_response, sse_response
from tests.loopback.chunks import STOP, delta

USAGE = {"choices": [], "usage": {"prompt_tokens": 25, "completion_tokens": 312, "total_tokens": 337}}
MODELS = {"data": [{"id": "large-model"}, {"id": "small-model"}]}


def answer(request: RecordedRequest) -> list[Step]:
    """``re **PROMPT**``; a prompt of ``hold`` is never ended, one of ``fail`` is refused at its first try."""
    if request.path.endswith("/models"):
        return json_response(200, MODELS)
    messages = request.json["messages"]
    prompt = messages[-1]["content"]
    if not isinstance(prompt, str):
        prompt = f"{prompt[0]['text']} with {len(prompt) - 1} images"
    if prompt == "fail":
        return json_response(400, {"error": {"message": "This prompt was refused."}})
    said = delta(f"re **{prompt}** of {len(messages)}")
    return sse_response([said, Hold()] if prompt == "hold" else [said, STOP, USAGE, "[DONE]"])


def source(base_url: str, *, name: str = "w", show: str = "w") -> str:
    """A cell that makes and shows a widget."""
    make = f"{name} = ChatWidget(Chat('small-model', base_url='{base_url}'))"
    return f"from nbstream import Chat, ChatWidget\n{make}\n{show}"


class ChatPart:
    """One view of a chat widget.

    Attributes
    ----------
    root : Locator
        The element around all of it.
    """

    def __init__(self, place: Locator) -> None:
        self.root = place.locator(".nbs-chat")
        expect(self.box).to_be_visible()

    @property
    def box(self) -> Locator:
        return self.root.get_by_role("textbox", name="Message", exact=True)

    @property
    def turns(self) -> Locator:
        return self.root.get_by_role("article", name="Turn")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def say(self, text: str) -> None:
        """Send a message, and wait until its answer begins."""
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.turns.last).to_contain_text(text.split("\n", maxsplit=1)[0])

    def ask(self, text: str) -> None:
        """Send a message, and wait for the end of its answer."""
        self.say(text)
        self.wait()

    def wait(self) -> None:
        """Wait until no answer is streaming."""
        expect(self.button("Send")).to_be_visible()
        expect(self.turns.last.get_by_role("button", name="Delete turn")).to_be_visible()


def run(notebook: NotebookPage, index: int) -> ChatPart:
    """Run a cell that shows a widget."""
    notebook.start(index)
    notebook.wait_until_done(index)
    return ChatPart(notebook.output(index))
