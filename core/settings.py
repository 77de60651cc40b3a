"""Settings: one frozen class a package, read from one TOML file and the environment, every problem told at once.

A package declares a `Section`; the composition root hands all sections to `load_settings`. The environment wins over
the file, the file over the defaults.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo

ENV_PREFIX = "EDUNOC"


class Section(BaseModel):
    """One package's settings: the table `[section]` of the file and EDUNOC_<SECTION>_<FIELD> in the environment.

    The section "" stands at the top of the file and is EDUNOC_<FIELD> in the environment.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
    section: ClassVar[str] = ""

    @classmethod
    def env_name(cls, field: str) -> str:
        """The environment variable of a field: `EDUNOC_TELEMETRY_RAW_DAYS`."""
        parts = (ENV_PREFIX, cls.section, field) if cls.section else (ENV_PREFIX, field)
        return "_".join(parts).upper()


class CoreSettings(Section):
    """What every role of EduNOC needs to know."""

    data_dir: Path = Field(Path("data"), description="Folder of the database, the samples and the key file")
    host: str = Field("127.0.0.1", description="Address on which the pages are served")
    port: int = Field(8080, ge=1, le=65535, description="TCP port on which the pages are served")
    public_url: str = Field("", description="Address under which people reach EduNOC, for links in messages")
    database_url: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy URL of PostgreSQL; empty means SQLite in the data folder"
    )
    language: Literal["vi", "en"] = Field("vi", description="Language of pages and messages until a person chooses")
    timezone: str = Field("Asia/Ho_Chi_Minh", description="Time zone that pages and the school calendar use")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")
    is_demo: bool = Field(False, description="Marks every page as a demonstration; set by `make demo`")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("there is no such time zone; write it as Asia/Ho_Chi_Minh") from None
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        address = urlsplit(value)
        if value and (address.scheme not in ("http", "https") or not address.hostname):
            raise ValueError("write a whole web address, such as https://edunoc.example.edu.vn")
        return value.rstrip("/")

    @field_validator("host")
    @classmethod
    def _some_host(cls, value: str) -> str:
        if not value.strip() or any(sign in value for sign in " /"):
            raise ValueError("write an IP address of this machine; 127.0.0.1 serves only itself, 0.0.0.0 all networks")
        return value


class SettingsError(Exception):
    """The settings cannot be used; `problems` lists every reason in plain words."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


S = TypeVar("S", bound=Section)


class Settings:
    """All sections, read and checked; `settings[TelemetrySettings]` gives a package its own."""

    def __init__(self, sections: Mapping[type[Section], Section], origins: Mapping[tuple[str, str], str]) -> None:
        self._sections = dict(sections)
        self._origins = dict(origins)

    def __getitem__(self, section: type[S]) -> S:
        return self._sections[section]  # type: ignore[return-value]

    def __iter__(self):
        return iter(self._sections.values())

    @property
    def core(self) -> CoreSettings:
        """The section at the top of the file."""
        return self[CoreSettings]

    def origin(self, section: type[Section], field: str) -> str:
        """Where a value came from: "default", the file's name, or the environment variable's name."""
        return self._origins.get((section.section, field), "default")


def load_settings(
    sections: Sequence[type[Section]], file: Path | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Read and check every section. Raises SettingsError with all problems, never only the first."""
    environ = environ or {}
    all_sections = (CoreSettings, *(s for s in sections if s is not CoreSettings))
    problems: list[str] = []
    tables = _read_tables(file, all_sections, problems)
    built: dict[type[Section], Section] = {}
    origins: dict[tuple[str, str], str] = {}
    for section in all_sections:
        values = dict(tables.get(section.section, {}))
        for field in values:
            origins[section.section, field] = str(file)
        for field in section.model_fields:
            name = section.env_name(field)
            if name in environ:
                values[field] = _from_environment(section.model_fields[field], environ[name])
                origins[section.section, field] = name
        try:
            built[section] = section.model_validate(values)
        except ValidationError as error:
            problems.extend(_plain(section, item, origins) for item in error.errors(include_url=False))
    problems.extend(_unknown_names(all_sections, environ))
    if problems:
        raise SettingsError(problems)
    return Settings(built, origins)


def _read_tables(
    file: Path | None, sections: Sequence[type[Section]], problems: list[str]
) -> dict[str, dict[str, Any]]:
    if file is None:
        return {}
    try:
        content = tomllib.loads(file.read_bytes().decode("utf-8-sig"))  # Notepad begins files with a mark
    except FileNotFoundError:
        problems.append(f"{file}: there is no such settings file")
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{file}: cannot be read as TOML: {error}")
        return {}
    names = {section.section for section in sections if section.section}
    tables: dict[str, dict[str, Any]] = {"": {}}
    for key, value in content.items():
        if key in names and isinstance(value, dict):
            tables[key] = value
        elif isinstance(value, dict):
            known = ", ".join(sorted(names)) or "none"
            problems.append(f"{file}: [{key}] is not a section; the sections are: {known}")
        elif key in names:
            problems.append(f"{file}: {key} is a section: write its settings below a line [{key}]")
        else:
            tables[""][key] = value
    return tables


def _plain(section: type[Section], item: Mapping[str, Any], origins: Mapping[tuple[str, str], str]) -> str:
    """One pydantic error as one sentence: where, which setting, what is wrong, what is allowed."""
    field = str(item["loc"][0]) if item["loc"] else ""
    origin = origins.get((section.section, field), section.env_name(field))
    shown = f"{section.section}.{field}" if section.section else field
    if item["type"] == "extra_forbidden":
        known = ", ".join(sorted(section.model_fields))
        return f"{origin}: there is no setting {shown}; {_nearest(field, section.model_fields)}known here are: {known}"
    info = section.model_fields.get(field)
    allowed = _allowed(info)
    given = "" if _is_secret(info) else f" (given: {str(item.get('input'))[:80]!r})"
    return f"{origin}: {shown} {_said(item)}{given}{allowed}"


# pydantic's words for programmers, in words for whoever fills in the file; {ge} and the like come with the error
_PLAIN_WORDS = {
    "int_parsing": "must be a whole number", "int_type": "must be a whole number",
    "int_from_float": "must be a whole number", "float_parsing": "must be a number", "float_type": "must be a number",
    "finite_number": "must be a number", "bool_parsing": "must be true or false", "bool_type": "must be true or false",
    "string_type": "must be a text in quotes", "path_type": "must be a text in quotes",
    "literal_error": "must be one of the allowed words", "tuple_type": 'must be a list: ["one", "two"]',
    "list_type": 'must be a list: ["one", "two"]', "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}", "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}", "too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
}


def _said(item: Mapping[str, Any]) -> str:
    words = _PLAIN_WORDS.get(item["type"])
    if words is not None:
        return words.format_map(item.get("ctx", {}))
    return "cannot be used: " + str(item["msg"]).removeprefix("Value error, ")


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]}? " if near else ""


def _from_environment(info: FieldInfo, value: str) -> Any:
    """A variable holds one text: where the setting is a list, its items are separated by commas."""
    if get_origin(info.annotation) in (list, tuple, set, frozenset):
        return [item.strip() for item in value.split(",") if item.strip()]
    return value


def _allowed(info: FieldInfo | None) -> str:
    if info is None:
        return ""
    words = [str(word) for word in get_args(info.annotation) if isinstance(word, str)]
    text = f"; allowed: {', '.join(words)}" if words else ""
    return f"{text}; meaning: {info.description}" if info.description else text


def _is_secret(info: FieldInfo | None) -> bool:
    return info is not None and "Secret" in repr(info.annotation)  # inside a union or a list as well


def _unknown_names(sections: Sequence[type[Section]], environ: Mapping[str, str]) -> list[str]:
    known = {section.env_name(field) for section in sections for field in section.model_fields} | {"EDUNOC_SETTINGS"}
    # EDUNOC_TEST_ and EDUNOC_RECORDINGS steer the tests, not the product
    return [
        f"{name}: there is no such setting; {_nearest(name, known)}look at docs/settings.md for the names"
        for name in sorted(environ)
        if name.startswith(f"{ENV_PREFIX}_") and name not in known
        and not name.startswith(("EDUNOC_TEST_", "EDUNOC_RECORDINGS"))
    ]
