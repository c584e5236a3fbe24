"""`python -m mllint`.

Python then puts the current folder, which may be the audited one, in front of its search path: it
is taken off before anything else is imported.
"""

from __future__ import annotations

import sys

if sys.path and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

from mllint.cli import main

if __name__ == "__main__":
    main()
