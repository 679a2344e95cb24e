"""Commands from a file, a pipe, or the command line of a program."""


def test_a_script_does_what_it_says(daemon):
    answer = daemon.script("# what is there\nshow ports | match web\n\nshow version\n")
    assert answer.startswith("webserver") and "generation 1" in answer


def test_a_script_stops_at_its_first_error_and_says_where(daemon):
    answer = daemon.script("show version\nshow nonsense\nstop\n", status=2)
    assert "standard input line 2" in answer
    assert "    show nonsense\n         ^\n" in answer
    assert daemon.process.poll() is None, "what came after the error was done"


def test_an_error_of_the_daemon_ends_a_script(daemon):
    assert "line 1" in daemon.script("trace tcp 1.1.1.1:1 2.2.2.2:2 in nowhere\n", status=2)


def test_commands_as_an_argument(daemon):
    answer = daemon.run("-c", 'show ports | match "web"; show version')
    assert answer.startswith("webserver") and "generation 1" in answer


def test_without_a_terminal_nothing_is_coloured_or_paged(daemon):
    assert "\x1b" not in daemon.script("show configuration\nshow firewall\n")


def test_unfinished_quotes_are_an_error(daemon):
    assert "quotes are not closed" in daemon.script('show ports | match "web\n', status=2)
