"""A session at the terminal as a person sees it, written down: what was typed, and what the screen then showed.

    hairpin> show prots
                  ^
    "prots" is not known after "show": expected ports, ...

A line that begins with a prompt is typed; what follows is the answer. Keys that leave no mark on the screen stand in the line as
`?` at its end, <TAB> and <Ctrl-C>; after ? and <TAB> the shell shows the line again, and the next typed line goes on from what stands
there. <Ctrl-C> or <q> on a line of its own is pressed while a command goes on.

The screen is a terminal emulator's (pyte), so lines wrap as they would. What differs from run to run is replaced on it:

    the machine's name in a prompt      hairpin, and a ^ below it moves along
    a moment                            YYYY-MM-DD hh:mm:ss
    a time of day                       hh:mm:ss.mmm
    a process id, how long it runs      pid PID, up UPTIME
    a port that the gateway chose       ppppp
    how long ago, or how much longer    ~
    who runs the tests                  root

The last four are not as wide as what they replace, so in an answer that has one of them only the words count, and not the white
space between, nor how long a line is drawn.
"""
import getpass
import re
import socket
import termios
import time

import pexpect
import pyte
from conftest import HAIRPIN, PATIENCE, environment

PROMPT = re.compile(r"^hairpin([>#]) ?")
KEYS = {"<TAB>": "\t", "<Ctrl-C>": "\x03", "<Ctrl-U>": "\x15", "<q>": "q"}
KEY = re.compile("|".join(map(re.escape, KEYS)))
GOES_ON = ("Ctrl-C ends this.", "/: search)")  # what the screen says when a command waits for a key
SCREEN_LINES = 2000

# Ports and ICMP identifiers that the gateway chose stand behind its own addresses and, of pings, behind the other side's; all others
# have these numbers in the transcripts.
TUPLE = r"(?:192\.168\.255\.1|203\.0\.113\.80|198\.51\.100\.10):"
FIXED = "7|22|53|80|81|443|5000|29281|50000"
REPLACED = [
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "YYYY-MM-DDThh:mm:ssZ"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "YYYY-MM-DD hh:mm:ss"),
    (re.compile(r"\b\d\d:\d\d:\d\d\.\d{3}\b"), "hh:mm:ss.mmm"),
    (re.compile(r"\bpid \d+"), "pid PID"),
    (re.compile(r"\bup (\d+[dhms])+"), "up UPTIME"),
    (re.compile(rf"({TUPLE})(?!(?:{FIXED})\b)\d+"), r"\1ppppp"),
    (re.compile(r"\b\d+(d(\d+h)?|h(\d+m)?|m(\d+s)?|s)(?= ago|$| {2,})"), lambda found: "~".rjust(len(found[0]))),
    (re.compile(rf"\b{re.escape(getpass.getuser())}\b"), "root"),
]
UNEVEN = re.compile(r"ppppp|PID|UPTIME|~|\broot\b")


def normalised(answer):
    """The lines of an answer with what differs from run to run replaced."""
    moved = len("hairpin") - len(socket.gethostname())
    lines = []
    for line in answer:
        if line.strip() == "^":
            line = " " * (len(line) - 1 + moved) + "^"
        for pattern, replacement in REPLACED:
            line = pattern.sub(replacement, line)
        lines.append(line)
    return lines


def steps_of(lines):
    """[(the typed line or key, the lines of its answer)]."""
    steps = []
    for line in lines:
        if PROMPT.match(line) or KEY.fullmatch(line):
            steps.append((line, []))
        elif steps:
            steps[-1][1].append(line)
    return steps


def says_the_same(one, other):
    """Whether two answers differ in nothing, or where their columns may differ only in white space."""
    if one == other:
        return True
    uneven = any(UNEVEN.search(line) for line in one)
    return uneven and words_of(one) == words_of(other)


def words_of(answer):
    """The words of an answer; a drawn line is as long as the words above it want."""
    return re.sub("─+", "─", " ".join(answer)).split()


class Screen:
    """Somebody at a terminal of this size, who types what a transcript says and writes down the answers."""

    def __init__(self, daemon, columns=100, rows=500, cwd=None):
        self.columns = columns
        self.screen = pyte.Screen(columns, SCREEN_LINES)
        self.stream = pyte.Stream(self.screen)
        self.child = pexpect.spawn(HAIRPIN, ["--socket", daemon.socket], env=environment(daemon.folder), dimensions=(rows, columns),
                                   cwd=cwd, encoding="utf-8", timeout=PATIENCE)
        self.child.delaybeforesend = None
        self.ended = False
        self.begin = 0  # the row in which the line is edited
        self.wait(self.is_asked, "the prompt")
        self.begin = self.screen.cursor.y

    def row(self, number):
        line = self.screen.buffer[number]
        return "".join(line[column].data for column in range(self.columns)).rstrip()

    def rows(self, first, last):
        return [self.row(number) for number in range(first, last)]

    def wait(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{what} does not come; the screen shows:\n" + "\n".join(self.rows(0, self.screen.cursor.y + 1))
            try:
                self.stream.feed(self.child.read_nonblocking(65536, 0.05))
            except pexpect.TIMEOUT:
                pass
            except pexpect.EOF:
                self.ended = True

    def is_asked(self):
        """The cursor stands behind a prompt, and the shell itself reads the keys."""
        cursor, prompt = self.screen.cursor, f"{socket.gethostname()}"
        line = self.row(cursor.y)
        return (line in (f"{prompt}>", f"{prompt}#") and cursor.x == len(line) + 1 and
                not termios.tcgetattr(self.child.child_fd)[3] & termios.ISIG)

    def line(self):
        """What stands behind the prompt."""
        first = self.begin
        text = "".join(self.row(number).ljust(self.columns) for number in range(first, self.screen.cursor.y + 1))
        prompt = len(socket.gethostname()) + 2
        end = (self.screen.cursor.y - first) * self.columns + self.screen.cursor.x
        return text[prompt:end]

    def settle(self):
        """Waits until the shell has done what was typed: a mark is typed behind it, seen, and taken back."""
        self.child.send("~")
        self.wait(lambda: self.screen.cursor.x > 0 and self.row(self.screen.cursor.y)[:self.screen.cursor.x].endswith("~"), "a key")
        self.child.send("\x7f")
        self.wait(lambda: not self.row(self.screen.cursor.y).endswith("~"), "a key")

    def show(self, first):
        """The rows from `first` on as an answer. The line that is edited then is none of them."""
        cursor = self.screen.cursor.y
        while not self.row(cursor).startswith(f"{socket.gethostname()}"):
            cursor -= 1
        self.begin = cursor
        return normalised(self.rows(first, cursor))

    def type(self, text):
        """Types what a line has behind its prompt, from where the last ? or <TAB> has left it. Returns the answer."""
        key = "?" if text.endswith("?") else next((name for name in KEYS if text.endswith(name)), "")
        text = text.removesuffix(key)
        there = self.line()
        assert text.startswith(there.rstrip()), f'the shell shows "{there}", and "{text}" does not go on from that'
        self.child.send(text[len(there):])
        first = self.begin + 1 + (len(socket.gethostname()) + 2 + len(text)) // self.columns
        if key in ("?", "<TAB>"):
            self.child.send(KEYS.get(key, key))
            self.settle()
            return self.show(first) if self.screen.cursor.y > self.begin else []
        self.child.send(KEYS.get(key, "\r"))
        return self.answer(first)

    def press(self, key):
        first = self.screen.cursor.y + (self.screen.cursor.x > 0 and key == "<Ctrl-C>")
        self.child.send(KEYS[key])
        self.wait(self.is_asked, "the prompt")
        return self.show(first)

    def forget(self):
        """Takes back what stands in the line."""
        if self.line().strip():
            self.child.send(KEYS["<Ctrl-U>"])
            self.wait(self.is_asked, "an empty line")

    def goes_on(self):
        return any(self.row(number).endswith(GOES_ON) for number in (self.screen.cursor.y, self.screen.cursor.y - 1))

    def answer(self, first):
        def done():
            return self.ended or (self.screen.cursor.y >= first and (self.is_asked() or self.goes_on()))

        self.wait(done, "an answer")
        if not self.ended and self.is_asked():
            return self.show(first)
        return normalised(self.rows(first, self.screen.cursor.y))

    def close(self):
        self.child.close(force=True)


def played(screen, steps, goes_on_from=True):
    """The steps again, with the answers that the screen gives now. Where a typed line need not go on from what ? has left, that is
    taken back."""
    result = []
    for typed, _ in steps:
        prompt = PROMPT.match(typed)
        if not goes_on_from:
            screen.forget()
        answer = screen.type(typed[prompt.end():]) if prompt else screen.press(typed)
        result.append((typed, answer))
    return result
