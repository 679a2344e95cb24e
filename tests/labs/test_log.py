"""What rules that log write down, and counters of rules that outlive the daemon."""
import os
import re
import signal
import subprocess
from pathlib import Path

from support import EXTERNAL, WEB_SERVER, WORKSTATION, Lab, ended, eventually, expect

PAGE = ("curl", "-sS", "--fail", "--max-time", "5", f"http://{EXTERNAL}/")


def records(lab, rule):
    return [row["text"] for row in lab.rows("show", "log", "rule", str(rule))]


def test_an_accepted_and_a_refused_curl_are_each_one_record():
    with Lab("hairpin", "log") as lab:
        lab.hairpin("-c", "configure; set gateway firewall rule 3 log true; set gateway firewall default-log true; commit; exit")
        lab.at("workstation", *PAGE)
        lab.at("internet", "curl", "-sS", "--max-time", "1", f"http://{EXTERNAL}:81/", ok=(28,))

        accepted = records(lab, 3)
        expect(len(accepted) == 1, f"a page is one session and one record: {accepted}")
        expect(re.fullmatch(rf"event=rule ACCEPT_3 in=lan out=lan protocol=tcp original={WORKSTATION}:\d+->{EXTERNAL}:80 "
                            rf"translated=192\.168\.255\.1:\d+->{WEB_SERVER}:80 firewall=3 dnat=196613 snat=196612", accepted[0]),
               f"the record of the accepted curl is: {accepted[0]}")
        dropped = {row["reason"]: row["packets"] for row in lab.rows("show", "drops")}["firewall-denied"]
        eventually(lambda: len(records(lab, 196608)) == dropped, f"not each of {dropped} refused packets is logged")
        refused = records(lab, 196608)
        expect(all(line.startswith(f"event=rule DROP_196608 in=uplink out=vse protocol=tcp original=198.51.100.10:") and
                   f"->{EXTERNAL}:81 " in line for line in refused), f"the records of the refused curl are: {refused}")
        written = [line for _, line in lab.log_lines() if " event=rule " in line]
        expect(len(written) == len(accepted) + len(refused), f"in the daemon's own log stand: {written}")


def test_the_log_has_what_has_happened_when_it_is_asked():
    """Each time at once, though the packet path leaves the writing to the daemon's turns; and what was before is cleared."""
    with Lab("hairpin", "asked") as lab:
        lab.hairpin("-c", "configure; set gateway firewall rule 3 log true; commit; exit")
        for times in range(1, 9):
            lab.at("workstation", *PAGE)
            expect(len(records(lab, 3)) == times, f"behind {times} pages the log has {records(lab, 3)}")
        for _ in range(8):
            lab.at("workstation", *PAGE)
            lab.hairpin("clear", "log")
            expect(not records(lab, 3), f"cleared, the log has {records(lab, 3)}")


def test_counters_of_rules_outlive_the_daemon():
    with Lab("hairpin", "counters") as lab:
        lab.at("workstation", *PAGE)
        before = counters_of(lab, 3)
        expect(before["hits"] == 1 and before["bytes"] > 0, f"rule 3 has counted {before}")
        restart(lab)
        after = counters_of(lab, 3)
        expect(after["hits"] == 1 and after["bytes"] >= before["bytes"], f"{before} became {after}")
        expect(after["last_hit_seconds_ago"] is not None, "the last hit was forgotten")
        unused = {row["id"] for row in lab.rows("show", "firewall", "unused", "since", "1h")}
        expect(3 not in unused and 4 in unused, f"unused since an hour are {unused}")
        lab.at("workstation", *PAGE)
        expect(counters_of(lab, 3)["hits"] == 2, "it does not count on")


def counters_of(lab, rule):
    return next(row for row in lab.rows("show", "firewall") if row["id"] == rule)


def restart(lab):
    """Ends the lab's hairpind as the system would, and starts it again as the lab did."""
    pid = lab.call("version")["pid"]
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    ready = words.index("--ready-fd")
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: ended(pid), "the daemon does not end")  # its socket is gone with it
    log = open(lab.state / "log" / "hairpind-again.log", "w")
    lab.children.append(subprocess.Popen(words[:ready] + words[ready + 2:], stdin=subprocess.DEVNULL, stdout=log, stderr=log))
    eventually(lambda: (lab.state / "control.sock").exists(), "the daemon does not come again")
