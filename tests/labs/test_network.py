"""What the gateway asks the network itself, in a lab: ping, traceroute, arping; and what is counted and cleared."""
import json

from support import EXTERNAL, GATEWAY, WEB_SERVER, Lab, expect

INTERNET = "198.51.100.10"
NOBODY = "192.168.255.77"


def events(lab, *words, ok=(0,)):
    return [json.loads(line) for line in lab.hairpin(*words, "--json", ok=ok).stdout.splitlines()]


def test_the_gateway_pings_traces_and_asks_by_arp():
    with Lab("hairpin", "ping") as lab:
        for address, source in ((INTERNET, EXTERNAL), (WEB_SERVER, GATEWAY)):
            end = events(lab, "ping", address, "count", "3", "interval", "50")[-1]
            expect((end["sent"], end["received"], end["source"]) == (3, 3, source), f"ping {address}: {end}")
        inside = events(lab, "ping", INTERNET, "count", "1", "source", GATEWAY)[-1]
        expect(inside["received"] == 1, f"from the inside address, translated: {inside}")
        silent = events(lab, "ping", NOBODY, "count", "1", ok=(1,))
        expect("3/1" in silent[0]["error"] and silent[0]["from"] == GATEWAY, f"nobody is there: {silent}")
        large = events(lab, "ping", INTERNET, "count", "1", "size", "3000", "df", ok=(1,))
        expect("MTU of 1500" in large[0]["error"], f"too large: {large}")
        hops = events(lab, "traceroute", INTERNET)
        expect(hops[-1]["reached"] and hops[0]["answers"][0]["from"] == INTERNET, f"traceroute: {hops}")
        station = events(lab, "arping", WEB_SERVER, "count", "1")[0]
        known = {row["address"]: row["mac"] for row in lab.rows("show", "arp")}
        expect(station["mac"] == known[WEB_SERVER], f"arping says {station}, show arp {known}")
        own = lab.rows("show", "sessions", "interface", "vse")
        expect({row["firewall_rule"] for row in own} == {131074}, f"the gateway's sessions: {own}")


def test_pools_and_counters_are_counted_and_cleared():
    with Lab("hairpin", "pools") as lab:
        lab.at("workstation", "curl", "-sS", f"http://{EXTERNAL}/")
        pool = [row for row in lab.rows("show", "nat", "pools") if (row["address"], row["protocol"]) == (GATEWAY, "tcp")]
        expect(len(pool) == 1 and pool[0]["ports_used"] == 1 and pool[0]["most_sessions"] == 1, f"the pool is {pool}")
        expect(pool[0]["ports_free"] == 65534 and pool[0]["rules"] == [196612], f"the pool is {pool}")
        unused = {row["id"] for row in lab.rows("show", "firewall", "unused")}
        expect(3 not in unused and 4 in unused, f"unused are {unused}")
        lab.hairpin("clear", "counters")
        hits = {row["id"]: (row["hits"], row["bytes"]) for row in lab.rows("show", "firewall")}
        expect(hits[3] == (0, 0), f"cleared, rule 3 has {hits[3]}")
        expect(all(row["in_packets"] == 0 for row in lab.rows("show", "interfaces")), "interfaces count from now on")
        expect(lab.counter("balance") == 0, "the ledger itself never goes back")
        lab.hairpin("clear", "arp")
        lab.hairpin("clear", "mac-table")
        expect(not [row for row in lab.rows("show", "mac-table") if row["type"] == "dynamic"], "stations were forgotten")
        lab.at("workstation", "curl", "-sS", f"http://{EXTERNAL}/")
