"""Which config holds, and what its spaces are called."""

from __future__ import annotations

from pathlib import Path

import PyOpenColorIO as ocio
import pytest

from ff_vfx.colour import load_config, resolve_space, space_of_chromaticities
from ff_vfx.errors import BadInput, UnknownColourSpace

SHOW = """ocio_profile_version: 2.0
name: the-show
roles:
  default: raw
  scene_linear: show_linear
  {interchange}
displays:
  screen:
    - !<View> {{name: plain, colorspace: raw}}
colorspaces:
  - !<ColorSpace>
    name: raw
    isdata: true
  - !<ColorSpace>
    name: show_linear
    aliases: [shl]
  - !<ColorSpace>
    name: show_ap0
"""


@pytest.fixture
def show(tmp_path: Path) -> Path:
    path = tmp_path / "show.ocio"
    path.write_text(SHOW.format(interchange="aces_interchange: show_ap0"))
    return path


def test_without_anything_it_is_the_pinned_studio_config(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OCIO", raising=False)
    assert load_config().getName() == "studio-config-v2.1.0_aces-v1.3_ocio-v2.3"
    monkeypatch.setenv("OCIO", "")
    assert load_config().getName() == "studio-config-v2.1.0_aces-v1.3_ocio-v2.3"


def test_the_environments_config_wins_and_the_given_one_wins_over_it(monkeypatch: pytest.MonkeyPatch, show: Path):
    monkeypatch.setenv("OCIO", str(show))
    assert load_config().getName() == "the-show"
    assert load_config("ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3").getName().startswith("studio")


def test_a_config_changed_on_disk_is_read_again(show: Path):
    load_config(str(show))
    show.write_text(show.read_text().replace("the-show", "the-show-v2"))
    assert load_config(str(show)).getName() == "the-show-v2"


def test_a_config_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with pytest.raises(BadInput, match=r"nothing\.ocio: cannot be read.*give another"):
        load_config(str(tmp_path / "nothing.ocio"))
    (tmp_path / "bad.ocio").write_text("not: [a config")
    monkeypatch.setenv("OCIO", str(tmp_path / "bad.ocio"))
    with pytest.raises(BadInput, match=r"bad\.ocio \(from \$OCIO\): cannot be read"):
        load_config()


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("ACEScg", "ACEScg"),
        ("acescg", "ACEScg"),
        ("lin_ap1", "ACEScg"),
        ("srgb_tx", "sRGB - Texture"),
        ("arri_logc4", "ARRI LogC4"),
        ("scene_linear", "ACEScg"),
    ],
)
def test_names_aliases_and_roles_come_to_one_name(name: str, canonical: str):
    config = load_config("ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3")
    assert resolve_space(name, config) == canonical


def test_without_a_config_given_the_one_that_holds_is_asked(monkeypatch: pytest.MonkeyPatch, show: Path):
    monkeypatch.setenv("OCIO", str(show))
    assert resolve_space("SHL") == "show_linear"


def test_an_unknown_space_is_said_with_the_three_nearest_and_the_remedy():
    config = load_config("ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3")
    with pytest.raises(UnknownColourSpace) as caught:
        resolve_space("ACESgc", config)
    text = str(caught.value)
    assert "'ACESgc' is not in the config studio-config" in text
    near = text.split("nearest: ")[1].split(";")[0].split(", ")
    assert len(near) == 3 and "ACEScg" in near
    assert "$OCIO" in text


def test_no_name_is_said_too():
    with pytest.raises(UnknownColourSpace, match="none was named"):
        resolve_space("")


PRIMARIES = {
    "ACEScg": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
    "ACES2065-1": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
    "lin_rec709": (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    "lin_rec2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "lin_p3d65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}


@pytest.mark.parametrize("space", PRIMARIES)
def test_a_files_primaries_name_its_space(space: str):
    assert space_of_chromaticities(tuple(v + 5e-4 for v in PRIMARIES[space])) == space
    assert resolve_space(space, load_config("ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3"))


def test_nobodys_primaries_name_nothing():
    assert space_of_chromaticities(tuple(v + 2e-3 for v in PRIMARIES["ACEScg"])) is None
    assert space_of_chromaticities((0.64, 0.33)) is None
    assert space_of_chromaticities((float("nan"),) * 8) is None


def test_the_configs_of_these_tests_are_ones(show: Path):
    ocio.Config.CreateFromFile(str(show)).validate()
