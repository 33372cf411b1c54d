"""What users rely on is as the snapshot has it: a failure says what changed.

Where a change is meant, ``python -m parity_tests.surface.snapshot`` writes the snapshot anew.
"""

import pytest

from .comparing import stored
from .snapshot import SECTIONS, differences

ENTRIES = [(section, entry) for section in SECTIONS for entry in stored(section)]


@pytest.mark.parametrize(("section", "entry"), ENTRIES, ids=[f"{section}: {entry}" for section, entry in ENTRIES])
def test_nothing_changed_in(section: str, entry: str) -> None:
    changed = differences(section, entry)
    assert not changed, "\n" + "\n".join(changed)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_snapshot_holds(section: str) -> None:
    assert stored(section)
