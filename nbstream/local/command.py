"""The command ``nbstream local``."""

from __future__ import annotations

import argparse
import sys

from nbstream.errors import StateError
from nbstream.local.models import DEFAULT_MODEL

__all__ = ["add_arguments", "ask"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands to a parser."""
    parser.description = "Manage language models that run on this machine's CPU."
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="list the models and which are installed")
    listing.set_defaults(run=_list)
    _add_install(verbs.add_parser("install", help="download a model and check its hash"))
    removing = verbs.add_parser("remove", help="delete a model from this machine")
    removing.add_argument("name", metavar="NAME")
    removing.set_defaults(run=_remove)
    path = verbs.add_parser("path", help="show the path of a model, or of the models folder")
    path.add_argument("name", metavar="NAME", nargs="?", default="")
    path.set_defaults(run=_path)


def ask(question: str) -> bool:
    """Ask a question in the terminal; return whether the answer is yes.

    Raises
    ------
    StateError
        If the input is not interactive.
    """
    if not sys.stdin or not sys.stdin.isatty():
        raise StateError(f"{question} This input is not interactive.", advice="Add --yes to confirm.")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def _add_install(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", default=DEFAULT_MODEL.name)
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before the download")
    parser.add_argument(
        "--sys-prefix",
        action="store_true",
        help="install into this Python environment instead of the user's folder",
    )
    parser.set_defaults(run=_install)


def _list(_: argparse.Namespace) -> int:
    from nbstream.local.manage import list_models

    for name, size, licence, state, good_for in list_models():
        sys.stdout.write(f"{name:<14} {size:>7}  {licence:<11} {state:<13} {good_for}\n")
    return 0


def _install(options: argparse.Namespace) -> int:
    from nbstream.local.manage import install_model

    agree = (lambda _: True) if options.yes else ask
    sys.stdout.write(install_model(options.name, agree, for_environment=options.sys_prefix) + "\n")
    return 0


def _remove(options: argparse.Namespace) -> int:
    from nbstream.local.manage import remove_model

    sys.stdout.write(remove_model(options.name) + "\n")
    return 0


def _path(options: argparse.Namespace) -> int:
    from nbstream.local.manage import model_path

    sys.stdout.write(model_path(options.name) + "\n")
    return 0
