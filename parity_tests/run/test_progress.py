"""The progress bar."""

import pytest

from lrparity import progress


def test_a_bar_that_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.bar(total=2, unit="turn") as bar:
        bar.update()
        bar.write("a line")
    assert list(progress.bar([1, 2], desc="what")) == [1, 2]
    assert capsys.readouterr().out == "a line\n"
