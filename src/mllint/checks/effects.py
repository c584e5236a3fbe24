"""Whether models serve to estimate the effect of something, rather than to predict.

Such a model is fitted on all rows, is judged by the balance it brings, and is not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.written import found_in
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.facts import Call
    from mllint.project import Project

_LIBRARIES = frozenset(
    ("dowhy", "econml", "causalml", "doubleml", "causalinference", "zepid", "causallib")
)
_WORDS = regex(
    r"[Pp]ropensit|\b(?:IPTW|iptw|IPW|ipw|AIPW|aipw|ATE|CATE)\b|[Cc]onfounder|[Cc]ounterfactual"
    r"|[Tt]reatment_?[Ee]ffect|[Cc]ausal_?(?:[Ee]ffect|[Ff]orest|[Ii]nference)|[\"']treated[\"']"
)
_ASKED = 20
"""Training calls whose files are looked at."""


def estimates_effect(project: Project, fits: Sequence[Call]) -> Evidence | None:
    """Undecided evidence where the code that fits speaks of effects; None where it does not."""
    for row in project.rows("import"):
        if row.root in _LIBRARIES and not row.first_party:
            return Evidence(None, row.at, f"`{row.root}` estimates effects")
    for path in list(dict.fromkeys(call.at.path for call in fits))[:_ASKED]:
        if (found := found_in(project, path, _WORDS)) is not None:
            note = f"`{found[0]}` in `{path}`: the model may serve to estimate an effect"
            return Evidence(None, next(c.at for c in fits if c.at.path == path), note)
    return None
