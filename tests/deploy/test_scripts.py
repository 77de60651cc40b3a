"""The shell scripts of set-up: sound, and plain about what is missing when they may not install it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = ("deploy/find_python.sh", "deploy/system_packages.sh", "deploy/make_venv.sh", ".ci/run")
# What the scripts themselves need; `id` is ours and says that nobody is root
TOOLS = ("bash", "sort", "printf", "ls", "cat", "rm", "chmod", "cp")


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of an ordinary user on a machine that has none of the programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)
    _program(folder / "id", "echo 1000")
    return {"PATH": str(folder), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!{shutil.which('bash')}\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def _run(script: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(shutil.which("bash")), script, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_parses_may_be_run_and_stops_at_errors(script: str):
    done = subprocess.run(["bash", "-n", ROOT / script], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert os.access(ROOT / script, os.X_OK)
    assert "set -euo pipefail" in (ROOT / script).read_text(encoding="utf-8")


def test_integration_runs_what_people_run():
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert lines[-1].startswith("make test || ")


def test_missing_daemons_are_named_in_one_line(bare: dict[str, str], tmp_path: Path):
    # A copy that looks in no system folder: there the programs are installed
    text = (ROOT / "deploy/system_packages.sh").read_text(encoding="utf-8")
    copy = tmp_path / "system_packages.sh"
    blind = text.replace("PATH=$PATH:/usr/sbin:/sbin", "").replace("/usr/lib/postgresql/", "/nowhere/")
    copy.write_text(blind, encoding="utf-8")
    done = _run(str(copy), bare)
    assert done.returncode == 2, done.stderr
    [line] = done.stdout.splitlines()
    named = line.partition("apt install ")[2].split()
    assert named == sorted(set(named))
    packages = set(re.findall(r"\]=([\w-]+)", text)) | {"postgresql"}
    assert set(named) == packages
    assert {"snmpd", "lldpd", "iproute2", "openssh-server", "chromium", "victoria-metrics"} <= packages
    assert "prometheus-snmp-exporter" in packages


def test_nothing_missing_says_nothing(bare: dict[str, str], tmp_path: Path):
    text = (ROOT / "deploy/system_packages.sh").read_text(encoding="utf-8")
    database = tmp_path / "postgresql" / "15" / "bin"
    database.mkdir(parents=True)
    _program(database / "postgres", ":")
    for program in re.findall(r"\[([\w-]+)\]=", text):
        _program(Path(bare["PATH"]) / program, ":")
    copy = tmp_path / "system_packages.sh"
    copy.write_text(text.replace("/usr/lib/postgresql/", f"{tmp_path}/postgresql/"), encoding="utf-8")
    done = _run(str(copy), bare)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_fitting_python_is_told_in_words(bare: dict[str, str]):
    _program(Path(bare["PATH"]) / "python3.11", "exit 1")  # too old: it says so by its exit code
    text = (ROOT / "deploy/find_python.sh").read_text(encoding="utf-8")
    copy = Path(bare["HOME"]) / "find_python.sh"
    copy.write_text(text.replace(" /usr/bin/python3", ""), encoding="utf-8")
    done = _run(str(copy), bare)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Python 3.11 or newer" in done.stderr


def test_a_launcher_without_its_python_is_passed_over(bare: dict[str, str]):
    folder = Path(bare["PATH"])
    _program(folder / "python3.13", "echo 'python3.13: command not found' >&2; exit 127")
    (folder / "python3.11").symlink_to(sys.executable)
    done = _run("deploy/find_python.sh", bare)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, str(folder / "python3.11"), "")


def test_the_python_that_a_person_names_comes_first(bare: dict[str, str], tmp_path: Path):
    named = tmp_path / "my-python"
    named.symlink_to(sys.executable)
    done = _run("deploy/find_python.sh", {**bare, "PYTHON": str(named)})
    assert done.stdout.strip() == str(named)


def test_a_python_without_venv_names_its_package(bare: dict[str, str], tmp_path: Path):
    body = f'case "$*" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac'
    _program(tmp_path / "python3", body)
    done = _run("deploy/make_venv.sh", bare, str(tmp_path / "python3"), str(tmp_path / "venv"))
    assert done.returncode == 2
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"apt install python{version}-venv" in done.stdout
    assert not (tmp_path / "venv").exists()


def test_an_environment_is_made_anew_over_a_broken_one(bare: dict[str, str], tmp_path: Path):
    venv = tmp_path / "venv"
    venv.mkdir()
    (venv / "rest").write_text("of an interrupted run", encoding="utf-8")
    _program(tmp_path / "python3", f'[ "$1" = -m ] && {{ mkdir -p "$3/bin"; exit 0; }}; exec {sys.executable} "$@"')
    (Path(bare["PATH"]) / "mkdir").symlink_to(str(shutil.which("mkdir")))
    done = _run("deploy/make_venv.sh", bare, str(tmp_path / "python3"), str(venv))
    assert done.returncode == 0, done.stdout + done.stderr
    assert [one.name for one in venv.iterdir()] == ["bin"]
