"""Commits in a lab with traffic: what they say of sessions is what happens, and a lock-out undoes itself."""
from support import EXTERNAL, LABS, Lab, eventually, expect

PAGE = ("curl", "-sS", "--max-time", "2", f"http://{EXTERNAL}/")
SHUT = "set gateway firewall rule 3 action drop"


def test_a_commit_says_which_sessions_end_and_they_do():
    with Lab("hairpin", "commit") as lab:
        lab.at("workstation", "ping", "-c", "1", "-W", "2", "198.51.100.10")
        pings = lab.rows("show", "sessions", "protocol", "icmp")
        expect(len(pings) == 1, f"a ping makes a session: {pings}")
        shut = "delete gateway firewall rule 2"
        said = lab.hairpin("-c", f"configure; {shut}; commit check; exit discard").stdout
        expect("1 session will end: icmp 192.168.255.2" in said, f"commit check said:\n{said}")
        expect(len(lab.rows("show", "sessions", "protocol", "icmp")) == 1, "commit check ended the session")
        lab.hairpin("-c", f"configure; {shut}; commit; exit")
        lab.at("workstation", "ping", "-c", "1", "-W", "1", "198.51.100.10", ok=(1,))


def test_a_lock_out_undoes_itself_and_no_session_is_lost():
    with Lab("hairpin", "confirmed") as lab:
        lab.at("workstation", *PAGE)
        lab.at("internet", *PAGE)
        before = {row["id"] for row in lab.rows("show", "sessions")}
        lab.hairpin("-c", f"configure; {SHUT}; commit confirmed 2; exit")
        lab.at("workstation", *PAGE, ok=(28,))  # locked out
        eventually(lambda: lab.rows("show", "system", "commit")[0]["via"] == "confirm timeout", "the commit was not undone")
        lab.at("workstation", *PAGE)
        after = {row["id"] for row in lab.rows("show", "sessions")}
        expect(before <= after, f"sessions {before - after} were lost, which nobody's rules touched")


def test_a_labs_commits_stand_in_its_folder():
    with Lab("hairpin", "state") as lab:
        lab.hairpin("-c", "configure; set gateway firewall rule 3 name kept; commit comment why; exit")
        rows = lab.rows("show", "system", "commit")
        expect([row["via"] for row in rows] == ["commit", "boot"] and rows[0]["comment"] == "why", f"the history is {rows}")
        kept = sorted(path.name for path in (LABS / lab.name / "commits").iterdir())
        expect(kept == ["commit-00000001.json", "commit-00000002.json"], f"the lab's folder has {kept}")
