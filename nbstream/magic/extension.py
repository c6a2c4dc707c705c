"""Loading and unloading: what `%load_ext nbstream` registers and restores."""

from __future__ import annotations

import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

from nbstream.client import sdk
from nbstream.config import NBStream
from nbstream.magic.cell import CellAwaiter
from nbstream.magic.comm import cell_commands
from nbstream.magic.completion import chat_matcher
from nbstream.magic.magics import ChatMagics
from nbstream.protocol import comm
from nbstream.views.parent_header import keep_parent

if TYPE_CHECKING:
    from nbstream.magic.session import Session

__all__ = ["load", "unload"]

SHARED_NAME = "chat"
OWN_NAME = "nbchat"
EXPECT_NAME = "expect"
_LOADED = "_nbstream"


class _Extension:
    """The registrations in one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._settings = NBStream.instance(parent=shell)
        if self._settings.parent is None:  # made by a `Chat` before the extension was loaded
            self._settings.parent = shell
            self._settings.update_config(shell.config)
        self._magics = ChatMagics(shell, lambda: self.session)
        self._awaiter = CellAwaiter(shell, self._is_ours)
        self._matcher = chat_matcher(lambda: self.session, shell)
        self._kernel = getattr(shell, "kernel", None)
        self._comms = getattr(self._kernel, "comm_manager", None)
        self._others: dict[tuple[str, str], Any] = {}

    @cached_property
    def session(self) -> Session:
        """The session of the magics; created on first use, because its imports are slow."""
        from nbstream.magic.session import Session

        return Session(self._settings)

    def load(self) -> None:
        self._shell.configurables.append(self._settings)  # type: ignore[arg-type]
        for name in (SHARED_NAME, OWN_NAME):
            self._register("cell", name, self._magics.chat)
            self._register("line", name, self._magics.manage)
        self._register("cell", EXPECT_NAME, self._magics.expect)
        self._shell.input_transformers_post.append(self._awaiter)
        self._shell.Completer.custom_matchers.append(self._matcher)
        if self._comms is not None:
            keep_parent(self._kernel)
            comm.provide(
                self._comms, _LOADED, cell_commands(lambda: self.session, lambda: self._shell.user_ns)
            )
        self._shell.events.register("pre_run_cell", self._forget_cells)
        sdk.preload("nbstream.magic.session", "nbstream.magic.asking")

    def unload(self) -> None:
        self.session.stop()
        for name in (SHARED_NAME, OWN_NAME):
            self._give_back("cell", name, self._magics.chat)
            self._give_back("line", name, self._magics.manage)
        self._give_back("cell", EXPECT_NAME, self._magics.expect)
        self._shell.events.unregister("pre_run_cell", self._forget_cells)
        self._shell.input_transformers_post.remove(self._awaiter)
        self._shell.Completer.custom_matchers.remove(self._matcher)
        if self._comms is not None:
            comm.withdraw(self._comms, _LOADED)
        self._shell.configurables.remove(self._settings)  # type: ignore[arg-type]

    def _register(self, kind: str, name: str, function: Any) -> None:
        other = self._shell.magics_manager.magics[kind].get(name)
        if other is not None:
            self._others[kind, name] = other
            sign = "%%" if kind == "cell" else "%"
            owner = getattr(other, "__module__", None) or type(other).__module__
            warnings.warn(
                f"{sign}{name} belonged to {owner} and now belongs to nbstream. {sign}{OWN_NAME} always "
                "means "
                "nbstream; %unload_ext nbstream restores it.",
                stacklevel=4,
            )
        self._shell.register_magic_function(function, kind, name)

    def _give_back(self, kind: str, name: str, function: Any) -> None:
        """Remove a name, unless another extension has registered it since."""
        registered = self._shell.magics_manager.magics[kind]
        if registered.get(name) != function:
            return
        del registered[name]
        if (kind, name) in self._others:
            registered[name] = self._others[kind, name]

    def _forget_cells(self, _info: object) -> None:
        """Forget the outputs that this cell showed before, and deleted cells.

        JupyterLab reports deleted cells once, with the next executed cell.
        """
        if "session" in self.__dict__:
            from nbstream.views import host
            from nbstream.views.displayed import forget_cleared

            forget_cleared(host.cell_id(), host.execution())
            self.session.forget_cells(host.deleted_cells())

    def _is_ours(self, name: str) -> bool:
        current = self._shell.magics_manager.magics["cell"].get(name)
        return name in {SHARED_NAME, OWN_NAME} and current == self._magics.chat


def load(shell: InteractiveShell) -> None:
    """Register the magics in a shell; a second time does nothing."""
    if getattr(shell, _LOADED, None) is None:
        extension = _Extension(shell)
        extension.load()
        setattr(shell, _LOADED, extension)


def unload(shell: InteractiveShell) -> None:
    """Remove the magics and restore replaced ones."""
    extension: _Extension | None = getattr(shell, _LOADED, None)
    if extension is not None:
        extension.unload()
        setattr(shell, _LOADED, None)
