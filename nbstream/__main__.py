"""``python -m nbstream``: the same as the command ``nbstream``."""

from __future__ import annotations

import sys

from nbstream.cli.main import main

sys.exit(main())
