"""What ? and the refusals tell somebody who has never configured a gateway."""
import pytest
from conftest import Daemon, Terminal

NOTHING = {"hairpin:switch": {"segment": [{"name": "lan"}, {"name": "wan"}],
                              "port": [{"name": "workstation", "segment": "lan", "memory": {}}]}}


@pytest.fixture
def configuring(tmp_path):
    daemon = Daemon(tmp_path, NOTHING)
    terminal = Terminal(daemon)
    terminal.type("configure\r")
    terminal.prompt("#")
    yield terminal
    terminal.child.close(force=True)
    daemon.stop()


def help_after(terminal, line):
    """What ? lists behind a line, which is then forgotten: {word: description}."""
    terminal.type(line + "?")
    terminal.sees("Possible completions:")
    listed = {}
    for row in terminal.prompt("#").splitlines():
        if row.startswith("  ") and not row.startswith("    "):
            word, _, description = row.strip().partition("  ")
            listed[word] = description.strip()
    terminal.type("\x15")
    return listed


def test_what_is_mandatory_is_said_before_the_commit(configuring):
    assert help_after(configuring, "set gateway interface lan ")["segment"].endswith("(mandatory)")
    configuring.says("set gateway interface lan segment lan", "#")
    assert not help_after(configuring, "set gateway interface lan ")["segment"].endswith("(mandatory)")


def one_line(answer):
    """What a narrow terminal breaks into lines."""
    return " ".join(answer.split())


def test_a_refused_commit_says_what_to_type(configuring):
    configuring.says("set gateway interface lan mtu 1400", "#")
    answer = configuring.says("commit check", "#")
    assert 'gateway interface lan segment: "segment" is missing (type: set gateway interface lan segment lan|wan)' in one_line(answer)
    configuring.says("set gateway interface lan segment lan", "#")
    assert "warning: gateway interface lan address: there is none" in configuring.says("commit check", "#")
    configuring.says("set gateway nat rule 65537 original-port 80", "#")
    configuring.says("set gateway nat rule 65537 action no-dnat", "#")
    answer = configuring.says("commit check", "#")
    assert "gateway nat rule 65537 original-port: only the protocols tcp, udp, udplite, dccp and sctp have ports: give the rule one of them" in one_line(answer)
    assert "type: set" not in answer, "the value is there: another setting is wrong"


def test_the_next_number_is_offered(configuring):
    assert "1" in help_after(configuring, "set gateway firewall rule ")
    configuring.type("set gateway nat rule \t")
    configuring.sees("65537")
    configuring.type("\x15")


def test_where_a_command_may_end_it_says_so(configuring):
    assert "<Enter>" in help_after(configuring, "set gateway interface lan ")
    assert "<Enter>" not in help_after(configuring, "set gateway interface ")
    assert "<Enter>" not in help_after(configuring, "set gateway interface lan seg")
    configuring.says("set gateway firewall rule 1 action drop", "#")
    configuring.says("set gateway firewall rule 2 action drop", "#")
    assert list(help_after(configuring, "insert gateway firewall rule 2 "))[:2] == ["before", "after"]
    assert list(help_after(configuring, "insert gateway firewall rule 2 before ")) == ["1"]
    assert "3" in help_after(configuring, "copy gateway firewall rule 2 to ")
    assert "1" not in help_after(configuring, "copy gateway firewall rule 2 to ")
    assert "<Enter>" in help_after(configuring, "insert gateway firewall rule 2 before 1 ")


def test_a_value_that_will_not_do_is_met_with_what_would(configuring):
    answer = configuring.says("set gateway interface lan address 192.168.255.1", "#")
    assert "wants an address with the length of its subnet, as 192.0.2.1/24" in answer
    assert "did you mean" not in answer


def test_a_gateway_without_interfaces_says_how_to_begin(configuring):
    assert "`set gateway interface NAME` makes one" in configuring.says("run show interfaces", "#")
