"""Planted differences are found and named; what is equal is called equal.

All of them are in ``docs/planted.md``.
"""

import pytest

from parity_tests import ROOT

from . import blind, fourth, pairs_after, pairs_before, pairs_third, third
from .judged import judged
from .pair import Pair

SETS = (
    *(pairs_before.EQUAL, pairs_before.SINGLE, pairs_before.DOUBLE, pairs_after.PAIRS),
    *(*blind.PAIRS, *third.PAIRS, *fourth.PAIRS, pairs_third.EQUAL, pairs_third.SINGLE, pairs_third.DOUBLE),
)
PAIRS = [pair for pairs in SETS for pair in pairs]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)
def test_what_was_planted_is_named(pair: Pair) -> None:
    found = judged(pair)
    said = [(cause.convention, cause.group, cause.sentence) for cause in found.result.causes]
    assert found.named, (pair.causes, said, found.result.sentence)
    assert found.step, (pair.first, pair.parted, found.result.first, found.result.parted)
    assert found.group, (pair.group, said)
    for cause in found.result.causes:
        assert cause.mend and cause.sentence.endswith(".") and "\n" not in cause.sentence


def test_the_page_lists_every_pair() -> None:
    page = (ROOT / "docs" / "planted.md").read_text()
    missing = [pair.id for pairs in SETS for pair in pairs if f"| {pair.id} |" not in page]
    assert not missing, f"python -m docs.make_planted has not seen {missing}"
