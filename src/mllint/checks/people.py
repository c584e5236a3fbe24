"""People in the data: whether columns speak of them, and whether one can tell who they are.

Knows names of columns, in code and in the first lines of data files; sees no value of any column.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from mllint.facts import Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mllint.facts import Header
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_PART = regex(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+|[^\W\d_]+")
_PROTECTED = regex(
    r"(?:\w+_)?(?:sex|gender|geschlecht|sexe|sexo|genero)|race|ethnicity|ethnic_group|nationality"
    r"|religion|marital_status|marriage|married|citizenship|native_country|disability|disabled"
    r"|sexual_orientation|pregnant|(?:\w+_)?(?:family|civil)_status"
)
"""Columns by which people must not be treated differently."""
_PERSONAL = regex(
    r"date_of_birth|dob|birth_?date|patient_id|passenger_id|citizen_id|customer_age|patient_age"
    r"|date_naissance|geburtsdatum|fecha_nacimiento"
)
_BESIDE = frozenset({"age", "name"})
"""Words that say nothing about people unless they stand beside a telling one."""
_GROUPS = frozenset({"age", "age_group", "country", "region", "education"})
"""Further columns by which people can be grouped, where people are in the data."""
_UNMISTAKABLE = regex(
    r"ssn|social_security(?:_(?:number|no|num))?|passport_?(?:number|no|num|id)"
    r"|credit_?card_?(?:number|no|num)|cc_?(?:number|num)|iban|national_id(?:_(?:number|no))?"
    r"|drivers?_licen[cs]e(?:_(?:number|no))?|nhs_number|aadhaar(?:_(?:number|no))?"
    r"|codice_fiscale|personnummer|sozialversicherungsnummer|numero_securite_sociale"
)
"""Columns that by themselves say who somebody is."""
_STRONG = {
    "a name": regex(
        r"(?:first|last|full|family|given|maiden|middle)_?name|surname"
        r"|(?:patient|customer|client|employee|student|user)_(?:full_)?name"
        r"|vorname|nachname|prenom|nom_de_famille|apellidos?|cognome|sobrenome"
    ),
    "an e-mail address": regex(
        r"(?:\w+_)?e_?mail(?:_?(?:address|id))?|correo_electronico|courriel"
    ),
    "a telephone number": regex(
        r"(?:\w+_)?(?:tele)?phone(?:_?(?:number|no|num))?|(?:mobile|cell)(?:_?(?:number|no|phone))"
        r"|telefon(?:nummer)?|telefono|celular"
    ),
    "a date of birth": regex(
        r"date_?of_?birth|dob|birth_?date|birthday|geburtsdatum|date_(?:de_)?naissance"
        r"|fecha_(?:de_)?nacimiento|data_(?:di_nascita|de_nascimento)"
    ),
    "an address": regex(
        r"(?:street|home|postal|mailing|residential)_address|address_?(?:line_?)?1"
    ),
    "an IP address": regex(r"(?:\w+_)?ip_addr(?:ess)?"),
    "an account": regex(r"(?:bank_)?account_(?:number|no)|medical_record_(?:number|no)|mrn"),
}
"""Columns of which two kinds together say who somebody is."""
_TWO = 2
_MADE_UP = regex(
    r"fake|synth|mock|dummy|sample|example|demo|generated|toy|simulated|anonym|schema|template",
    re.IGNORECASE,
)
_MAKERS = frozenset({"faker", "mimesis", "sdv", "ctgan", "synthcity"})
_SHOWN = 4


@lru_cache(maxsize=10_000)
def plain(name: str) -> str:
    """The name of a column as words of lower case: `dateOfBirth` is `date_of_birth`."""
    return "_".join(word.lower() for word in _PART.findall(name))


def is_protected(name: str) -> bool:
    """Whether a column is one by which people must not be treated differently."""
    return _PROTECTED.fullmatch(plain(name)) is not None


def protected(project: Project) -> dict[str, Place]:
    """The protected columns that code or data files name, with the first place of each."""
    found: dict[str, Place] = {}
    for place, text in named(project):
        if is_protected(text):
            found.setdefault(text, place)
    return found


def grouping(project: Project) -> dict[str, Place]:
    """The columns by which people could be grouped; none where no column speaks of people."""
    found = protected(project)
    if any(evidence.ok for evidence in present(project)):
        for place, text in named(project):
            if plain(text) in _GROUPS:
                found.setdefault(text, place)
    return found


def present(project: Project) -> Iterator[Evidence]:
    """Column names that speak of people; one alone leaves the question open."""
    telling: dict[str, Place] = {}
    beside: set[str] = set()
    for place, text in named(project):
        word = plain(text)
        if _PROTECTED.fullmatch(word) or _PERSONAL.fullmatch(word):
            telling.setdefault(word, place)
        elif word in _BESIDE:
            beside.add(word)
    if not telling:
        return
    first = next(iter(telling))
    shown = ", ".join([*telling, *sorted(beside)][:_SHOWN])
    if len(telling) + len(beside) > 1:
        yield Evidence(True, telling[first], f"columns named {shown}")
    else:
        yield Evidence(None, telling[first], f"a column named {shown}")


def named(project: Project) -> Iterable[tuple[Place, str]]:
    """Strings that may name columns, each with the first place where it stands."""
    return project.shared("people.named", lambda: list(_first_places(project)))


def _first_places(project: Project) -> Iterator[tuple[Place, str]]:
    met: set[str] = set()
    for place, text in _named(project):
        if text not in met:
            met.add(text)
            yield place, text


def _named(project: Project) -> Iterator[tuple[Place, str]]:
    """Those of lists and mappings of own code, of settings and of data files."""
    consts = (
        (row.at, const)
        for row, const in chain(
            ((row, one.const) for row in project.rows("call") for one in row.args),
            ((row, row.const) for row in project.assigned_lists()),
        )
        if type(const) in {dict, list} and project.role(row.at.path) in _OURS
    )
    for place, const in consts:
        yield from ((place, text) for text in _strings(const))
    for row in project.rows("setting"):
        listed = row.key.endswith("[]") and isinstance(row.value, str)
        if listed and project.role(row.at.path) in _OURS:
            yield row.at, row.value
    for row in project.rows("header"):
        if project.role(row.at.path) in _OURS:
            yield row.at, row.name


def _strings(const: Any) -> Iterator[str]:
    if isinstance(const, dict) or (isinstance(const, list) and len(const) > 1):
        yield from (one for one in const if isinstance(one, str))


def personal_data(project: Project) -> Iterator[Evidence]:
    """Data files in the repository, judged by whether their columns say who somebody is."""
    files: dict[str, list[Header]] = {}
    kept = {f.at.path for f in project.rows("file") if f.tracked is not False}
    for row in project.rows("header"):
        if row.at.path in kept and project.role(row.at.path) in _OURS:
            files.setdefault(row.at.path, []).append(row)
    maker = next((i for i in project.rows("import") if i.root in _MAKERS), None)
    clean = True
    for path, columns in files.items():
        seen = _identifying([row.name for row in columns])
        if not seen:
            continue
        clean = False
        shown = ", ".join(f"`{name}`" for name in seen[:_SHOWN])
        if maker is not None or _MADE_UP.search(path):
            yield Evidence(None, Place(path), f"columns {shown}, but the data may be made up")
        else:
            yield Evidence(False, Place(path, 1), f"columns {shown}", fields={"columns": shown})
    if files and clean:
        many = "1 data file" if len(files) == 1 else f"{len(files)} data files"
        yield Evidence(True, note=f"no columns of {many} say who somebody is")


def _identifying(names: Sequence[str]) -> list[str]:
    """The columns that together say who somebody is; none where they do not."""
    sure = [name for name in names if _UNMISTAKABLE.fullmatch(plain(name))]
    strong: dict[str, str] = {}
    for name in names:
        for kind, pattern in _STRONG.items():
            if pattern.fullmatch(plain(name)):
                strong.setdefault(kind, name)
    if sure or len(strong) >= _TWO:
        return [*sure, *strong.values()]
    return []
