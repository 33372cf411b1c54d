"""The gallery shows every scheduler, and both packages in each picture."""

import lrjax
import lrtorch
from docs import make_gallery
from lrspec import command

from .blocks import blocks_of


def test_the_gallery_shows_every_scheduler() -> None:
    assert sorted(entry.name for entry in make_gallery.ENTRIES) == sorted(command.schedulers(lrjax))
    assert (make_gallery.FOLDER / "gallery.md").read_text() == make_gallery.markdown()
    pictures = {path.stem for path in (make_gallery.FOLDER / "gallery").glob("*.png")}
    assert pictures == {entry.name for entry in make_gallery.ENTRIES}


def test_a_gallery_picture_shows_both_packages() -> None:
    entry = next(entry for entry in make_gallery.ENTRIES if entry.name == "OneCycleLR")
    expected = [p.simulate(make_gallery.made(entry, p), 0.1, 100, momentum=True) for p in (lrjax, lrtorch)]
    for panel, axes in enumerate(make_gallery.picture(entry).axes):
        drawn = [line.get_ydata().tolist() for line in axes.get_lines()]
        assert drawn == [curves[panel][:, 0].tolist() for curves in expected]


def test_the_code_under_a_picture_is_a_scheduler_of_both() -> None:
    codes = blocks_of(make_gallery.FOLDER / "gallery.md")
    assert len(codes) == len(make_gallery.ENTRIES)
    for entry, code in zip(make_gallery.ENTRIES, codes, strict=True):
        assert code.strip() == entry.call
        ours, theirs = (make_gallery.made(entry, package) for package in (lrjax, lrtorch))
        assert type(ours).__name__ == type(theirs).__name__ == entry.name
