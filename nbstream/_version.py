"""The version; `js/package.json` carries the same one."""

__version__ = "0.1.0"
