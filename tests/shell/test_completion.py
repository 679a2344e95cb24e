"""Completion of the one-shot form, in the shells themselves: TAB after `eval "$(hairpin completion bash)"`, and zsh's and fish's own."""
import os
import subprocess

import pexpect
import pytest
from conftest import BIN, PATIENCE, environment

PROMPT = "ready> "


@pytest.fixture
def bash(daemon):
    """Somebody at bash. Returns what a line becomes by TAB, or the candidates when it becomes nothing else."""
    surroundings = environment(daemon.folder) | {"PATH": f"{BIN}:{os.environ['PATH']}", "HAIRPIN_SOCKET": daemon.socket, "PS1": PROMPT}
    child = pexpect.spawn("bash", ["--norc", "--noprofile"], env=surroundings, dimensions=(50, 200), encoding="utf-8", timeout=PATIENCE)
    child.delaybeforesend = None
    child.expect_exact(PROMPT)
    for line in ("bind 'set enable-bracketed-paste off'", "bind 'set page-completions off'", 'eval "$(hairpin completion bash)"'):
        child.send(line + "\r")
        child.expect_exact("\n")
        child.expect_exact(PROMPT)

    def complete(line, presses=1):
        # What bash has made of the line, it says itself when the line is sent as the argument of echo.
        child.send("\x15" + line + "\t" * presses + "\x01echo '\x05'\r")
        child.expect_exact("\n" if presses == 1 else "echo '")
        listed = child.before
        if presses > 1:
            child.expect_exact("\n")
        child.expect_exact(PROMPT)
        return child.before.strip("\r\n") if presses == 1 else listed.split()

    yield complete
    child.close(force=True)


@pytest.mark.parametrize(("typed", "completed"), [
    ("hairpin sho", "hairpin show "),
    ("hairpin show inter", "hairpin show interfaces "),
    ("hairpin show nat tr", "hairpin show nat translations "),
    ("hairpin show sess", "hairpin show sessions "),
    ("hairpin show sessions proto", "hairpin show sessions protocol "),
    ("hairpin show sessions state est", "hairpin show sessions state established "),
    ("hairpin trace tcp 192.168.255.2:40000 203.0.113.80:80 in up", "hairpin trace tcp 192.168.255.2:40000 203.0.113.80:80 in uplink "),
    ("hairpin port remove web", "hairpin port remove webserver "),
    ("hairpin lab impa", "hairpin lab impair "),
    ("hairpin lab up two-s", "hairpin lab up two-sites "),
    ("hairpin lab capture --dura", "hairpin lab capture --duration "),
    ("hairpin show nonsense x", "hairpin show nonsense x"),
])
def test_tab_completes(bash, typed, completed):
    assert bash(typed) == completed


def test_tab_lists_where_there_are_several(bash):
    listed = bash("hairpin show nat ", presses=2)
    assert {"rules", "translations"} <= set(listed), listed


def test_values_in_use_are_listed(bash):
    listed = bash("hairpin trace tcp 192.168.255.2:40000 203.0.113.80:80 in ", presses=2)
    assert {"lan", "uplink"} <= set(listed), listed


@pytest.fixture
def surroundings(daemon, tmp_path):
    """A home without anybody's settings."""
    return environment(daemon.folder) | {"PATH": f"{BIN}:{os.environ['PATH']}", "HAIRPIN_SOCKET": daemon.socket, "HOME": str(tmp_path),
                                         "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "TERM": "dumb"}


@pytest.mark.parametrize(("typed", "completed"), [
    ("hairpin sho", "hairpin show "),
    ("hairpin show sessions state est", "hairpin show sessions state established "),
    ("hairpin trace tcp 192.168.255.2:40000 203.0.113.80:80 in up", "hairpin trace tcp 192.168.255.2:40000 203.0.113.80:80 in uplink "),
    ("hairpin lab verif", "hairpin lab verify "),
])
def test_tab_completes_in_zsh(surroundings, typed, completed):
    child = pexpect.spawn("zsh", ["-f"], env=surroundings | {"PS1": PROMPT}, dimensions=(50, 200), encoding="utf-8", timeout=PATIENCE)
    child.delaybeforesend = None
    child.expect_exact(PROMPT)
    for line in ("unsetopt zle_bracketed_paste prompt_cr prompt_sp", "autoload -U compinit && compinit -u", 'eval "$(hairpin completion zsh)"',
                 "told() { print -r -- \"<$BUFFER>\"; BUFFER=; zle accept-line; }; zle -N told; bindkey '^G' told"):
        child.send(line + "\r")
        child.expect_exact("\n")
        child.expect_exact(PROMPT)
    child.send(typed + "\t\x07")
    child.expect("<(hairpin[^<>]*)>")
    assert child.match.group(1) == completed
    child.close(force=True)


@pytest.mark.parametrize(("typed", "wanted"), [
    ("hairpin sho", ["show"]),
    ("hairpin show sessions state est", ["established"]),
    ("hairpin trace tcp 192.168.255.2:40000 203.0.113.80:80 in ", ["lan", "uplink"]),
    ("hairpin lab verif", ["verify"]),
])
def test_fish_knows_what_may_follow(surroundings, typed, wanted):
    script = f"hairpin completion fish | source; complete --do-complete '{typed}'"
    done = subprocess.run(["fish", "--no-config", "-c", script], env=surroundings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=PATIENCE)
    assert set(wanted) <= set(done.stdout.split()), done
