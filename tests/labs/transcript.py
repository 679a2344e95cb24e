"""A session with a lab, recorded as it appears on the screen, for people to read and for a test to compare.

    story = Transcript(lab)
    story.says("The workstation cannot reach the web server:")
    story.host("workstation", "curl", "--max-time", "2", "http://203.0.113.80/", ok=(28,))
    with story.router() as router:                # hairpin at a real pseudo-terminal
        router.asks("show ")                      # ? behind `show `: what may follow
        router.types("show interfaces")           # with Enter

What differs from run to run is replaced: ports that the gateway or a host chose, the times of commits, milliseconds. Everything else
is what was on the screen; only the ? itself, which a terminal does not echo, is written where it was pressed.
"""
import contextlib
import difflib
import os
import re

import pexpect

from support import HAIRPIN, ROOT, Failure, eventually, expect, run

COLUMNS, ROWS = 100, 250  # wide enough for what is shown, and high enough that nothing is shown page by page
PATIENCE = 10
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r|\x07")
VARYING = [
    # Ports of five digits alone, or columns would move; what has others is done again.
    (r"(192\.168\.255\.1[:.])\d{5}\b", r"\g<1>51234"),
    (r"(192\.168\.255\.2[:.]|--local-port )\d{5}\b", r"\g<1>40000"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "2026-11-23 12:00:00"),
    (r"after \d+ milliseconds", "after 2000 milliseconds"),
    (r"= [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms", "= 0.300/0.300/0.300/0.000 ms"),
    (r"(?m)^((?:lan|wan) +[^\n]*-  +)\d+\r?$", r"\g<1>1"),  # stations of a segment: whoever has spoken yet
    (r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b", "02:00:00:00:00:0a"),
]


class Router:
    """Somebody who types into the router's command line and reads. Use Transcript.router()."""

    def __init__(self, story):
        self.story = story
        environment = os.environ | {"TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": str(story.lab.folder), "PAGER": ""}
        environment.pop("COLUMNS", None)
        self.child = pexpect.spawn(str(HAIRPIN), ["--lab", story.lab.name], env=environment, dimensions=(ROWS, COLUMNS),
                                   encoding="utf-8", timeout=PATIENCE)
        self.child.delaybeforesend = None
        self.prompt = self.read_until_prompt()

    def read_until_prompt(self):
        """What is shown up to the next prompt, and that prompt, which may be of two lines."""
        self.child.expect(re.escape(self.story.lab.name) + "[>#] ")
        # Between the prompt and the first key that is read the terminal still echoes by itself, and what is typed would be seen twice.
        eventually(lambda: not self.child.getecho(), "the shell does not read what is typed")
        self.before, prompt = ESCAPES.sub("", self.child.before), ESCAPES.sub("", self.child.after)
        level = re.search(r"(\[edit[^\n]*\]\n)$", self.before)
        if level:
            self.before = self.before[:level.start()]
        return (level.group(1) if level else "") + prompt

    def types(self, line):
        """A line with Enter. Returns the answer."""
        self.child.send(line + "\r")
        self.child.expect_exact("\n")
        before = self.prompt
        self.prompt = self.read_until_prompt()
        self.story.shows(before + line + "\n" + self.before)
        return self.before

    def asks(self, line):
        """`?` behind the line, which is then forgotten."""
        self.child.send(line + "?")
        self.child.expect_exact("Possible completions:")
        self.read_until_prompt()
        self.story.shows(self.prompt + line + "?\nPossible completions:" + self.before)
        self.child.send("\x15")  # Ctrl-U
        return self.before

    def leaves(self):
        self.child.send("\x04")
        self.child.expect(pexpect.EOF)


class Transcript:
    def __init__(self, lab, title):
        self.lab, self.parts = lab, [f"# {title}\n"]
        self.in_block = False

    # what is written

    def says(self, text):
        """Prose between what is shown."""
        self.close()
        self.parts.append("\n" + text.strip() + "\n")

    def shows(self, text):
        """Something that was on the screen."""
        if not self.in_block:
            self.parts.append("\n```\n")
            self.in_block = True
        self.parts.append("\n".join(line.rstrip() for line in self.normal(text).split("\n")))

    def close(self):
        if self.in_block:
            self.parts.append("```\n")
            self.in_block = False

    def normal(self, text):
        text = text.replace(self.lab.name, self.lab.name.removeprefix("test-"))
        for pattern, instead in VARYING:
            text = re.sub(pattern, instead, text)
        return text

    def text(self):
        self.close()
        return "".join(self.parts)

    # what is done

    def host(self, node, *words, ok=(0,)):
        """A command on a host, as it is typed in the shell of the system."""
        done = run(HAIRPIN, "lab", "exec", self.lab.name, node, "--", *words, ok=ok)
        self.shows(f"$ hairpin lab exec {self.lab.name} {node} -- {' '.join(words)}\n" + done.stdout + done.stderr)
        return done

    @contextlib.contextmanager
    def router(self):
        self.shows(f"$ hairpin --lab {self.lab.name}\n")
        router = Router(self)
        try:
            yield router
            router.leaves()
        finally:
            router.child.close(force=True)


def compare(story, name):
    """Fails when the transcript in docs/transcripts is not what has just appeared; `tests/labs/run --update` writes it anew."""
    file = ROOT / "docs" / "transcripts" / name
    text = story.text()
    if os.environ.get("HAIRPIN_UPDATE"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        print(f"wrote {file.relative_to(ROOT)}")
        return
    expect(file.exists(), f"there is no docs/transcripts/{name}: `tests/labs/run --update` records it")
    difference = list(difflib.unified_diff(file.read_text().splitlines(), text.splitlines(), "as recorded", "as it is now", lineterm="", n=2))
    if difference:
        raise Failure(f"docs/transcripts/{name} is not what appears any more; `tests/labs/run --update` records it anew:\n"
                      + "\n".join(difference))
