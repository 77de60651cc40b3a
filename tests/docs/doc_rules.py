"""Reading the documents: what they name, and whether it exists; what exists, and whether they name it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch

_FENCE = re.compile(r"^\s*(```|~~~)")
_SPAN = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?<![\w/.:~@%$-])((?:[\w.*-]+/)+[\w.*-]*)")
_MAKE = re.compile(r"(?:^|&&|;|\|)\s*(?:\$ )?make ([a-z][\w-]*)")
_APP = re.compile(r"(?<![\w/-])app\.py((?: \S+)*)")
_FILE_NAME = re.compile(r"[\w.-]+\.(py|md|html|css|mjs|sh|service|in|mako|po)")
_WORD = re.compile(r"[a-z][a-z0-9_-]*")
# Made by make, by running, or by the reader: named in documents, not in the tree
MADE = ("data/", "demo-data/", ".venv/", "dashboards/static/vendor/", "dashboards/frontend/node_modules/")


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a document says exists."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Command:
    """A node of the command line: its sub-commands and its options."""

    options: frozenset[str] = frozenset()
    commands: Mapping[str, Command] = field(default_factory=dict)

    def paths(self, before: str = "") -> Iterator[str]:
        """Every command that can be run: "audit verify"."""
        for name, command in self.commands.items():
            path = f"{before} {name}".strip()
            yield from command.paths(path) if command.commands else (path,)


def code_of(text: str) -> Iterator[tuple[int, str]]:
    """(line number, code) of every inline span, fenced line and line indented by four."""
    is_fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if _FENCE.match(line):
            is_fenced = not is_fenced
        elif is_fenced or line.startswith("    "):
            yield number, line.split("  #")[0]
        else:
            yield from ((number, span) for span in _SPAN.findall(line))


def missing_paths(file: str, text: str, paths: Iterable[str]) -> list[Claim]:
    """Paths that the document names, in code or in the text, and that are not in the tree."""
    known = set(paths)
    folders = {path.rsplit("/", count)[0] + "/" for path in known for count in range(1, path.count("/") + 1)}
    tops = {folder.split("/")[0] for folder in folders}
    names = {path.rsplit("/", 1)[-1] for path in known}
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        for given in _PATH.findall(line):
            path = given.rstrip(".,;:)").removeprefix("./")
            if path.split("/")[0] in tops and not f"{path}/".startswith(MADE) and not _exists(path, known | folders):
                found.append(Claim(file, number, f"there is no {path}"))
        for span in _SPAN.findall(line):
            if _FILE_NAME.fullmatch(span) and span not in names:
                found.append(Claim(file, number, f"there is no file named {span}"))
    return found


def _exists(path: str, known: set[str]) -> bool:
    if "*" in path:
        return any(fnmatch(one, path) for one in known)
    return path in known or f"{path.rstrip('/')}/" in known


def missing_targets(file: str, text: str, targets: Iterable[str]) -> list[Claim]:
    """`make x` in code, where the Makefile has no x."""
    known = set(targets)
    return [
        Claim(file, number, f"the Makefile has no target {target}")
        for number, code in code_of(text) for target in _MAKE.findall(code) if target not in known
    ]


def missing_commands(file: str, text: str, root: Command) -> list[Claim]:
    """`app.py x y --z` in code, where there is no such command or option."""
    return [
        Claim(file, number, problem)
        for number, code in code_of(text) for words in _APP.findall(code)
        if (problem := _command_problem(words.split(), root))
    ]


def _command_problem(words: Sequence[str], root: Command) -> str:
    here, path, options = root, "app.py", set(root.options)
    for word in words:
        if word in ("|", "&&", ";", ">", "<"):
            break
        if word.startswith("--"):
            name = word.split("=")[0].rstrip(".,;:)]")
            if name not in options and name != "--help":
                return f"{path} has no option {name}"
        elif here.commands:
            if not _WORD.fullmatch(word):
                break
            if word not in here.commands:
                return f"{path} has no command {word}"
            here, path = here.commands[word], f"{path} {word}"
            options |= here.options
    return ""


def unnamed(names: Iterable[str], texts: Iterable[str], kind: str) -> list[str]:
    """The names that no document holds as a word of its own."""
    words = set(re.findall(r"[\w.-]+\w", "\n".join(texts)))
    return [f"{kind} {name} is in no document" for name in names if name not in words]


def unnamed_commands(root: Command, texts: Iterable[str]) -> list[str]:
    """The commands that no document shows as `app.py ...`."""
    everything = " ".join("\n".join(texts).split())
    return [
        f"the command app.py {path} is in no document"
        for path in root.paths() if not re.search(rf"app\.py {re.escape(path)}(?![\w-])", everything)
    ]


def make_targets(makefile: str) -> list[str]:
    """The targets that a person calls."""
    return re.findall(r"^([a-z][\w-]*):(?!=)", makefile, re.MULTILINE)


def setting_names(text: str) -> set[str]:
    """The environment variables that a document names, without those of tests and patterns such as EDUNOC_<FIELD>."""
    found = re.findall(r"\bEDUNOC(?:_[A-Z0-9]+)+\b(?![_<*.]*[<*])", text)
    return {name for name in found if not name.startswith("EDUNOC_TEST_")}
