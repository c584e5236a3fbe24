"""`python -m mllint`."""

from __future__ import annotations

from mllint.cli import main

if __name__ == "__main__":
    main()
