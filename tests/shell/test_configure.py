"""The configuration mode: editing a candidate, committing it, and coming back."""
import json
import time

import pytest
from conftest import PATIENCE, Daemon, Terminal, guide


def names(daemon):
    rows = json.loads(daemon.run("--json", "show", "firewall"))["rows"]
    return [row["name"] for row in rows if row["type"] == "user"]


def history(daemon):
    return json.loads(daemon.run("--json", "show", "system", "commit"))["rows"]


def eventually(condition, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


@pytest.fixture
def configuring(terminal):
    terminal.type("configure\r")
    assert "[edit]" in terminal.prompt("#")
    return terminal


def test_nothing_happens_before_the_commit(daemon):
    before = names(daemon)
    daemon.script("configure\nset gateway firewall rule 3 name changed\nexit discard\n")
    assert names(daemon) == before
    daemon.script("configure\nset gateway firewall rule 3 name changed\ncommit\n")
    assert "changed" in names(daemon)


def test_changes_are_not_forgotten_by_accident(daemon):
    answer = daemon.script("configure\nset gateway firewall rule 3 name changed\nexit\n", status=8)
    assert "not committed" in answer
    answer = daemon.script("configure\nset gateway firewall rule 3 name changed\n", status=8)
    assert "ends with changes that are not committed" in answer


def test_compare_shows_what_differs(daemon):
    answer = daemon.script("configure\nset gateway firewall rule 3 action drop\ndelete gateway nat rule 196612\ncompare\nexit discard\n")
    assert "[edit gateway firewall rule 3]\n-   action accept;\n+   action drop;\n" in answer
    assert "[edit gateway nat]\n-   rule 196612 {\n" in answer


def test_edit_up_top_and_relative_words(daemon):
    answer = daemon.script("configure\nedit gateway firewall rule 3\nset name changed\nshow\nup\nshow | match changed | count\n"
                           "top\nshow gateway firewall rule 3 name\ncommit\n")
    assert '    name changed;' in answer or 'name changed;' in answer
    assert "Count: 1 lines" in answer
    assert "changed" in names(daemon)


def test_three_forms(daemon):
    answer = daemon.script("configure\nshow gateway firewall rule 4 | set\nshow gateway firewall rule 4 | json\nexit\n")
    assert "set gateway firewall rule 4 action accept\n" in answer
    document = json.loads(answer[answer.index("{"):answer.rindex("}") + 1])
    assert document["hairpin:gateway"]["firewall"]["rule"][0]["id"] == 4


def test_rules_are_copied_renamed_and_moved_and_ids_stay(daemon):
    daemon.script('configure\ncopy gateway firewall rule 3 to 30\nset gateway firewall rule 30 name copied\n'
                  'insert gateway firewall rule 30 before 1\nrename gateway firewall rule 4 to 40\ncommit\n')
    rows = json.loads(daemon.run("--json", "show", "firewall"))["rows"]
    assert [row["id"] for row in rows if row["type"] == "user"] == [30, 1, 2, 3, 40]


def test_a_switch_that_stays_is_in_the_candidate_after_the_commit(daemon):
    answer = daemon.script("configure\ndelete switch\ncommit\nshow switch | set\ncompare\nexit\n")
    assert "commit complete" in answer and "set switch port workstation segment lan\n" in answer
    assert "[edit" not in answer  # nothing differs from what is in force


def test_a_note_stays_with_its_setting(daemon):
    daemon.script('configure\nannotate gateway firewall rule 3 "asked for by the shop"\ncommit\n')
    assert "/* asked for by the shop */" in daemon.script("configure\nshow gateway firewall\nexit\n")


def test_saved_text_loads_back_to_the_same(daemon, tmp_path):
    for file in ("saved.txt", "saved.set", "saved.json"):
        path = tmp_path / file
        daemon.script(f"configure\nsave {path}\nexit\n")
        assert daemon.script(f"configure\nload replace {path}\ncompare\nexit\n") == "", file


def test_a_file_with_a_mistake_is_refused_with_its_line(daemon, tmp_path):
    path = tmp_path / "wrong.txt"
    path.write_text("gateway {\n    interface lan {\n        mtu 10;\n    }\n}\n")
    answer = daemon.script(f"configure\nload merge {path}\n", status=2)
    assert "line 3" in answer and "576" in answer


def test_what_the_schema_refuses_is_pointed_at(configuring):
    answer = configuring.says("set gateway interface lan mtu 10", "#")
    assert "^" in answer and "576" in answer
    answer = configuring.says("set gateway interfac lan", "#")
    assert "^" not in answer, "unique abbreviations will do: " + answer
    answer = configuring.says("set gateway frewall", "#")
    assert "^" in answer and "firewall" in answer
    assert "there is no segment" in configuring.says("set gateway interface lan segment nowhere", "#") + configuring.says("commit", "#")


def test_completion_knows_the_schema_and_what_is_there(configuring):
    configuring.type("set gateway fire\tru\t?")
    listed = configuring.prompt("#")
    assert "  3" in listed and "<" in listed, listed
    configuring.type("3 ac\t?")
    listed = configuring.prompt("#")
    assert "accept" in listed and "The packet is dropped in silence" in listed, listed
    configuring.type("\x03")


def test_two_people_cannot_overwrite_each_other(daemon):
    one, other = Terminal(daemon), Terminal(daemon)
    for terminal in (one, other):
        terminal.type("configure\r")
        terminal.prompt("#")
    one.says("set gateway firewall rule 3 name one", "#")
    assert "commit complete" in one.says("commit", "#")
    other.says("set gateway firewall rule 4 name other", "#")
    answer = other.says("commit", "#")
    assert "has committed" in answer and "update" in answer
    assert "on top of generation 2" in other.says("update", "#")
    assert "commit complete" in other.says("commit", "#")
    assert {"one", "other"} <= set(names(daemon))
    # The same setting changed by both is for people to decide.
    one.says("update", "#")
    one.says("set gateway firewall rule 3 name mine", "#")
    other.says("set gateway firewall rule 3 name yours", "#")
    assert "commit complete" in one.says("commit", "#")
    assert "has committed" in other.says("commit", "#")
    assert "rule 3" in other.says("update", "#")
    assert "mine" in names(daemon)
    for terminal in (one, other):
        terminal.child.close(force=True)


def test_rollback_brings_an_earlier_commit_back(daemon):
    before = names(daemon)
    daemon.script("configure\nset gateway firewall rule 3 name changed\ncommit comment why\n")
    rows = history(daemon)
    assert rows[0]["comment"] == "why" and rows[0]["via"] == "commit" and rows[0]["user"]
    assert "+   name changed;" in daemon.script("configure\ncompare rollback 1\nexit\n")
    daemon.script("configure\nrollback 1\ncommit\n")
    assert names(daemon) == before
    assert "49" in daemon.script("configure\nrollback 99\n", status=2)


def test_commit_check_says_what_would_happen_and_does_nothing(daemon):
    before = names(daemon)
    answer = daemon.script("configure\nset gateway firewall rule 3 name changed\ncommit check\nexit discard\n")
    assert "can be committed" in answer and "7 firewall" in answer
    assert names(daemon) == before


def test_commit_check_names_what_was_hardly_meant(daemon):
    answer = daemon.script("configure\ncommit check\nexit\n")
    assert answer.splitlines()[1:] == ["  7 firewall and 6 NAT rules, 2 interfaces"], "the guide's rules are as they should be"
    answer = daemon.script("configure\nset gateway nat hairpin off\ndelete gateway nat rule 196612\nset gateway firewall rule 9 action drop\n"
                           "set gateway firewall rule 10 action accept\ncommit check\nexit discard\n")
    assert "196613" in answer and "rule 10" in answer and "never match" in answer, answer


def test_a_trace_asks_the_candidate_and_says_what_is_different(daemon):
    answer = daemon.script("configure\nset gateway firewall rule 3 action drop\n"
                           "trace tcp 192.168.255.2:40000 203.0.113.80:80 in lan\nexit discard\n"
                           "trace tcp 192.168.255.2:40000 203.0.113.80:80 in lan | match =>\n")
    assert "verdict: forwarded now, dropped then" in answer and "snat rule: 196612 now, none then" in answer
    assert answer.rstrip().endswith("=> forwarded"), "the rules in force are what they were"
    answer = daemon.script("configure\ntrace tcp 192.168.255.2:40000 203.0.113.80:80 in lan\nexit\n")
    assert "no difference" in answer
    assert "no difference" in daemon.script("configure\ntrace candidate tcp 192.168.255.2:40000 203.0.113.80:80 in lan\nexit\n")
    for words in "trace", "trace candidate":
        line = f"{words} tcp 192.168.255.2:40000 203.0.113.80:80 in nowhere"
        wrong = daemon.script(f"configure\n{line}\n", status=2)
        assert '"nowhere"' in wrong and f"    {line}\n    {' ' * line.index('nowhere')}^\n" in wrong, wrong


def test_a_commit_that_nobody_confirms_undoes_itself(daemon):
    before = names(daemon)
    answer = daemon.script("configure\nset gateway firewall rule 3 name changed\ncommit confirmed 1\nexit\n")
    assert "undone in 1 s" in answer
    assert "changed" in names(daemon)
    eventually(lambda: names(daemon) == before)
    assert history(daemon)[0]["via"] == "confirm timeout"


def test_a_commit_that_is_confirmed_stays(daemon):
    daemon.script("configure\nset gateway firewall rule 3 name changed\ncommit confirmed 600\nexit\n")
    assert history(daemon)[0]["pending_seconds"] > 590
    assert "stays in force" in daemon.script("configure\nconfirm\nexit\n")
    assert history(daemon)[0]["pending_seconds"] is None
    assert "no commit waits" in daemon.script("configure\nconfirm\n", status=4)


def test_a_commit_without_changes_makes_no_generation(daemon):
    before = history(daemon)
    answer = daemon.script("configure\ncommit\ncommit comment nothing\nset gateway firewall rule 3 action accept\ncommit\nexit\n")
    assert answer.count("there are no changes to commit") == 3 and "commit complete" not in answer, answer
    assert history(daemon) == before


def test_a_commit_without_changes_confirms_one_that_waits(daemon):
    daemon.script("configure\nset gateway firewall rule 3 name changed\ncommit confirmed 600\ncommit\nexit\n")
    assert history(daemon)[0]["pending_seconds"] is None


def test_commits_survive_kill_9(tmp_path):
    daemon = Daemon(tmp_path, guide(), "--state", str(tmp_path / "commits"))
    daemon.script("configure\nset gateway firewall rule 3 name kept\ncommit\nset gateway firewall rule 3 name doubtful\n"
                  "commit confirmed 600\nexit\n")
    daemon.stop("kill")
    daemon.start()
    assert "kept" in names(daemon), "what was not confirmed is not booted"
    daemon.stop()


def test_an_empty_gateway_is_configured_by_hand(tmp_path):
    daemon = Daemon(tmp_path, {})
    lines = ["configure"]
    for host, segment in {"workstation": "lan", "webserver": "lan", "internet": "wan"}.items():
        lines += [f"set switch segment {segment}", f"set switch port {host} segment {segment}", f"set switch port {host} memory"]
    shown = Daemon(tmp_path_of(tmp_path, "guide"), guide())
    lines += shown.script("configure\nshow gateway | set\nexit\n").splitlines() + ["commit", "exit"]
    shown.stop()
    assert "commit complete" in daemon.script("\n".join(lines) + "\n")
    trace = json.loads(daemon.run("--json", "trace", "tcp", "192.168.255.2:40000", "203.0.113.80:80", "in", "lan"))
    assert [stage["rules"] for stage in trace["stages"]] == [[], [196613, 3, 196612], [], []]
    daemon.stop()


def tmp_path_of(parent, name):
    folder = parent / name
    folder.mkdir()
    return folder


GROUPS = """configure
set gateway group address servers address [192.168.255.10 web]
set gateway group address web address 192.168.255.16/28
set gateway group service shop service tcp port 80
set gateway firewall rule 3 source address servers
set gateway firewall rule 3 service shop
set gateway firewall rule 3 service https
commit
"""


def test_groups_are_named_in_rules_and_show_what_they_come_to(daemon):
    daemon.script(GROUPS)
    rule = next(row for row in json.loads(daemon.run("--json", "show", "firewall"))["rows"] if row["id"] == 3)
    assert rule["source"] == "192.168.255.2, servers" and "shop" in rule["service"] and "https" in rule["service"]
    rows = {row["name"]: row for row in json.loads(daemon.run("--json", "show", "groups"))["rows"]}
    assert rows["servers"]["resolved"] == ["192.168.255.10", "192.168.255.16/28"]
    assert rows["servers"]["rules"] == [3] and rows["web"]["groups"] == ["servers"]
    assert rows["shop"]["members"] == ["tcp 80"]
    assert "COMES TO" in daemon.run("show", "groups")


def test_a_group_that_is_named_is_not_deleted(daemon):
    daemon.script(GROUPS)
    answer = daemon.script("configure\ndelete gateway group address web\ncommit\n", status=8)
    assert '"web" is no address and no group of addresses; there is "servers"' in answer


def test_the_short_way_to_a_firewall_rule_stays_short(daemon):
    daemon.script("configure\nset g f r 3 n changed\nset g se c 4096\ncommit\n")
    assert "changed" in names(daemon)


def test_completion_offers_groups_where_their_members_stand(configuring):
    configuring.type("set gateway group address servers address 192.168.255.10\r")
    configuring.prompt("#")
    configuring.type("set gateway firewall rule 3 source address ser\t\r")
    assert "source address servers" in configuring.prompt("#")
