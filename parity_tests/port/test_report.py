"""The report of a comparison: the same content in all three forms, nothing of the user's taken for markup."""

import functools
import re
import sys
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from lrparity.port.explanations import EXPLANATIONS, TITLES
from lrparity.port.report import content, figures
from lrparity.port.result import Result, Row
from parity_tests.port import made_up

VOID = {"meta", "link", "br", "img", "hr", "input"}
results = pytest.mark.parametrize("make", made_up.ALL, ids=lambda make: make.__name__)
Make = Callable[[], Result]


class Page(HTMLParser):
    """The tags, attributes and text of a page; complains where an element is not closed."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """An element ends, the last one that began."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text between the tags."""
        self.text.append(data)


@functools.cache
def page_of(make: Make) -> str:
    """The page of a made-up result."""
    return make().html()


def outside_code(markdown: str) -> str:
    """The Markdown without its fenced blocks."""
    return re.sub(r"^ *(`{3,})python\n.*?^ *\1$", "", markdown, flags=re.DOTALL | re.MULTILINE)


@results
def test_the_verdict_comes_first(make: Make):
    result = make()
    verdict = content.headline(result)
    assert verdict.startswith("EQUAL: " if result.equal else "NOT EQUAL: ")
    assert " ".join(str(result).split()).startswith(verdict)
    body = page_of(make).split("<body>")[1]
    assert "".join(Page("<body>" + body.split("</body>")[0] + "</body>").text).lstrip().startswith(verdict)
    if make is not made_up.nasty:
        first = outside_code(result.markdown()).split("\n\n")[1]
        assert re.sub(r"\\(.)", r"\1", first) == f"**{verdict}**"


@results
def test_the_text_fits_a_terminal(make: Make):
    lines = str(make()).splitlines()
    assert max(map(len, lines)) <= 120
    assert all(line.isprintable() for line in lines)


@results
def test_each_cause_says_how_to_mend_it(make: Make):
    result = make()
    page = "".join(Page(page_of(make)).text)
    text = " ".join(str(result).split())
    markdown = result.markdown()
    for cause in result.causes:
        code = content.code_lines(cause.mend)
        assert "\n".join(code) in page
        assert " ".join(" ".join(code).split()) in text
        assert "\n".join(f"   {line}" for line in code) in markdown


@results
def test_the_page_loads_nothing(make: Make):
    page = page_of(make)
    parsed = Page(page)
    assert "http://" not in page and "https://" not in page and "url(http" not in page
    assert not {"script", "link", "iframe", "img", "object", "embed"} & set(parsed.tags)
    for name, value in parsed.attributes:
        assert not name.startswith("on")
        if name in {"src", "href", "xlink:href"}:
            assert value.startswith(("#", "data:image/png;base64,"))


@results
def test_every_link_has_its_target_and_no_id_is_used_twice(make: Make):
    attributes = Page(page_of(make)).attributes
    ids = [value for name, value in attributes if name == "id"]
    links = [value[1:] for name, value in attributes if name.endswith("href") and value.startswith("#")]
    clips = [value[5:-1] for name, value in attributes if name == "clip-path"]
    assert len(set(ids)) == len(ids)
    assert set(links) | set(clips) <= set(ids)


def test_nothing_of_the_user_is_markup_for_the_page():
    page = page_of(made_up.nasty)
    assert "<script" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>" not in page
    text = "".join(Page(page).text)
    for word in made_up.NASTY:
        assert content.clean(word) in text


def test_nothing_of_the_user_is_markup_for_markdown():
    markdown = outside_code(made_up.nasty().markdown())
    for piece in ("<script", "<b>", " a|b", " `tick`", " **bold**", "[x](y)", "\x1b"):
        assert piece not in markdown
    table = [line for line in markdown.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {6}
    plain = unescape(re.sub(r"\\(.)", r"\1", markdown))
    assert all(content.clean(word) in plain for word in made_up.NASTY)


def test_a_fence_in_code_does_not_end_its_block():
    code = "```\n````\n<script>"
    lines = Result(True, "Equal.", None, [], code=code).markdown().splitlines()
    start = lines.index("`````python")
    assert lines[start + 1 : start + 4] == code.splitlines() and lines[start + 4] == "`````"


def test_a_line_of_a_note_begins_no_list():
    markdown = Result(True, "Equal.", None, [], notes=["- one", "2. two", "-1.5 is a number", "==="]).markdown()
    assert "- \\- one\n- 2\\. two\n- -1.5 is a number\n- \\===" in markdown


def test_defaults_that_nobody_wrote_are_marked():
    result = made_up.two_causes()
    assert "weight_decay  all    0.01*   0.0001*" in str(result)
    assert "| **≠** | weight\\_decay | all | 0.01 \\* | 0.0001 \\* |" in result.markdown()
    assert "|  | eps | all | 1e-08 | 1e-08 \\* |" in result.markdown()
    row = re.search(r"<tr[^>]*><td></td><th>eps</th>.*?</tr>", page_of(made_up.two_causes))
    assert row and row[0].count('class="default"') == 1 and "differs" not in row[0]


def test_explanations_stand_at_the_end_for_what_occurs():
    result = made_up.two_causes()
    page, markdown = page_of(made_up.two_causes), result.markdown()
    for key in EXPLANATIONS:
        occurs = key in ("weight_decay", "rate_shift")
        assert (f'id="why-{key}"' in page) == (f'href="#why-{key}"' in page) == occurs
        assert (f'<a id="why-{key}"></a>' in markdown) == (f"](#why-{key})" in markdown) == occurs
    assert page.index("What the conventions are") > page.index("Parameters without a partner")


def test_explanations_are_short_paragraphs_with_a_heading():
    assert set(EXPLANATIONS) == set(TITLES)
    for key, text in EXPLANATIONS.items():
        assert 2 <= len(re.findall(r"[.](?= [a-zA-Z]|$)", text)) <= 4, key
        assert not re.search(r"  |\n|^ | $", text), key


def test_groups_with_the_same_values_share_a_line():
    result = made_up.hundred_groups()
    lines = content.table(result.rows, result.groups)
    assert [line.groups for line in lines if line.what != "lr at step 0"] == ["all"] * 3
    rates = [line for line in lines if line.what == "lr at step 0"]
    assert len(rates) == content.SHOWN + 1
    assert rates[-1].groups == "94 more groups" and rates[-1].differs
    rows = [Row(f"g{i}", "eps", str(i), str(i + (i == 9)), i == 9) for i in range(10)]
    shown = content.table(rows, [row.group for row in rows])
    assert [line.groups for line in shown] == ["g0", "g1", "g2", "g3", "g4", "g9", "4 more groups"]
    assert not shown[-1].differs


def test_many_groups_and_parameters_are_said_to_be_left_out():
    captions = {drawing.name: drawing.caption for drawing in figures.drawings(made_up.hundred_groups())}
    assert "The 6 groups whose rates are relatively furthest apart are drawn, 94 are left out." in captions["rates"]
    assert "60 parameters furthest apart are shown, 40 are left out" in captions["layers"]


def test_numbers_that_are_not_finite_are_said_and_drawn():
    result = made_up.broken_numbers()
    assert "not a finite number" in str(result)
    assert all("not finite" in drawing.caption for drawing in figures.drawings(result) if drawing.name != "layers")
    assert content.rate_differences(result)[12, 0] == np.inf


def test_rates_that_could_not_be_read_are_no_difference():
    result = made_up.unread_rates()
    assert "Rates: JAX's could not be read in group head." in str(result)
    assert "different in 25 of 25 updates" in str(result)
    text = " ".join(str(result).split())
    assert "it is infinite where torch's parameter has not moved yet" in text
    assert "none of them finite" in text and " nan" not in text
    assert page_of(made_up.unread_rates).count("JAX's rates could not be read") == 1


def test_rates_of_one_side_alone_are_left_out():
    result = made_up.two_causes()
    result.rates_jax = np.zeros((0, 0))
    assert "Rates:" not in str(result)
    assert "rates" not in [drawing.name for drawing in figures.drawings(result)]


def test_an_equal_result_draws_no_distances():
    result = made_up.equal()
    assert [drawing.name for drawing in figures.drawings(result)] == ["rates"]
    assert "equal at every update" in page_of(made_up.equal)
    assert "Nothing differs." in str(result)


def test_an_empty_result_is_only_a_verdict():
    result = made_up.empty()
    assert "<svg" not in page_of(made_up.empty) and content.NO_FIGURES not in page_of(made_up.empty)
    assert len(str(result).splitlines()) == 4


def test_without_matplotlib_the_page_says_what_figures_need(monkeypatch: pytest.MonkeyPatch):
    for name in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    page = made_up.two_causes().html()
    Page(page)
    assert "<svg" not in page
    assert page.count("pip install lrjax[plot]") == 1
    assert str(made_up.two_causes()) and made_up.two_causes().markdown()


def test_the_figures_take_the_colours_of_the_page():
    page = page_of(made_up.hundred_groups)
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL))
    assert not any(color in drawn for color in figures.COLORS.values())
    assert not re.search(r"(fill|stroke): #000000", drawn)
    assert all(f"var(--{name})" in drawn for name in figures.COLORS)


def test_the_page_is_the_same_every_time():
    assert made_up.two_causes().html() == page_of(made_up.two_causes)


def test_saved_files_are_the_reports(tmp_path):
    result = made_up.one_update()
    paths = result.save(tmp_path / "new" / "folder")
    assert [path.read_text(encoding="utf-8") for path in paths] == [result.markdown(), result.html()]


def test_a_long_run_makes_no_large_page():
    assert len(page_of(made_up.long_run)) < 600_000
