"""What only a daemon started with --test-hooks does: its clock is turned, and chance comes from a seed."""
import json

import pytest
from conftest import Daemon, lively_guide


def sessions(daemon):
    return json.loads(daemon.run("show", "sessions", "--json"))["rows"]


def test_time_is_not_turned_without_the_hooks(daemon):
    assert "start hairpind with --test-hooks" in daemon.run("debug", "clock", "advance", "10", status=1)


@pytest.mark.parametrize("seconds, said", [("0", "1 to 86400"), ("86401", "1 to 86400"), ("-1", "is no number"), ("many", "is no number")])
def test_only_some_numbers_of_seconds_will_do(lively, seconds, said):
    assert said in lively.run("debug", "clock", "advance", seconds, status=2)


def test_sessions_end_when_their_time_has_come(lively):
    left = {row["protocol"]: row["expires_in_seconds"] for row in sessions(lively)}
    assert set(left) == {"tcp", "icmp"} and left["icmp"] <= 60 < left["tcp"] <= 240, left
    lively.run("debug", "clock", "advance", "61")
    assert [row["protocol"] for row in sessions(lively)] == ["tcp"]
    lively.run("debug", "clock", "advance", str(left["tcp"] - 61 - 2))
    assert [row["protocol"] for row in sessions(lively)] == ["tcp"], "it ends too early"
    lively.run("debug", "clock", "advance", "3")
    assert not sessions(lively)


def test_a_commit_that_nobody_confirms_is_undone_in_turned_time(lively):
    lively.script("configure\nset gateway firewall rule 3 name changed\ncommit confirmed 3000\n")
    lively.run("debug", "clock", "advance", "2990")
    assert "changed" in lively.run("show", "firewall")
    lively.run("debug", "clock", "advance", "20")
    assert "changed" not in lively.run("show", "firewall")
    assert "confirm timeout" in lively.run("show", "system", "commit")


def test_a_seed_makes_chance_the_same_each_time(tmp_path):
    def ports(name, seed):
        folder = tmp_path / name
        folder.mkdir()
        daemon = Daemon(folder, lively_guide(folder), "--test-hooks", "--seed", seed).play()
        drawn = {row["protocol"]: row["translated_source"] for row in sessions(daemon)}
        daemon.stop()
        return drawn

    first = ports("first", "7")
    assert len(first) == 2 and ports("again", "7") == first
    assert ports("other", "8") != first


def test_a_seed_wants_the_hooks(tmp_path):
    with pytest.raises(AssertionError, match="did not start"):
        Daemon(tmp_path, lively_guide(tmp_path), "--seed", "7")
    assert "--test-hooks" in (tmp_path / "daemon.log").read_text()
