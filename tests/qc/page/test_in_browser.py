"""The page in a real browser, headless: no error, curves drawn, the wipe moves, hostile names are text, no request."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.qc.page.made import HOSTILE, whole_page

_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is a development extra")
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if (found := shutil.which(name))), None)
    if not program:
        pytest.skip("no Chromium on this machine (chromium, chromium-browser or google-chrome on PATH)")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


def opened(chromium, tmp_path: Path, name: str = "out/comp.####.exr", **options) -> SimpleNamespace:
    """The page opened from its file, with what it said and what it asked for."""
    file = tmp_path / "qc.html"
    file.write_text(whole_page(name), encoding="utf-8")
    view = chromium.new_context(viewport={"width": 1280, "height": 900}, **options).new_page()
    said, asked = [], []
    view.on("console", lambda message: said.append(message.text))
    view.on("pageerror", lambda error: said.append(str(error)))
    view.on("request", lambda request: asked.append(request.url))
    view.goto(file.as_uri())
    return SimpleNamespace(view=view, said=said, asked=[url for url in asked if not url.startswith("data:")], file=file)


def test_it_opens_without_an_error_and_asks_for_nothing_but_itself(chromium, tmp_path):
    page = opened(chromium, tmp_path)
    assert page.said == []
    assert page.asked == [page.file.as_uri()]
    assert "Not fit to leave" in page.view.inner_text(".verdict")


def test_curves_are_drawn_and_say_the_value_under_the_pointer(chromium, tmp_path):
    view = opened(chromium, tmp_path).view
    curves = view.locator(".curve")
    assert curves.count() == 3
    box = curves.first.locator("polyline").bounding_box()
    assert box["width"] > 300 and box["height"] > 20
    first = curves.first
    assert "outside its limit: 1003-1004" in first.locator("xpath=..").inner_text()  # the failed one comes first
    first.scroll_into_view_if_needed()
    place = first.bounding_box()
    view.mouse.move(place["x"] + place["width"] - 20, place["y"] + 60)
    assert "frame 1010: 0.001 stops" in first.locator("xpath=..").inner_text()


def test_curves_can_be_read_with_the_keyboard(chromium, tmp_path):
    view = opened(chromium, tmp_path).view
    view.locator(".curve").first.focus()
    for _ in range(2):
        view.keyboard.press("ArrowRight")
    assert "frame 1003: 0.05 stops, outside its limit" in view.locator("#curves .card").first.inner_text()


def test_the_wipe_moves_the_edge_and_f_flips(chromium, tmp_path):
    view = opened(chromium, tmp_path).view
    edge = view.locator("#wipe .edge")
    before = edge.bounding_box()["x"]
    view.locator("#slider").focus()
    for _ in range(20):
        view.keyboard.press("ArrowRight")
    assert edge.bounding_box()["x"] > before + 50
    view.keyboard.press("f")
    assert "flipped" in view.get_attribute("#wipe", "class") and not edge.is_visible()
    view.keyboard.press("f")
    assert not view.locator("#wipe .over").is_visible()
    view.locator("#slider").focus()
    view.keyboard.press("ArrowLeft")
    assert edge.is_visible() and view.locator("#wipe .over").is_visible()


def test_frames_of_the_comparison_can_be_chosen(chromium, tmp_path):
    view = opened(chromium, tmp_path).view
    assert view.get_attribute("#choices button >> nth=0", "aria-current") == "true"
    view.keyboard.press("]")
    assert view.get_attribute("#choices button >> nth=1", "aria-current") == "true"
    assert "1008" in view.get_attribute("#wipe img >> nth=0", "alt")


def test_a_picture_opens_large_and_closes_again(chromium, tmp_path):
    view = opened(chromium, tmp_path).view
    view.locator("figure button").first.press("Enter")
    assert view.locator("#large").is_visible()
    view.keyboard.press("Escape")
    assert not view.locator("#large").is_visible()


def test_hostile_names_are_shown_and_do_not_run(chromium, tmp_path):
    page = opened(chromium, tmp_path, HOSTILE)
    assert page.view.evaluate("window.hurt") is None
    assert page.said == [] and page.asked == [page.file.as_uri()]
    assert "<script>window.hurt=1</script>" in page.view.inner_text("main")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_either_ground(chromium, tmp_path, scheme):
    view = opened(chromium, tmp_path, color_scheme=scheme).view
    luminance = """name => {
      const parts = (text) => text.match(/[\\d.]+/g).slice(0, 3).map((v) => {
        const c = v / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
      const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
      const one = document.querySelector(name);
      let ground = one;
      while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
      const a = light(parts(getComputedStyle(one).color)), b = light(parts(getComputedStyle(ground).backgroundColor));
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }"""
    for name in (
        "h1",
        ".facts",
        ".verdict strong",
        ".failed",
        ".passed",
        ".waived",
        ".skipped",
        ".value",
        "figcaption",
    ):
        assert view.evaluate(luminance, name) >= 4.5, name
    dark = view.evaluate("getComputedStyle(document.body).backgroundColor")
    view.click("#theme")
    assert view.evaluate("getComputedStyle(document.body).backgroundColor") != dark
