"""A faulty profile is refused with file, line and field; a good one is merged and chosen as its match says."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.profiles import ProfileError, ProfileSet, load_form, load_profiles, read_forms

GOOD = """\
title: Example switch
includes: [parent]
match:
  sysobjectid: [1.3.6.1.4.1.99999.1]
  sysdescr: ['^Example']
  probe: [1.3.6.1.4.1.99999.7]
kind: switch
facts:
  vendor: [{value: Example}]
tables:
  - name: sensors
    root: 1.3.6.1.4.1.99999.2.1
    columns: {name: 1, value: 2}
    part: 'sensor:{name}'
    samples:
      - {metric: temperature_celsius, value: value}
"""
PARENT = "title: Parent\nmatch: {sysobjectid: [1.3.6.1.4.1.99999]}\nfacts:\n  vendor: [{value: Parent}]\n"


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("temperature_celsius", "temperatur", 16, "tables.0.samples.0.metric", "no such metric"),
        ("value: value}", "value: valu}", 11, "tables.0", "'valu'"),
        ("kind: switch", "kind: swtch", 7, "kind", "one of router, switch"),
        ("'^Example'", "'(unclosed'", 5, "match.sysdescr.0", "regular expression"),
        ("1.3.6.1.4.1.99999.2.1", ".1.3.6", 12, "tables.0.root", "without a leading dot"),
        ("part: 'sensor:{name}'", "part: 'sensor:{nam}'", 11, "tables.0", "'nam'"),
        ("columns: {name: 1, value: 2}", "colums: {name: 1}", 13, "tables.0.colums", "no such field"),
        ("[{value: Example}]", "[{value: Example, oid: 1.3.6.1}]", 9, "facts.vendor.0", "exactly one of"),
        ("title: Example switch", "titel: Example switch", 1, "title", "this field is needed"),
        ("includes: [parent]", "includes: [parent", 3, "", "not YAML"),
    ],
)
def test_faults_name_file_line_and_field(old: str, new: str, line: int, field: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(ProfileError) as raised:
        load_form("example.yaml", GOOD.replace(old, new))
    problem = next(problem for problem in raised.value.problems if words in problem)
    assert problem.startswith(f"example.yaml:{line}: {field}")


def test_all_problems_of_all_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("title: A\nkind: nothing\nmatch: {sysobjectid: [x]}\n")
    (tmp_path / "b.yaml").write_text("- 1\n")
    (tmp_path / "c.yaml").write_text("title: C\nincludes: [nowhere]\n")
    (tmp_path / "d.yaml").write_text("title: D\nincludes: [e]\n")
    (tmp_path / "e.yaml").write_text("title: E\nincludes: [d]\n")
    with pytest.raises(ProfileError) as raised:
        read_forms(tmp_path)
    text = str(raised.value)
    for expected in ("a.yaml:2: kind", "a.yaml:3: match.sysobjectid.0", "b.yaml:1", "no profile 'nowhere'",
                     "includes itself"):  # fmt: skip
        assert expected in text


@pytest.fixture
def family(tmp_path: Path) -> ProfileSet:
    (tmp_path / "example.yaml").write_text(GOOD)
    (tmp_path / "parent.yaml").write_text(PARENT)
    (tmp_path / "generic.yaml").write_text("title: Any\n")
    return ProfileSet(read_forms(tmp_path), {99999: "By number"})


def test_the_longest_prefix_wins(family: ProfileSet) -> None:
    assert family.by_sysobjectid("1.3.6.1.4.1.99999.1.5").name == "example"
    assert family.by_sysobjectid("1.3.6.1.4.1.99999.2").name == "parent"
    assert family.by_sysobjectid("1.3.6.1.4.1.999991.1") is None  # arcs, not characters
    assert family.by_sysdescr("Example 24 ports").name == "example" and family.by_sysdescr("Other") is None
    assert [profile.name for _, profile in family.probes()] == ["example"]
    assert family.vendor_of("1.3.6.1.4.1.99999.4") == "By number" and family.vendor_of("1.3.6.1.2.1") == ""


def test_a_finer_family_takes_over_where_its_words_are_found(tmp_path: Path) -> None:
    (tmp_path / "example.yaml").write_text(GOOD)
    (tmp_path / "parent.yaml").write_text(PARENT)
    (tmp_path / "generic.yaml").write_text("title: Any\n")
    (tmp_path / "finer.yaml").write_text("title: F\nmatch: {refines: [example], sysdescr: ['Wireless']}\nkind: ap\n")
    shipped = ProfileSet(read_forms(tmp_path), {})
    example = shipped.profiles["example"]
    assert shipped.refined(example, "Example Wireless").name == "finer"
    assert shipped.refined(example, "Example").name == "example"
    (tmp_path / "finer.yaml").write_text("title: F\nmatch: {refines: [nowhere]}\n")
    with pytest.raises(ProfileError, match=r"finer\.yaml:1: match\.refines"):
        read_forms(tmp_path)


def test_own_entries_stand_before_included_ones(family: ProfileSet) -> None:
    assert [source.value for source in family.profiles["example"].facts["vendor"]] == ["Example", "Parent"]


def test_the_shipped_profiles_are_sound() -> None:
    shipped = load_profiles()
    assert shipped.generic.name == "generic" and len(shipped.generic.tables) >= 10
    assert shipped.vendor_of("1.3.6.1.4.1.14988.1") == "MikroTik"
    assert shipped.vendor_of("1.3.6.1.4.1.8072.3.2.10") == ""  # an agent's number, not a maker's
    prefixes = [prefix for profile in shipped.profiles.values() for prefix in profile.match.sysobjectid]
    assert len(prefixes) == len(set(prefixes))


def test_every_profile_is_described_in_the_readme() -> None:
    folder = Path(__file__).parent.parent.parent.parent / "collectors" / "profiles"
    text = (folder / "README.md").read_text("utf-8")
    for field in ("title", "includes", "match", "sysobjectid", "sysdescr", "probe", "kind", "facts", "scalars",
                  "tables", "root", "columns", "part", "label", "when", "samples", "metric", "value", "over", "scale",
                  "scale_by",
                  "precision", "offset", "complement", "enum", "sentinels", "low", "high", "first", "above", "mean",
                  "text", "unsigned", "later", "ports", "quirks", "skip", "repetitions", "pattern", "map", "lookup",
                  "port", "distinct", "sizes", "bits", "bit", "words", "delta", "sum", "count", "at", "equals",
                  "most_repetitions", "last", "refines", "gives", "decibels",
                  "present"):  # fmt: skip
        assert f"`{field}`" in text, field
