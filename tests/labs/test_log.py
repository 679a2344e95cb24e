"""What rules that log write down."""
import re

from support import EXTERNAL, WEB_SERVER, WORKSTATION, Lab, eventually, expect

PAGE = ("curl", "-sS", "--fail", "--max-time", "5", f"http://{EXTERNAL}/")


def records(lab, rule):
    return [row["text"] for row in lab.rows("show", "log", "rule", str(rule))]


def test_an_accepted_and_a_refused_curl_are_each_one_record():
    with Lab("hairpin", "log") as lab:
        lab.hairpin("-c", "configure; set gateway firewall rule 3 log true; set gateway firewall default-log true; commit; exit")
        lab.at("workstation", *PAGE)
        lab.at("internet", "curl", "-sS", "--max-time", "1", f"http://{EXTERNAL}:81/", ok=(28,))

        eventually(lambda: records(lab, 3), "nothing is logged of the curl that rule 3 accepted")
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
