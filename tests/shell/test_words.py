"""Small answers, which are to say what is so."""
import json
import re

from conftest import ROOT


def test_a_port_that_is_there_is_not_added_again(daemon):
    answer = daemon.run("port", "load", str(ROOT / "docs/examples/printer.json"))
    assert "printer" in answer
    answer = daemon.run("port", "load", str(ROOT / "docs/examples/printer.json"), status=8)
    assert 'there is a port "printer" already' in answer


def test_a_port_that_is_removed_is_not_up(daemon):
    row = daemon.run("port", "remove", "internet").splitlines()[1]
    assert " removed " in row and " up " not in row
    assert "internet" not in daemon.run("show", "ports")


def test_the_first_none_of_the_sessions_are_refused(daemon):
    assert "from 1 on" in daemon.run("show", "sessions", "top", "0", status=2)


def test_a_log_without_such_lines_is_not_said_to_be_empty(daemon):
    assert daemon.run("show", "log", "rule", "99") == "the log has no such lines\n"


def test_sessions_stand_in_the_order_of_their_ids(lively):
    rows = [line for line in lively.run("show", "sessions").splitlines() if re.match(r" *\d", line) and "/" not in line[:4]]
    ids = [int(re.match(r" *(\d+)", line)[1]) for line in rows if re.match(r" *\d+ +(tcp|udp|icmp)", line)]
    assert len(ids) >= 2 and ids == sorted(ids)


def test_the_states_of_sessions_are_all_explained(daemon):
    for state in "udp", "esp", "other":
        assert re.search(rf"^ +{state} +\S", daemon.run("help", "show", "sessions"), re.MULTILINE), state


def test_a_verb_of_labs_that_is_none_is_named(daemon):
    answer = daemon.run("lab", "foo", status=2)
    assert 'there is no verb "foo": up, down, list, exec, shell, capture, verify, impair, link, inspect, ' in answer
    assert 'did you mean verify?' in daemon.run("lab", "verfiy", status=2)
    assert "lab wants a verb: up" in daemon.run("lab", status=2)
    assert daemon.run("lab", "up", "--help").find("hairpin lab up") >= 0


def test_a_lab_tells_the_version_for_people_and_programs(daemon):
    version = daemon.run("lab", "version").split()
    assert version[0] == "hairpin" and version == daemon.run("--version").split()
    for asked in (("lab", "version", "-j"), ("lab", "version", "--format", "json"), ("-j", "lab", "version")):
        assert json.loads(daemon.run(*asked)) == {"schema": "hairpin.lab-version/1", "version": version[1]}


def test_where_the_firewall_is_off_its_rules_are_of_no_use(daemon):
    answer = daemon.script("configure\nset gateway firewall enabled false\ncommit\nexit\nshow nat rules\n")
    assert "warning: gateway firewall enabled: it is false" in answer
    assert answer.rstrip().endswith("firewall enabled is false: no rule is asked, everything passes and nothing is translated")


def test_options_of_the_labs_verbs_say_what_is_wrong_with_them(daemon):
    assert '"team" is no label, such as role=client' in daemon.run("lab", "exec", "x", "--label", "team", "--cmd", "true", status=2)
    assert "exec needs a command" in daemon.run("lab", "exec", "x", status=2)
    assert "--all excludes --node-filter" in daemon.run("lab", "down", "-a", "--node-filter", "x", status=2)
    assert "excludes" in daemon.run("lab", "test", "--tap", "-e", status=2)
    assert "is not a time with its unit" in daemon.run("lab", "events", "--interface-stats=soon", status=2)
    for verb, options in (("test", ("--source", "--node", "--error-only", "--pingall")), ("exec", ("--label", "--cmd", "--format")),
                          ("down", ("--node-filter", "--keep-mgmt-net")), ("up", ("--rootless",)), ("inspect", ("--all",)),
                          ("capture", ("--quiet",))):
        answer = daemon.run("lab", verb, "--help")
        assert all(option in answer for option in options), answer
