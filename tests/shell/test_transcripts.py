"""Sessions at the terminal, written down in transcripts/*.txt, and those that stand in the documentation.

    tests/shell/run --update        writes the transcripts anew: read the difference before you commit it

A transcript begins with what it shows, in a sentence, and perhaps with `columns: 40`, `rows: 12` or `daemon: lively`
(some traffic has passed) or `quiet` (what a daemon says at its start has been said); then, behind an
empty line, comes the session. A new one needs only its typed lines. In the documentation `...` stands for what is left out, in a line
or of lines.
"""
import difflib
import os
import re
from pathlib import Path

import pytest
from conftest import ROOT, Daemon, guide, lively_guide
from transcript import PROMPT, Screen, played, says_the_same, steps_of

HERE = Path(__file__).resolve().parent
TRANSCRIPTS = sorted((HERE / "transcripts").glob("*.txt"))
OPTION = re.compile(r"^(columns|rows|daemon): (\w+)$")


def difference(wanted, found, name):
    return "\n".join(difflib.unified_diff(wanted, found, f"{name}, as it is written", f"{name}, as it is", lineterm=""))


def as_lines(steps):
    return [line for typed, answer in steps for line in (typed, *answer)]


def play(lines, tmp_path, desk, columns=100, rows=500, daemon="guide", goes_on_from=True):
    served = Daemon(tmp_path, lively_guide(tmp_path) if daemon == "lively" else guide())
    {"guide": lambda: None, "quiet": served.announce, "lively": served.play}[daemon]()
    screen = Screen(served, int(columns), int(rows), desk)
    try:
        steps = steps_of(lines)
        if steps[0][0].startswith("hairpin#"):
            screen.type("configure")
        return played(screen, steps, goes_on_from)
    finally:
        screen.close()
        if served.process.poll() is None:
            served.stop()


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: file.stem)
def test_a_transcript(file, tmp_path, desk):
    lines = file.read_text().splitlines()
    blank = lines.index("")
    options = dict(found.groups() for found in map(OPTION.match, lines[:blank]) if found)
    found = play(lines[blank + 1:], tmp_path, desk, **options)
    if os.environ.get("HAIRPIN_UPDATE"):
        file.write_text("\n".join([*lines[:blank + 1], *as_lines(found)]) + "\n")
        return
    wanted = steps_of(lines[blank + 1:])
    now = [before if before[0] == after[0] and says_the_same(before[1], after[1]) else after for before, after in zip(wanted, found)]
    assert wanted == now, "\n" + difference(as_lines(wanted), as_lines(now), file.name)


def sessions():
    """The fenced blocks of the documentation that show the router's prompt: (FILE:LINE, lines from the first prompt on)."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "topologies").glob("*/README.md"))]:
        block, begin = None, 0
        for number, line in enumerate(page.read_text().splitlines(), 1):
            if not line.startswith("```"):
                if block is not None and (block or PROMPT.match(line)):
                    block.append(line)
            elif block is None:
                block, begin = [], number
            else:
                if block:
                    yield f"{page.relative_to(ROOT)}:{begin}", block
                block = None


def agrees(written, shown):
    """Whether the written lines are those shown, where `...` stands for anything."""
    if not written:
        return not shown
    first, *rest = written
    if first.strip() == "...":
        return any(agrees(rest, shown[skipped:]) for skipped in range(len(shown) + 1))
    pattern = ".*".join(map(re.escape, first.split("...")))
    return bool(shown) and re.fullmatch(pattern, shown[0]) is not None and agrees(rest, shown[1:])


SESSIONS = dict(sessions())


def test_the_documentation_has_sessions():
    assert SESSIONS, "no session was found, so none is tested"


@pytest.mark.parametrize("place", SESSIONS)
def test_a_session_of_the_documentation(place, tmp_path, desk):
    written = steps_of(SESSIONS[place])
    for (typed, wanted), (_, shown) in zip(written, play(SESSIONS[place], tmp_path, desk, columns=400, goes_on_from=False)):
        # The last answer's [edit] stands above a prompt that is not shown any more.
        same = agrees(wanted, shown) or (typed is written[-1][0] and agrees(wanted, [line for line in shown if not line.startswith("[edit")]))
        assert same, f"{place}: after {typed}\n" + difference(wanted, shown, place)
