"""How a page and the kernel talk: numbered commands, each of which gets exactly one answer.

`CONTRIBUTING.md` describes the protocol; `js/kernel` is the page's side of it.
"""
