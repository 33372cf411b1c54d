"""The page "Differences, measured" has every optimizer, and so has the program that writes it."""

import pytest

from docs.distances import NAMES
from docs.make_differences import PAGE, main


def test_the_page_names_every_optimizer() -> None:
    sections = PAGE.read_text().split("\n## ")[1:]
    assert len(sections) == 5
    for section in sections:
        names = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
        assert list(dict.fromkeys(names[2:])) == [*NAMES, *(["all"] if "database" in section else [])]


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--only", "SGD", "--steps", "2"])
    text = capsys.readouterr().out
    assert "| SGD | 100 % |  |  | 100 % |  |" in text
    assert "| SGD | fused | " in text
    assert "| SGD | float16 | " in text
