"""The command ``nbstream``: the quickstart, local models, the demo model on a port, a chat over HTTP."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from nbstream._version import __version__
from nbstream.errors import NbstreamError
from nbstream.local import command as local_command
from nbstream.relay import command
from nbstream.testing import command as notebook_tests

__all__ = ["command_parser", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        Words after the command's name; those of the process by default.

    Returns
    -------
    int
        Exit status: 0 if all went well, 1 if not. Wrong usage exits with 2 by `SystemExit`.
    """
    options = command_parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except NbstreamError as error:
        sys.stderr.write(f"nbstream: {error}\n")
        return 1


def command_parser() -> argparse.ArgumentParser:
    """The parser of the command, which `--help` and the reference describe."""
    parser = argparse.ArgumentParser(
        prog="nbstream", description="Talk to a language model from a Jupyter notebook."
    )
    parser.add_argument("--version", action="version", version=f"nbstream {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_demo(commands.add_parser("demo", help="open the quickstart in JupyterLab; needs no key"))
    _add_demo_server(
        commands.add_parser("demo-server", help="serve the demo model on a port of this machine")
    )
    local_command.add_arguments(
        commands.add_parser("local", help="manage models that run on this machine's CPU")
    )
    _add_serve(commands.add_parser("serve", help="serve a chat from a notebook or module over HTTP"))
    notebook_tests.add_arguments(
        commands.add_parser("test", help="run notebooks again and compare their outputs, from recordings")
    )
    return parser


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Open a copy of the quickstart notebook in JupyterLab. It uses a language model on this machine, "
        "offered for download once, or else a scripted demo."
    )
    parser.add_argument(
        "--headless", action="store_true", help="stream the notebook's main cell to the terminal instead"
    )
    parser.add_argument("--port", type=_port, metavar="N", help="port for JupyterLab; 0 for any free one")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    # `make demo` has already tried to install a model, so nbstream must not offer it again.
    parser.add_argument("--install-failed", metavar="REASON", help=argparse.SUPPRESS)
    parser.set_defaults(run=_demo)


def _add_demo_server(parser: argparse.ArgumentParser) -> None:
    parser.description = "Serve the demo model as an OpenAI-compatible API on this machine, until Ctrl+C."
    parser.add_argument("--port", type=_port, metavar="N", help="port to listen on; 0 for any free one")
    parser.add_argument(
        "--pace",
        type=_pace,
        default=1.0,
        metavar="X",
        help="factor for all waits: 1 for the speed of a real model, 0 for none (default: 1)",
    )
    parser.add_argument(
        "--any-model",
        action="store_true",
        help="accept every model name, so that code written for a real model runs",
    )
    parser.add_argument("--cors", action="store_true", help="allow requests from web pages of any origin")
    parser.set_defaults(run=_demo_server)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    command.add_arguments(parser, _port)
    parser.set_defaults(run=command.run)


def _demo(options: argparse.Namespace) -> int:
    from nbstream.cli import quickstart

    notebook = quickstart.find_notebook()
    ask = local_command.ask if sys.stdin and sys.stdin.isatty() else None
    local = quickstart.offer_model(ask, failed=options.install_failed)
    if options.headless:
        return 0 if quickstart.stream(notebook, local=local) else 1
    return quickstart.open_lab(notebook, options.port, browser=not options.no_browser, local=local)


def _demo_server(options: argparse.Namespace) -> int:
    from nbstream.demo.server import DEFAULT_PORT, serve

    port = DEFAULT_PORT if options.port is None else options.port
    serve(port=port, pace=options.pace, any_model=options.any_model, cors=options.cors)
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; use a number from 0 to 65535")
    return int(text)


def _pace(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not 0 <= pace < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a pace; use 0 for no waits, 1 for real speed")
    return pace
