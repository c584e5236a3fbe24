"""The catalogue of this checkout, read once for all modules of tests; none of them changes it."""

from mllint.catalogue import load

CATALOGUE = load(with_examples=True)
