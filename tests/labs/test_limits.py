"""Limits of sessions and ports, and the alarm when one is reached."""
from support import EXTERNAL, WORKSTATION, Lab, eventually, expect

INTERNET = "198.51.100.10"
PAGE = ("curl", "-sS", "--fail", "--max-time", "1", f"http://{EXTERNAL}/")


def test_each_side_has_its_limit_and_its_row():
    with Lab("hairpin", "limits") as lab:
        lab.announced.append("event=shortage reason=session-limit")
        lab.configure("set gateway sessions limit inside-host tcp-sessions 3",
                      "set gateway sessions limit outside-host tcp-sessions 2")
        for node, limit in (("workstation", 3), ("internet", 2)):
            answers = [lab.at(node, *PAGE, ok=None).returncode for _ in range(limit + 2)]
            expect(answers[:limit] == [0] * limit and 0 not in answers[limit:],
                   f"of {limit} sessions that the {node} may have curl got {answers}")
        rows = {row["host"]: row for row in lab.rows("show", "sessions", "limits")}
        for host, limit in ((WORKSTATION, 3), (INTERNET, 2)):
            row = rows[host]
            expect(row["tcp"] == limit and row["limit"] == {"tcp-sessions": limit} and row["refused"] >= 2, f"{host} shows as {row}")
        eventually(lambda: [row for row in lab.rows("show", "log") if "event=shortage reason=session-limit" in row["text"]],
                   "there is no alarm in the log")


def test_ports_of_a_host_have_a_quota():
    with Lab("hairpin", "quota") as lab:
        lab.announced.append("event=shortage reason=nat-quota")
        lab.configure("set gateway nat ports-per-host tcp 2")
        answers = [lab.at("workstation", *PAGE, ok=None).returncode for _ in range(4)]
        expect(answers[:2] == [0, 0] and 0 not in answers[2:], f"of two ports curl got {answers}")
        (row,) = lab.rows("show", "nat", "subscribers")
        expect((row["host"], row["protocol"], row["ports"], row["limit"]) == (WORKSTATION, "tcp", 2, 2), f"the quota shows as {row}")
