"""Settings: every problem at once, in words that name the place, the value and what is allowed; cases are data."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, SecretStr, ValidationError

from core import CoreSettings, Section, SettingsError, load_settings

CASES = sorted((Path(__file__).parent / "settings_cases").glob("*.toml"))


class GardenSettings(Section):
    """A package's settings, with one field of each kind that our packages use."""

    section = "garden"
    trees: int = Field(3, ge=1, le=99, description="How many trees")
    height_m: float = Field(2.5, gt=0, description="Metres a tree is high")
    season: Literal["dry", "rain"] = Field("dry", description="Which half of the year")
    is_open: bool = Field(True, description="Whether visitors may come")
    gates: tuple[str, ...] = Field((), description="Names of the gates, separated by commas")
    key: SecretStr = Field(SecretStr(""), max_length=20, description="Opens the gate")
    spare_key: SecretStr | None = Field(None, max_length=20, description="Opens it too")


class PondSettings(Section):
    """A second package."""

    section = "pond"
    fish: int = Field(0, description="How many fish")


SECTIONS = (GardenSettings, PondSettings)


def problems_of(file: Path | None, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(SECTIONS, file, environ)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return list(caught.value.problems)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_bad_settings_file(case: Path) -> None:
    """Comment lines that begin with "#!" say in order what must be told; "#! $NAME=value" sets the environment."""
    orders = [line[2:].strip() for line in case.read_text(encoding="utf-8").splitlines() if line.startswith("#!")]
    environ = dict(order[1:].split("=", 1) for order in orders if order.startswith("$"))
    expected = [order.replace("FILE", str(case)) for order in orders if not order.startswith("$")]
    assert expected, "a case says what must be told"
    assert problems_of(case, environ) == expected


def test_there_are_cases() -> None:
    assert len(CASES) >= 10


def test_file_that_is_not_there(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "none.toml") == [f"{tmp_path / 'none.toml'}: there is no such settings file"]


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    (told,) = problems_of(tmp_path)
    assert "cannot be read" in told


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b'host = "\xff\xfe"\n')
    (told,) = problems_of(file)
    assert "cannot be read as TOML" in told


def test_file_written_on_windows(tmp_path: Path) -> None:
    file = tmp_path / "edunoc.toml"
    file.write_bytes("\ufeffport = 8000\r\n[pond]\r\nfish = 2\r\n".encode())
    settings = load_settings(SECTIONS, file)
    assert settings.core.port == 8000 and settings[PondSettings].fish == 2


def test_defaults_hold_by_themselves() -> None:
    settings = load_settings(SECTIONS)
    assert settings.core == CoreSettings() and settings[GardenSettings].trees == 3
    assert [type(section) for section in settings] == [CoreSettings, GardenSettings, PondSettings]
    assert settings.origin(GardenSettings, "trees") == "default"


def test_environment_wins_over_file_wins_over_default(tmp_path: Path) -> None:
    file = tmp_path / "edunoc.toml"
    file.write_text('port = 8000\nhost = "0.0.0.0"\n[garden]\ntrees = 7\nseason = "rain"\n')
    settings = load_settings(SECTIONS, file, {"EDUNOC_PORT": "9000", "EDUNOC_GARDEN_TREES": "9", "PATH": "/bin"})
    garden = settings[GardenSettings]
    assert (settings.core.port, settings.core.host, garden.trees, garden.season) == (9000, "0.0.0.0", 9, "rain")
    assert settings.origin(GardenSettings, "trees") == "EDUNOC_GARDEN_TREES"
    assert settings.origin(GardenSettings, "season") == str(file)
    assert settings.origin(CoreSettings, "port") == "EDUNOC_PORT"
    assert settings.origin(CoreSettings, "language") == "default"


@pytest.mark.parametrize(("text", "gates"), [
    ("north", ("north",)), ("north, south ,", ("north", "south")), ("", ()), ("cổng chính", ("cổng chính",)),
])
def test_list_in_the_environment_is_separated_by_commas(text: str, gates: tuple[str, ...]) -> None:
    assert load_settings(SECTIONS, environ={"EDUNOC_GARDEN_GATES": text})[GardenSettings].gates == gates


def test_problems_of_the_environment_name_the_variable() -> None:
    told = problems_of(None, {
        "EDUNOC_PORT": "a", "EDUNOC_LANGUAGE": "fr", "EDUNOC_GARDEN_TREES": "100", "EDUNOC_GARDEN_SEASON": "snow",
        "EDUNOC_GARDEN_IS_OPEN": "perhaps", "EDUNOC_GARDEN_HEIGHT_M": "nan", "EDUNOC_POND_FISH": "1.5",
        "EDUNOC_TIMEZONE": "Asia/Nowhere", "EDUNOC_PUBLIC_URL": "edunoc.local", "EDUNOC_HOST": "two words",
        "EDUNOC_PROT": "1", "EDUNOC_NONSENSE": "1",
    })
    names = [line.split(":")[0] for line in told]
    assert set(names) == {
        "EDUNOC_PORT", "EDUNOC_LANGUAGE", "EDUNOC_GARDEN_TREES", "EDUNOC_GARDEN_SEASON", "EDUNOC_GARDEN_IS_OPEN",
        "EDUNOC_GARDEN_HEIGHT_M", "EDUNOC_POND_FISH", "EDUNOC_TIMEZONE", "EDUNOC_PUBLIC_URL", "EDUNOC_HOST",
        "EDUNOC_PROT", "EDUNOC_NONSENSE",
    }
    by_name = dict(zip(names, told, strict=True))
    assert "allowed: vi, en" in by_name["EDUNOC_LANGUAGE"] and "'fr'" in by_name["EDUNOC_LANGUAGE"]
    assert "must be at most 99" in by_name["EDUNOC_GARDEN_TREES"]
    assert "did you mean EDUNOC_PORT?" in by_name["EDUNOC_PROT"] and "docs/settings.md" in by_name["EDUNOC_NONSENSE"]


@pytest.mark.parametrize("name", ["EDUNOC_GARDEN_KEY", "EDUNOC_GARDEN_SPARE_KEY"])
def test_secret_is_not_quoted_in_a_problem(name: str) -> None:
    (told,) = problems_of(None, {name: "th3-real-w0rd-that-is-too-long"})
    assert "th3-real" not in told and "must have at most 20" in told


def test_secret_does_not_show_in_the_section() -> None:
    settings = load_settings(SECTIONS, environ={"EDUNOC_GARDEN_KEY": "th3-real-w0rd"})
    assert "th3-real" not in repr(settings[GardenSettings]) + settings[GardenSettings].model_dump_json()


def test_names_of_the_tests_are_left_alone() -> None:
    assert load_settings((), environ={"EDUNOC_TEST_X": "1", "EDUNOC_RECORDINGS": "x", "EDUNOC_SETTINGS": "y", "X": "1"})


def test_settings_do_not_change_after_start() -> None:
    with pytest.raises(ValidationError):
        load_settings(()).core.port = 1  # type: ignore[misc]


@given(st.dictionaries(st.sampled_from(["EDUNOC_PORT", "EDUNOC_GARDEN_TREES", "EDUNOC_GARDEN_GATES", "EDUNOC_HOST"]),
                       st.text(max_size=30)))
def test_any_environment_is_taken_or_told(environ: dict[str, str]) -> None:
    try:
        load_settings(SECTIONS, None, environ)
    except SettingsError as error:
        assert all(line.split(":")[0] in environ for line in error.problems)


@given(st.binary(max_size=200))
def test_any_file_is_taken_or_told(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    try:
        tomllib.loads(content.decode("utf-8-sig"))
        load_settings(SECTIONS, file)
    except SettingsError as error:
        assert error.problems
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        assert problems_of(file)
