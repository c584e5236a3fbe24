"""A best-practices linter for machine-learning repositories, with a score."""

from __future__ import annotations

__version__ = "0.1.0"
