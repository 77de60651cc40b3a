"""Every reason that the collectors can give has a sentence and a next step, in both languages."""

import ast
from pathlib import Path

import pytest

from collectors import REASONS, explain
from collectors.ping import REASONS as PING_REASONS
from core import catalogue, use_language

ROOT = Path(__file__).parents[2] / "collectors"
GIVERS = {"TryLater", "GiveUp", "PingRefused", "Ending", "Identified", "RequestResult", "Surveyed", "Polled", "Failure",
          "_failed"}  # fmt: skip
PAIRS_IN = {"checks", "work"}
# Texts that stand where a reason may stand but mean something else.
NOT_REASONS = {"", "utf-8", "poll_now", "write_failed"}


def words_in(file: Path) -> set[str]:
    """The literal first arguments of everything that gives a reason, and first parts of (reason, detail) pairs."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GIVERS and node.args:
            given = [node.args[0]]
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and file.parent.name in PAIRS_IN:
            given = [node.value.elts[0]]
        elif isinstance(node, ast.IfExp) and file.parent.name in PAIRS_IN:
            given = [node.body, node.orelse]
        found.update(one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return found - NOT_REASONS


def used_words() -> set[str]:
    return {word for file in ROOT.rglob("*.py") for word in words_in(file)}


def test_every_word_that_is_used_has_its_sentence():
    used = used_words()
    assert len(used) > 20
    assert sorted(used - REASONS.keys()) == []
    assert sorted(set(PING_REASONS) - REASONS.keys()) == []


@pytest.mark.parametrize("word", sorted(REASONS))
def test_reason_speaks_both_languages_and_says_what_to_do(word: str):
    with use_language("en"):
        said = explain(word)
    assert said.message.endswith(".")
    vietnamese = catalogue("vi")
    for text in (said.message, said.advice):
        assert not text or text in vietnamese
    if word not in ("ok", "cancelled", "renumbered", "rebooted"):
        assert said.advice


def test_unknown_word_explains_itself():
    assert explain("something_new").message == "something_new"
