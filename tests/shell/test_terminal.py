"""What a person at a terminal sees: completion, help, errors, history, pages, Ctrl-C."""
import socket

import pytest
from conftest import Terminal


def test_tab_completes_a_word(terminal):
    terminal.type("sh\tcoun\t\r")
    assert "balance" in terminal.prompt()


def test_tab_completes_as_far_as_all_agree_and_then_lists(terminal):
    terminal.type("show s\t")
    terminal.sees("Possible completions:")
    terminal.sees("sessions")
    terminal.sees("stages")
    terminal.prompt()
    terminal.type("es\t\r")
    assert "no sessions" in terminal.prompt()


def test_tab_knows_values_in_use(terminal):
    terminal.type("trace tcp 192.168.255.2:40000 203.0.113.80:80 in \t")
    terminal.sees("Possible completions:")
    known = terminal.prompt()
    assert "  lan" in known and "  uplink" in known and "<interface>" in known, known
    terminal.type("la\t\r")
    assert "=> forwarded" in terminal.prompt()


def test_question_mark_needs_no_enter(terminal):
    terminal.type("show ?")
    terminal.sees("Possible completions:")
    terminal.sees("interfaces")
    terminal.sees("the gateway's interfaces and what passed them")
    terminal.prompt()
    terminal.type("ports\r")
    assert "workstation" in terminal.prompt()


def test_question_mark_explains_a_value(terminal):
    terminal.type("trace tcp ?")
    terminal.sees("<address[:port]>")
    terminal.sees("where it comes from")


def test_question_mark_behind_a_wrong_word_says_what_is_wrong(terminal):
    for typed, at, said in [("show se ", "show ", 'may mean segments or sessions'),
                            ("show prots ", "show ", "did you mean ports?"),
                            ("show prots", "show ", "did you mean ports?"),
                            ("trace tcp 1.1.1.1:1 2.2.2.2:2 lan ", "trace tcp 1.1.1.1:1 2.2.2.2:2 ", '"lan" is not known'),
                            ("show ports | mach ", "show ports | ", "did you mean match?"),
                            ("show ports | mach", "show ports | ", "did you mean match?")]:
        for key in "?", "\t":
            terminal.type(typed + key)
            terminal.sees("^")
            lines = terminal.prompt()
            assert said in " ".join(lines.split()), (typed, key, lines)
            terminal.type("\x15")
    terminal.type("show foo ?")
    terminal.child.expect(r"\n( *)\^")
    assert len(terminal.child.match.group(1)) == len(f"{socket.gethostname()}> show ")


def test_question_mark_behind_a_wrong_word_of_a_configuration_says_so_too(terminal):
    terminal.says("configure", "#")
    for typed, said in [("set gateway fierwall ", "did you mean firewall?"), ("delete gateway firewall rule 99 ", "99"),
                        ("edit gateway fierwall", "did you mean firewall?"), ("commit chek", "did you mean check?"),
                        ("run show prots ", "did you mean ports?"), ("trace candidate gre ", "expected tcp, udp or icmp"),
                        ("insert gateway fierwall rule 3 before ", "did you mean firewall?"), ("shwo ", "did you mean show?")]:
        terminal.type(typed + "?")
        terminal.sees("^")
        lines = terminal.prompt("#")
        assert said in " ".join(lines.split()), (typed, lines)
        terminal.type("\x15")


def test_what_was_said_is_not_expected_again(terminal):
    answer = " ".join(terminal.says("monitor traffic lan filter tcp port 80").split())
    assert "expected count" in answer and "stand in quotes" in answer, answer


def test_unique_abbreviations_will_do(terminal):
    assert "203.0.113.80/24" in terminal.says("sh int")


def test_an_error_points_at_the_word(terminal):
    answer = terminal.says("show prots")
    prompt_and_show = len(terminal.child.after) and answer.splitlines()
    assert any(line.strip() == "^" for line in prompt_and_show), answer
    assert "did you mean ports?" in " ".join(answer.split())  # it may be broken between words
    caret = next(line for line in prompt_and_show if line.strip() == "^")
    # The caret stands below the p of prots: behind the prompt and `show `.
    name = terminal.says("show version") and caret.index("^")
    assert name >= len("> show ")


def test_an_error_of_the_daemon_points_at_the_word_too(terminal):
    answer = terminal.says("trace tcp 192.168.255.2:40000 203.0.113.80:80 in nowhere")
    assert '"nowhere"' in answer and "^" in answer


def test_filters(daemon):
    terminal = Terminal(daemon, rows=200)
    assert terminal.says("show ports | match web").strip().startswith("webserver")
    assert "workstation" not in terminal.says("show ports | except workstation")
    assert "Count: 4 lines" in terminal.says("show ports | count")
    assert '"schema": "hairpin.ports/1"' in terminal.says("show ports | json")
    assert "is no regular expression" in terminal.says("show ports | match (")


def test_ctrl_c_leaves_the_line(terminal):
    terminal.type("show nonsense\x03")
    terminal.prompt()
    assert "workstation" in terminal.says("show ports")


def test_ctrl_c_ends_what_goes_on_and_not_the_shell(terminal):
    terminal.type("monitor\r")
    terminal.sees("Ctrl-C ends this.")
    terminal.type("\x03")
    terminal.prompt()
    assert "workstation" in terminal.says("show ports")


@pytest.mark.parametrize("topic, line", [
    ("drops", "firewall-denied"),
    ("sessions", "192.168.255.2:40000 → 203.0.113.80:80"),
    ("ports", "port workstation"),
    ("configuration", "configuration_commit"),
    ("interfaces", "KIND"),
    ("", "firewall-denied"),
])
def test_what_is_watched_is_shown_as_it_happens(awaiting, topic, line):
    terminal = Terminal(awaiting)
    terminal.type(f"monitor {topic}\r")
    terminal.sees("Ctrl-C ends this.")
    awaiting.send()
    terminal.sees(line)
    terminal.type("\x03")
    terminal.prompt()
    assert "workstation" in terminal.says("show ports")


def test_watching_a_port_goes_on_until_ctrl_c(terminal):
    terminal.type("monitor traffic webserver filter \"tcp port 80\"\r")
    terminal.sees("Ctrl-C ends this.")
    terminal.type("\x03")
    terminal.prompt()
    assert "workstation" in terminal.says("show ports")


def test_watching_a_port_ends_with_the_port(daemon, terminal):
    terminal.type("monitor traffic webserver\r")
    terminal.sees("Ctrl-C ends this.")
    daemon.run("port", "remove", "webserver")
    terminal.sees("(webserver is gone)")
    terminal.prompt()


def test_a_wrong_filter_is_pointed_at(terminal):
    answer = terminal.says('monitor traffic lan filter "tcp port"')
    assert "syntax error" in answer
    assert answer.splitlines()[-2].index("^") == len(f"{socket.gethostname()}> monitor traffic lan filter "), answer
    assert "is no word of a filter" in terminal.says('trace live "host example.com" in lan')
    assert '"nowhere"' in terminal.says("monitor traffic nowhere")


def test_ctrl_d_leaves(terminal):
    terminal.type("x\x7f\x04")
    assert terminal.leaves() == 0


def test_exit_leaves(terminal):
    terminal.type("exit\r")
    assert terminal.leaves() == 0


def test_history_survives_and_is_searched(daemon):
    first = Terminal(daemon)
    first.says("show arp")
    first.says("show counters")
    first.type("exit\r")
    first.leaves()
    second = Terminal(daemon)
    second.type("\x1b[A")  # up: the last was exit
    second.sees("exit")
    second.type("\x15\x12arp")  # Ctrl-U, Ctrl-R
    second.sees("show arp")
    second.type("\r")
    assert "knows no neighbour" in second.prompt()
    second.child.close(force=True)


def test_long_answers_come_page_by_page(daemon):
    terminal = Terminal(daemon, rows=10)
    terminal.type("show configuration\r")
    terminal.sees("space: more")
    terminal.type("q")
    terminal.prompt()
    terminal.says("set cli pager off")
    assert '"hairpin:switch"' in terminal.says("show configuration")
    terminal.child.close(force=True)


def test_no_more_does_not_stop(daemon):
    terminal = Terminal(daemon, rows=10)
    assert '"hairpin:switch"' in terminal.says("show configuration | no-more")
    terminal.child.close(force=True)


def test_a_narrow_terminal(daemon):
    terminal = Terminal(daemon, columns=40)
    terminal.type("?")
    terminal.sees("monitor")
    terminal.prompt()
    assert "workstation" in terminal.says("show ports")
    terminal.child.close(force=True)


def test_a_daemon_that_was_restarted_is_found_again(daemon, terminal):
    assert "workstation" in terminal.says("show ports")
    daemon.stop()
    assert "no daemon" in terminal.says("show ports")
    daemon.start()
    assert "workstation" in terminal.says("show ports")
