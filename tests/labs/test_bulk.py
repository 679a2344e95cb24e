"""Bulk data through the hairpin NAT, offloads on: it arrives, it is the same, and no packet is lost count of."""
import contextlib
import json
import threading
import time
from pathlib import Path

from support import BULK_PORT, EXTERNAL, GATEWAY, Failure, Lab, drops_in_words, expect, namespace, run


@contextlib.contextmanager
def bulk_lab():
    with Lab("hairpin") as lab:
        lab.forward_bulk_port()
        for node in ("workstation", "webserver"):
            features = lab.at(node, "ethtool", "-k", "eth1").stdout
            for feature in ("tx-checksumming", "tcp-segmentation-offload"):
                expect(f"{feature}: on" in features, f"{node} has {feature} off:\n{features}")
        yield lab
        print(f"drops: {drops_in_words(lab)}")


def start_iperf_server(lab):
    lab.start("webserver", "iperf3", "-s", "-p", BULK_PORT)
    lab.wait_for_listener("webserver", BULK_PORT)


def iperf(lab, *words, seconds=3):
    """Runs iperf3 from the workstation to the external address; returns the end of its report."""
    done = lab.at("workstation", "iperf3", "-J", "-c", EXTERNAL, "-p", BULK_PORT, "-t", seconds, *words, timeout=seconds + 30, ok=None)
    report = json.loads(done.stdout)
    expect(done.returncode == 0 and "error" not in report, f"iperf3 {words}: {report.get('error')}")
    return report["end"]


def gigabits(end, side="sum_received"):
    return end[side]["bits_per_second"] / 1e9


def test_tcp_both_ways():
    with bulk_lab() as lab:
        start_iperf_server(lab)
        for name, words in (("to the web server", ()), ("from the web server", ("-R",)), ("four streams", ("-P", "4"))):
            end = iperf(lab, *words)
            expect(gigabits(end) > 0.1, f"{name}: only {gigabits(end):.3f} Gbit/s")
            print(f"{name}: {gigabits(end):.2f} Gbit/s, {end['sum_sent'].get('retransmits', 0)} retransmitted")
            lab.check_conservation()


def dropped_by_kernels(lab):
    """Datagrams that the hosts' kernels dropped: (at receivers too slow to read them, at TAPs whose queue was full)."""
    receivers = queues = 0
    for node in ("workstation", "webserver"):
        names, values = [line.split() for line in lab.at(node, "cat", "/proc/net/snmp").stdout.splitlines() if line.startswith("Udp:")]
        receivers += int(values[names.index("RcvbufErrors")])
        queues += json.loads(lab.at(node, "ip", "-s", "-j", "link", "show", "eth1").stdout)[0]["stats64"]["tx"]["dropped"]
    return receivers, queues


def test_udp_both_ways():
    """A busy machine loses datagrams, but never without a count: the hosts' kernels or our drop reasons know of each."""
    with bulk_lab() as lab:
        start_iperf_server(lab)
        for name, words in (("to the web server", ()), ("from the web server", ("-R",))):
            before = *dropped_by_kernels(lab), lab.counter("dropped")
            end = iperf(lab, "-u", "-b", "200M", "-l", "1400", *words)["sum"]
            after = *dropped_by_kernels(lab), lab.counter("dropped")
            drops = [now - then for now, then in zip(after, before)]
            expect(end["packets"] > 1000, f"{name}: only {end['packets']} datagrams")
            expect(end["lost_packets"] <= sum(drops), f"{name}: {end['lost_packets']} of {end['packets']} lost, but the counted drops are {drops}")
            expect(end["lost_percent"] < 50, f"{name}: lost {end['lost_percent']:.1f} % of {end['packets']} datagrams")
            print(f"{name}: {end['packets']} datagrams, {end['lost_packets']} lost; drops counted at receivers {drops[0]}, "
                  f"at TAP queues {drops[1]}, by the gateway {drops[2]}")
            lab.check_conservation()


def test_datagrams_larger_than_the_mtu():
    with bulk_lab() as lab:
        start_iperf_server(lab)
        end = iperf(lab, "-u", "-b", "100M", "-l", "20000")["sum"]  # fourteen fragments each
        expect(end["packets"] > 500 and end["lost_percent"] < 50, f"lost {end['lost_percent']:.1f} % of {end['packets']}")
        print(f"{end['packets']} datagrams of 20000 bytes, {end['lost_packets']} lost")


def test_data_is_the_same():
    """64 MiB each way over one connection, at once; what arrives hashes to what was sent."""
    program, size = Path(__file__).with_name("exchange.py"), 64 << 20
    with bulk_lab() as lab:
        server = lab.start("webserver", program, BULK_PORT, size)
        lab.wait_for_listener("webserver", BULK_PORT)
        up_sent, down_got = lab.at("workstation", program, BULK_PORT, size, EXTERNAL).stdout.split()
        down_sent, up_got = server.communicate(timeout=20)[0].split()
        expect(up_got == up_sent, "what the workstation sent arrived changed")
        expect(down_got == down_sent, "what the web server sent arrived changed")


def while_iperf_runs(lab, seconds, work):
    """Calls work() again and again during one iperf3 run. Returns iperf3's report and how often work was called."""
    outcome = {}

    def bulk():
        try:
            outcome["end"] = iperf(lab, seconds=seconds)
        except Exception as reason:
            outcome["reason"] = reason

    thread = threading.Thread(target=bulk)
    thread.start()
    time.sleep(0.5)
    times = 0
    try:
        while thread.is_alive():
            if not work(times):
                break
            times += 1
    finally:
        thread.join()
    if "reason" in outcome:
        raise Failure(f"iperf3 did not survive: {outcome['reason']}")
    return outcome["end"], times


def test_ruleset_swaps_lose_no_connection():
    with bulk_lab() as lab:
        start_iperf_server(lab)
        plain = lab.running_config()
        longer = json.loads(json.dumps(plain))
        longer["hairpin:gateway"]["firewall"]["rule"].insert(0, {
            "id": 2000, "name": "One more", "source": {"address": ["10.9.9.9"]}, "destination": {"address": ["10.9.9.8"]}, "action": "drop"})
        before = lab.call("version")["generation"]

        def swap(times):
            lab.load(longer if times % 2 == 0 else plain)
            return times + 1 < 50

        end, times = while_iperf_runs(lab, 12, swap)
        generations = lab.call("version")["generation"] - before
        expect(generations >= 49, f"only {generations} rulesets came into force")
        print(f"{generations} swaps during {gigabits(end):.2f} Gbit/s, {end['sum_sent'].get('retransmits', 0)} retransmitted")


def test_ports_come_and_go_under_traffic():
    with bulk_lab() as lab, namespace("visitor") as visitor:
        start_iperf_server(lab)
        ports = {row["name"] for row in lab.rows("show", "ports")}

        def visit(times):
            row = lab.call("port.add", port={"name": "visitor", "segment": "lan", "tap": {
                "device": "eth1", "namespace": visitor, "address": ["192.168.255.77/24"]}})["row"]
            expect(row["name"] == "visitor" and row["state"] == "up", f"port.add answered {row}")
            lab.hairpin("show", "ports")
            ping = ("ip", "netns", "exec", visitor, "ping", "-c", "1", "-W", "2", "-q", GATEWAY)
            lab.at("workstation", *ping[4:])
            run(*ping)
            lab.call("port.remove", name="visitor")
            expect("eth1" not in run("ip", "-n", visitor, "-o", "link").stdout, "port.remove left the TAP in its namespace")
            return times + 1 < 20

        end, times = while_iperf_runs(lab, 6, visit)
        expect({row["name"] for row in lab.rows("show", "ports")} == ports, "show ports is not what it was before")
        expect(times >= 5, f"only {times} visits in 6 s")
        print(f"{times + 1} visits during {gigabits(end):.2f} Gbit/s")
