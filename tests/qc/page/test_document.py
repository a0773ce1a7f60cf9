"""Tests of the page as text: what stands in it, and that nothing hostile gets out of its place."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from ff_vfx.qc.page.document import page
from ff_vfx.types.finding import Finding
from tests.qc.page.made import HOSTILE, report, whole_page

_EMPTY = {"meta", "img", "input", "br", "circle", "line", "path", "polyline"}


class _Tags(HTMLParser):
    """All tags with their attributes; sees that they are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag


def tags(text):
    parser = _Tags()
    parser.feed(text)
    assert parser.open == []
    return parser.found


def test_the_verdict_stands_before_everything_else():
    text = whole_page()
    assert text.index("Not fit to leave") < text.index("<table") < text.index('id="curves"')
    assert "1 of 4 checks failed (flicker), on 2 of 10 frames: 1003-1004; 1 waived; 1 skipped." in text


def test_a_shot_that_passed_is_said_to_be_fit():
    fit = replace(report(), findings=(Finding("pop", "passed", "fine"),))
    assert "Fit to leave" in page(fit, [], [], "2026-11-21")


def test_what_could_not_be_judged_says_why():
    text = page(replace(report(), faults=("no <plate>",), findings=()), [], [], "2026-11-21")
    assert "Could not be judged" in text and "no &lt;plate&gt;" in text and "Fit to leave" not in text


def test_failed_findings_come_first_and_waived_ones_name_who_signed():
    text = whole_page("x")
    rows = re.findall(r'<td class="(\w+)">', text)
    assert rows == ["failed", "waived", "passed", "skipped"]
    assert "waived by x, until 2026-12-24: liked" in text


def test_a_hostile_name_is_text_wherever_it_stands():
    hostile, clean = tags(whole_page(HOSTILE)), tags(whole_page("x"))
    assert [tag for tag, _ in hostile] == [tag for tag, _ in clean]
    assert [sorted(attributes) for _, attributes in hostile] == [sorted(attributes) for _, attributes in clean]


def test_nothing_in_it_comes_from_elsewhere():
    for tag, attributes in tags(whole_page()):
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert (attributes.get("src") or "data:").startswith("data:")
        assert "href" not in attributes


def test_its_policy_names_its_own_script_and_style_by_hash_and_nothing_else():
    policy = next(a["content"] for t, a in tags(whole_page()) if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy and "*" not in policy


def test_without_an_earlier_version_nothing_is_compared():
    assert 'id="wipe"' in whole_page()
    assert 'id="wipe"' not in page(report(), [], [], "2026-11-21")


def test_the_same_report_gives_the_same_page():
    assert whole_page() == whole_page()
