"""The tests that hold lrjax and lrtorch against each other, in folders by subject, with their tables of cases."""

from pathlib import Path

ROOT = Path(__file__).parent.parent  # of the repository
