"""The front-end code of a widget.

anywidget sends a widget's module in the message that opens its comm. Ours is packed and stores the
unpacked code in the page (`js/loader`). A page that has confirmed the code gets a reference to it from then
on, 250 bytes instead of 110,000; other pages, and those that request a widget's state, get all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import anywidget
import traitlets
from IPython.core.getipython import get_ipython

from nbstream._util.browser import to_page
from nbstream.protocol.dispatch import Handlers, answer
from nbstream.protocol.home_loop import HomeLoop
from nbstream.views.assets import STATIC, asset
from nbstream.views.parent_header import keep_parent

__all__ = ["FrontEnd", "FrontEndWidget"]


class FrontEnd:
    """Module and stylesheet of one kind of widget.

    Parameters
    ----------
    name
        Name of the built files in `nbstream/static`.

    Attributes
    ----------
    pages : set of str
        The pages that have the code.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.pages: set[str] = set()

    @cached_property
    def whole(self) -> dict[str, str]:
        """The traits that anywidget evaluates."""
        return {"_esm": self._read(f"{self._name}.js"), "_css": self._read(f"{self._name}.css")}

    @cached_property
    def reference(self) -> dict[str, str]:
        """The same for a page that has the code: without a stylesheet, anywidget keeps the existing one."""
        return {"_esm": self._read(f"{self._name}-reference.js"), "_css": ""}

    @staticmethod
    def _read(file: str) -> str:
        return (STATIC / file).read_text(encoding="utf-8")


class FrontEndWidget(anywidget.AnyWidget):
    """A widget that sends its front-end code to a page only once, and receives the commands of its page.

    Parameters
    ----------
    page
        The page, from `host.page`; None if unknown.
    handlers
        Its own commands, besides those about the code.
    **traits
        Its synced state.

    Attributes
    ----------
    home : HomeLoop
        Where commands act: the loop on which the widget was made.
    """

    front_end: ClassVar[FrontEnd]

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, page: str | None = None, handlers: Handlers, **traits: Any) -> None:
        self._page = page
        self.home = HomeLoop()
        self._handlers = {
            "loaded": lambda _: self._remember_page(),
            "module": lambda _: self._replace_module(),
            "asset": asset,
            **handlers,
        }
        super().__init__(**self.front_end.whole, **traits)  # marimo reads the state without `open`
        self.on_msg(self._receive)

    def open(self) -> None:
        """Open the widget in the page, with the code if the page lacks it."""
        keep_parent(getattr(get_ipython(), "kernel", None))
        known = self._page in self.front_end.pages
        self._trait_values.update(self.front_end.reference if known else self.front_end.whole)
        super().open()
        self._trait_values.update(self.front_end.whole)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """State as JSON for the page."""
        return to_page(super().get_state(key, drop_defaults))

    def send(self, content: Any, buffers: Any = None) -> None:
        """Send a message to the page."""
        super().send(to_page(content), buffers)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        """Receive a command on any thread."""
        self.home.run(answer, content, self._handlers, self)

    def _replace_module(self) -> None:
        self.send_state(["_esm", "_css"])

    def _remember_page(self) -> None:
        if self._page is not None:
            self.front_end.pages.add(self._page)
