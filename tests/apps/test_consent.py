"""`ff-vfx consent`: from a key to a record that holds, and every way in which it does not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ff_vfx.apps.cli.entry import run

LINE = [
    "--subject", "Jo Example", "--grantor", "Jo Example", "--authority", "self", "--description", "Double in scene 12",
    "--project", "FILM A", "--shot", "sh010*", "--use", "theatrical", "--use", "test", "--territory", "EU",
    "--from", "2020-01-01", "--sensitive", "violence", "--compensation", "contract 7",
]  # fmt: skip
SCOPE = ["--project", "film a", "--shot", "sh0105", "--use", "test", "--territory", "EU"]


@pytest.fixture
def place(own_user: Path, tmp_path: Path) -> Path:
    stills = tmp_path / "jo"
    stills.mkdir()
    for number in (1, 2):
        (stills / f"still_{number}.png").write_bytes(bytes([number]) * 100)
    (tmp_path / "contract.pdf").write_bytes(b"%PDF")
    return tmp_path


@pytest.fixture
def consent(place: Path, capsys: pytest.CaptureFixture[str]):
    def call(*words: str) -> tuple[int, str]:
        code = run(["consent", *words])
        heard = capsys.readouterr()
        return code, " ".join((heard.out + heard.err).split())

    return call


@pytest.fixture
def record(consent, place: Path) -> str:
    """Signed, by a key that is believed."""
    path, key = str(place / "jo" / "jo.ffconsent.json"), str(place / "ada.key")
    paper = ["--evidence", str(place / "contract.pdf")]
    assert consent("keygen", key, "--name", "Ada Rights")[0] == 0
    assert consent("trust", str(place / "ada.ffkey.json"), "--role", "rights")[0] == 0
    assert consent("new", "--performer", str(place / "jo"), "-o", path, *LINE, *paper)[0] == 0
    assert consent("sign", path, "--key", key)[0] == 0
    return path


def test_a_key_is_made_shown_and_believed_in_plain_words(consent, place: Path):
    code, said = consent("keygen", str(place / "ada.key"), "--name", "Ada Rights")
    assert code == 0 and "keep it to yourself" in said and "fingerprint: " in said
    assert consent("keygen", str(place / "ada.key"), "--name", "Eve")[0] == 2
    code, said = consent("trust", str(place / "ada.ffkey.json"), "--role", "rights")
    assert code == 0 and "those faces are used unmarked" in said and "remove that file to take it back" in said
    code, said = consent("keys")
    assert "Ada Rights" in said and "ff-vfx examples" in said and "package" in said
    assert consent("trust", str(place / "ada.key"), "--role", "rights")[0] == 2
    code, said = consent("trust", str(place / "ada.ffkey.json"), "--role", "king")
    assert code == 2 and "rights or label" in said


def test_a_draft_counts_for_nothing_until_it_is_signed_and_the_key_believed(consent, place: Path):
    path, key = str(place / "jo.ffconsent.json"), str(place / "ada.key")
    assert consent("new", "--performer", str(place / "jo"), "-o", path, *LINE)[0] == 0
    assert "is not signed" in consent("verify", path)[1]
    consent("keygen", key, "--name", "Ada Rights")
    assert consent("sign", path, "--key", key)[0] == 0
    code, said = consent("verify", path)
    assert code == 2 and "Ada Rights" in said and "whose key is not known here" in said
    consent("trust", str(place / "ada.ffkey.json"), "--role", "rights")
    assert consent("verify", path)[0] == 0


def test_a_use_is_asked_about(consent, record: str, place: Path):
    assert "valid; Jo Example, performer, vouched for by Ada Rights" in consent("verify", record)[1]
    assert consent("verify", record, *SCOPE, "--performer", str(place / "jo"))[0] == 0
    for wrong, reason in (
        ((*SCOPE, "--project", "film b"), "project 'film b' is not among them"),
        (("--use", "test"), "the job names no project"),
        (("--on", "2019-12-31"), "holds from 2020-01-01"),
    ):
        code, said = consent("verify", record, *wrong)
        assert code == 2 and "NOT VALID" in said and reason in said
    (place / "jo" / "still_3.png").write_bytes(b"new")
    code, said = consent("verify", record, "--performer", str(place / "jo"))
    assert code == 2 and "does not list still_3.png" in said
    told = json.loads(consent("verify", record, "--json")[1])
    assert told["cleared"] and told["performer"] == "Jo Example" and "record" not in told
    assert consent("verify", record, "--on", "someday")[0] == 2


def test_a_page_shows_what_was_agreed_and_by_whom(consent, record: str):
    code, said = consent("show", record)
    assert code == 0
    words = (
        "holds today", "yes", "Jo Example (performer)", "FILM A", "sh010*", "theatrical, test", "EU", "violence",
        "contract 7", "contract.pdf", "Ada Rights", "rights (user)", "no end agreed", "not allowed",
    )  # fmt: skip
    for word in words:
        assert word in said, word
    assert json.loads(consent("show", record, "--json")[1])["holds"]


def test_a_consent_is_withdrawn_by_a_notice(consent, record: str, place: Path):
    code, said = consent("revoke", record, "--key", str(place / "ada.key"), "--reason", "he wrote so")
    assert code == 0 and "ffrevoke.json" in said
    code, said = consent("verify", record)
    assert code == 2 and "was revoked on" in said and "he wrote so" in said
    assert "NO: consent" in consent("show", record)[1]
    assert consent("revoke", record, "--key", str(place / "ada.key"))[0] == 2


def test_fields_can_be_filled_in_a_file(consent, place: Path):
    fields, path = place / "fields.json", str(place / "jo.ffconsent.json")
    assert consent("new", "--template", str(fields))[0] == 0
    code, said = consent("new", "--fields", str(fields), "--performer", str(place / "jo"), "-o", path)
    assert code == 2 and "subject" in said and "consent schema" in said
    data = json.loads(fields.read_text())
    schema = json.loads(consent("schema")[1])
    assert set(data) < set(schema["properties"])
    fields.write_text(json.dumps(data))
    code, said = consent("new", "--fields", str(fields), "--performer", str(place / "jo"), "-o", path, *LINE)
    assert code == 0, said
    made = json.loads(Path(path).read_text())
    assert made["scope"]["uses"] == ["theatrical", "test"] and len(made["likeness"]) == 2 and "signatures" not in made


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--performer", "nobody", "-o", "x.ffconsent.json"], "no such folder"),
        (["--performer", "jo", "-o", "x.json"], "ffconsent.json"),
        (["-o", "x.ffconsent.json"], "--performer DIR"),
        (["--performer", "jo", "-o", "x.ffconsent.json", "--kind", "star"], "kind"),
        (["--performer", "jo", "-o", "x.ffconsent.json", "--until", "2019-01-01"], "is before valid_from"),
        (["--performer", "jo", "-o", "x.ffconsent.json", "--evidence", "none.pdf"], "none.pdf: cannot be read"),
    ],
)
def test_what_is_missing_is_named(consent, place: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], reason: str):
    monkeypatch.chdir(place)
    code, said = consent("new", *LINE, *words)
    assert code == 2 and reason in said, said
    assert not (place / "x.ffconsent.json").exists()


def test_a_key_with_a_passphrase_wants_it(consent, place: Path):
    secret, key = place / "secret", str(place / "ada.key")
    secret.write_text("open sesame\n")
    record = str(place / "jo.ffconsent.json")
    assert consent("keygen", key, "--name", "Ada", "--passphrase-file", str(secret))[0] == 0
    assert b"ENCRYPTED" in Path(key).read_bytes()
    consent("new", "--performer", str(place / "jo"), "-o", record, *LINE)
    code, said = consent("sign", record, "--key", key)
    assert code == 2 and "is encrypted" in said
    assert consent("sign", record, "--key", key, "--passphrase-file", str(secret))[0] == 0


def test_consent_loads_neither_torch_nor_numpy(consent, record: str, place: Path):
    """A rights manager's machine has no graphics card, and no patience."""
    import subprocess

    code = (
        "import sys; from ff_vfx.apps.cli.entry import run; run(['consent', 'verify', sys.argv[1]]);"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, record], check=True, capture_output=True)
