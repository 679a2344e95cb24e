"""The manual is what the tables say, and every command of it works as its example shows it."""
import json
import re
import shutil
import subprocess

import pytest
from conftest import BIN, ROOT, Terminal

MANUAL = BIN / "hairpin-manual"
EXAMPLES = json.loads(subprocess.run([MANUAL, "--examples"], stdout=subprocess.PIPE, check=True).stdout)
LEFT = "ends with changes that are not committed"  # what a script says that edits and does not commit


def named(example):
    return f"{example['mode']} {example['command']}"


def test_the_manual_is_up_to_date():
    done = subprocess.run([MANUAL, "--check", ROOT], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_a_command_has_an_example_of_its_own(example):
    assert example["lines"], f"{named(example)} has no example"
    assert any(example["command"] in line for line in example["lines"]), f"{example['lines']} does not show {example['command']}"


WITHOUT_HOSTS = [each for each in EXAMPLES if each["lines"] and not each["needs_hosts"]]


@pytest.mark.parametrize("example", [each for each in WITHOUT_HOSTS if not each["goes_on"]], ids=named)
def test_an_example_works(example, lively, desk):
    lines = (["configure"] if example["mode"] == "configuration" else []) + example["lines"]
    done = subprocess.run(["hairpin", "--socket", lively.socket], executable=BIN / "hairpin", cwd=desk, text=True, timeout=30,
                          input="\n".join(lines) + "\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    edited = example["mode"] == "configuration" and LEFT in done.stderr
    assert done.returncode == (8 if edited else 0), f"{lines}\n{done.stdout}{done.stderr}"
    if example["lines"][-1].split()[0] in ("show", "trace", "compare", "help", "run"):
        assert done.stdout.strip(), f"{lines} printed nothing"


@pytest.mark.parametrize("example", [each for each in WITHOUT_HOSTS if each["goes_on"]], ids=named)
def test_an_example_goes_on_until_it_is_interrupted(example, lively, desk):
    terminal = Terminal(lively, cwd=desk)
    for line in example["lines"]:
        terminal.type(line + "\r")
    terminal.sees("Ctrl-C ends this.")
    terminal.type("\x03")
    terminal.prompt()
    terminal.child.close(force=True)


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each["mode"] != "filter"], ids=named)
def test_help_tells_what_the_manual_tells(example, daemon):
    said = daemon.script(("configure\n" if example["mode"] == "configuration" else "") + f"help {example['command']}\n")
    assert said.startswith(f"Usage: {example['command']}"), said
    for line in example["lines"]:
        assert f"  {line}\n" in said, said


PAGES = sorted((ROOT / "docs/man").glob("*.scd"))


def man_page(page, folder):
    """The man page that scdoc makes of it, as a file."""
    made = folder / page.stem
    made.write_bytes(subprocess.run(["scdoc"], input=page.read_bytes(), stdout=subprocess.PIPE, check=True).stdout)
    return made


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_man_page_is_in_order(page, tmp_path):
    made = man_page(page, tmp_path)
    lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", made], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    # scdoc begins a paragraph where one has begun; nothing else may be wrong.
    assert [line for line in lint.splitlines() if "skipping paragraph macro" not in line] == []
    if shutil.which("groff"):
        warnings = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-z", made], stderr=subprocess.PIPE, text=True).stderr
        assert warnings == ""
    name, section = page.stem.rsplit(".", 1)
    text = subprocess.run(["mandoc", "-Tutf8", "-Owidth=80", made], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert f"{name}({section})" in re.sub("(.)\b\\1", r"\1", text).splitlines()[0], "the first line names the page"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_man_page_refers_to_pages_that_are_there(page):
    ours = {tuple(other.stem.rsplit(".", 1)) for other in PAGES}
    for name, section in re.findall(r"\*(hairpin[a-z-]*)\*\((\d)\)", page.read_text()):
        assert (name, section) in ours, f"there is no {name}({section})"
