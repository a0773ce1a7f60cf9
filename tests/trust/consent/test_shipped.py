"""The records that come with the package: of invented people, signed by a key that is gone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import ff_vfx
from ff_vfx.trust.consent import Facts, decide, file_sha256, gather, record_of
from ff_vfx.trust.keyring import INVENTED, load_keyring
from ff_vfx.trust.signed_text import read_signed
from ff_vfx.trust.signing import signatures_of

RECORDS = sorted((Path(ff_vfx.__file__).parent / "trust" / "records").glob("*.ffconsent.json"))


def facts(files: list[Path], **scope: str) -> Facts:
    return Facts("x", tuple((one.name, file_sha256(one)) for one in files), **scope)  # type: ignore[arg-type]


def test_each_is_signed_by_the_examples_key_and_speaks_for_nobody_who_could_be_asked():
    assert len(RECORDS) == 6
    for path in RECORDS:
        data = read_signed(path)
        (signature,) = signatures_of(data)
        assert signature.name == "ff-vfx examples" and record_of(data, path.name).kind in INVENTED


def test_the_example_shots_performer_is_cleared_for_everything(own_user: Path, example_shot: Path):
    stills = sorted((example_shot / "performer").iterdir())
    assert decide(facts(stills), gather("", []), load_keyring(), date.today()).cleared


def test_a_portrait_of_somebody_real_is_for_tests_alone(own_user: Path, shared_data: Path):
    portrait = [shared_data / "photos" / "astronaut_nasa_512.png"]
    on_file, keyring = gather("", []), load_keyring()
    assert decide(facts(portrait, use="test"), on_file, keyring, date.today()).cleared
    assert not decide(facts(portrait, use="theatrical"), on_file, keyring, date.today()).cleared


def test_all_pictures_of_performers_in_the_test_data_are_on_record(own_user: Path, shared_data: Path):
    on_file, keyring = gather("", []), load_keyring()
    for shot in ("s010", "s020"):
        stills = sorted((shared_data / "shots" / shot / "performer").iterdir())
        assert decide(facts(stills), on_file, keyring, date.today()).cleared, shot
