"""Links that are not perfect: late, lossy, damaged, slow, pulled. What is measured is measured by the hosts, and the daemon agrees."""
import contextlib
import json
import re
import socket
import statistics
import time

from support import HAIRPIN, WEB_SERVER, WORKSTATION, Lab, eventually, expect, run
from wire import Wire

LINK = "webserver:eth1"
PORT = "webserver"
SO_RCVBUFFORCE = 33  # Python has no name for it


def lab_command(lab, *words, ok=(0,)):
    return run(HAIRPIN, "lab", words[0], *words[1:], ok=ok)


def impair(lab, *words, link=LINK, ok=(0,)):
    return lab_command(lab, "impair", "set", lab.name, link, *words, ok=ok)


def reset(lab, link=LINK):
    lab_command(lab, "impair", "reset", lab.name, link)


def figures(lab, direction="out", port=PORT):
    return next(row for row in lab.rows("show", "ports", "impairment") if (row["port"], row["direction"]) == (port, direction))


def round_trips(lab, count=60, interval=0.02):
    """Of pings from the workstation to the web server, in milliseconds."""
    done = lab.at("workstation", "ping", "-i", interval, "-c", count, "-W", 3, WEB_SERVER, ok=None)
    return [float(text) for text in re.findall(r"time=([\d.]+) ms", done.stdout)]


@contextlib.contextmanager
def datagrams(lab):
    """A way to send numbered datagrams from the workstation to the web server, and to take in what comes."""
    wire = Wire(lab, [])
    try:
        yield wire.udp("workstation", (WORKSTATION, 41000)), wire.udp("webserver", (WEB_SERVER, 41000))
    finally:
        wire.close()


def flood(sender, receiver, count, size=200, quiet=0.5):
    """Sends them in bursts that a socket's buffer holds, and answers the numbers of those that came, in their order."""
    receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    receiver.setblocking(False)
    came = []

    def take():
        with contextlib.suppress(BlockingIOError):
            while True:
                came.append(int.from_bytes(receiver.recv(65536)[:4], "big"))
    for number in range(count):
        sender.sendto(number.to_bytes(4, "big") + bytes(size - 4), (WEB_SERVER, 41000))
        if number % 100 == 99:
            take()
            time.sleep(0.001)  # the sender's own queue has 1000 places; this paces it, and waits for nothing
    last = time.monotonic()
    while time.monotonic() - last < quiet:
        before = len(came)
        take()
        if len(came) > before:
            last = time.monotonic()
        time.sleep(0.005)
    return came


def test_a_delay_is_right_to_half_a_millisecond():
    with Lab("hairpin") as lab:
        round_trips(lab, 5)
        usual = round_trips(lab)
        impair(lab, "--delay", "100ms", "--direction", "out")
        # Where others keep the processors busy, everybody wakes late, with a delay and without: then the quickest tell what was meant.
        for typical in (statistics.median, statistics.median, min):
            late = round_trips(lab)
            expect(min(late) >= 100, f"a packet was early: {min(late)} ms")
            made = typical(late) - typical(usual)
            if 99.7 < made < 100.5:
                break
        print(f"{'least' if typical is min else 'median'} round trip {typical(usual):.3f} ms, with 100 ms of delay {typical(late):.3f} ms")
        expect(99.7 < made < 100.5, f"100 ms of delay made {typical(usual):.3f} ms {typical(late):.3f} ms")
        row = figures(lab)
        expect(100_000 <= row["delay_mean_us"] <= row["delay_max_us"], f"the daemon says {row}")
        impair(lab, "--delay", "50ms", "--direction", "both", "--replace")
        made = min(round_trips(lab)) - min(usual)
        expect(99.7 < made < 101, f"50 ms each way made {made:.3f} ms")
        reset(lab)
        expect(min(round_trips(lab)) < 50, "a link that was reset is late")


test_a_delay_is_right_to_half_a_millisecond.alone = True


def test_a_delay_costs_no_throughput():
    """As many datagrams come with 100 ms of delay as without, all on their way at once: far more than a queue of 1000 packets."""
    with Lab("hairpin") as lab, datagrams(lab) as (sender, receiver):
        flood(sender, receiver, 100)
        impair(lab, "--delay", "100ms", "--direction", "out")
        count = 20000
        came = flood(sender, receiver, count, size=1400)
        row = figures(lab)
        print(f"{len(came)} of {count} datagrams came; at most {row['most_held']} were on their way")
        expect(came == sorted(came), "a constant delay changed their order")
        expect(row["queue_full"] == 0 and row["no_room"] == 0 and row["lost"] == 0, f"the link dropped some: {row}")
        expect(len(came) >= row["packets"] - 200, f"{row['packets']} packets were taken, and {len(came)} came")
        eventually(lambda: figures(lab)["held"] == 0, "some are on their way for ever")  # an ARP question may have come last


def test_tcp_through_a_long_way_fills_it():
    """With windows that hold what is on its way, TCP is no slower than the way allows."""
    with Lab("hairpin") as lab:
        for node in ("workstation", "webserver"):
            for key in ("tcp_rmem", "tcp_wmem"):
                lab.at(node, "sysctl", "-qw", f"net.ipv4.{key}=4096 4194304 67108864")
        lab.start("webserver", "iperf3", "-s", "-p", 5201)
        lab.wait_for_listener("webserver", 5201)

        def megabits(seconds):
            # The first seconds are slow start, which is TCP's own affair.
            report = json.loads(lab.at("workstation", "iperf3", "-J", "-c", WEB_SERVER, "-p", 5201, "-t", seconds, "-O", 3, "-b", "200M",
                                       timeout=60).stdout)
            return report["end"]["sum_received"]["bits_per_second"] / 1e6
        usual = megabits(3)
        impair(lab, "--delay", "50ms")
        far = megabits(6)
        print(f"{usual:.0f} Mbit/s, with a round trip of 100 ms {far:.0f} Mbit/s")
        expect(far > 0.9 * usual, f"a round trip of 100 ms made {usual:.0f} Mbit/s {far:.0f}")


def test_loss_is_counted_and_repeats():
    with Lab("hairpin") as lab, datagrams(lab) as (sender, receiver):
        flood(sender, receiver, 100)
        lost = []
        for _ in range(8):
            reset(lab)
            impair(lab, "--loss", "10%", "--seed", "7", "--direction", "out")
            came = flood(sender, receiver, 5000)
            row = figures(lab)
            missing = sorted(set(range(5000)) - set(came))
            expect(abs(len(missing) - row["lost"]) <= row["packets"] - 5000, f"{len(missing)} are missing, and {row['lost']} were lost: {row}")
            expect(400 <= len(missing) <= 600, f"10 % of 5000 are {len(missing)}")
            # An ARP request of somebody's takes a number of the seed's as well, and shifts all that follow.
            if row["packets"] == 5000:
                lost.append(missing)
            if len(lost) == 2:
                break
        expect(len(lost) == 2, "other packets were there each time")
        expect(lost[0] == lost[1], "the same seed lost others")
        print(f"{len(lost[0])} of 5000 lost, twice the same")
        drops = {row["reason"]: row["packets"] for row in lab.rows("show", "drops")}
        expect(drops.get("impairment-loss", 0) >= 2 * len(lost[0]), f"show drops has {drops}")
        lab.hairpin("clear", "counters", "ports")
        expect(figures(lab)["lost"] == 0, "clear counters has cleared nothing")


def test_damage_and_doubles_are_seen_by_the_host():
    with Lab("hairpin") as lab, datagrams(lab) as (sender, receiver):
        flood(sender, receiver, 100)

        def checksum_errors():
            names, values = [line.split() for line in lab.at("webserver", "cat", "/proc/net/snmp").stdout.splitlines() if line.startswith("Udp:")]
            return int(values[names.index("InCsumErrors")])
        before = checksum_errors()
        impair(lab, "--corrupt", "20%", "--direction", "out")
        came = flood(sender, receiver, 2000)
        row = figures(lab)
        expect(300 < row["corrupted"] < 500, f"20 % of 2000 are {row['corrupted']}")
        expect(2000 - len(came) > row["corrupted"] // 2, f"{row['corrupted']} are damaged, and {len(came)} of 2000 came all the same")
        expect(checksum_errors() - before > row["corrupted"] // 2, "the host's kernel found no wrong checksum")
        reset(lab)
        impair(lab, "--duplicate", "50%", "--direction", "out")
        came = flood(sender, receiver, 2000)
        row = figures(lab)
        expect(abs(len(came) - 2000 - row["duplicated"]) <= 2 * (row["packets"] - 2000) and 800 < row["duplicated"] < 1200,
               f"{len(came)} came of 2000, {row}")
        reset(lab)
        impair(lab, "--delay", "20ms", "--reorder", "25%", "--direction", "out")
        came = flood(sender, receiver, 2000)
        row = figures(lab)
        expect(sorted(came) == list(range(2000)), "some are missing")
        expect(came != sorted(came) and row["reordered"] > 300, f"they came in their order: {row}")


def test_a_rate_is_kept_and_its_queue_has_a_tail():
    with Lab("hairpin") as lab, datagrams(lab) as (sender, receiver):
        flood(sender, receiver, 100)
        # 1042 bytes a frame: 2 Mbit/s are 240 of them in a second.
        impair(lab, "--rate", "2mbit", "--limit", "200", "--direction", "out")
        began = time.monotonic()
        came = flood(sender, receiver, 1000, size=1000)
        took = time.monotonic() - began - 0.5
        row = figures(lab)
        expect(row["queue_full"] > 0 and row["most_queued"] == 200, f"the queue has no tail: {row}")
        expect(abs(1000 - row["queue_full"] - len(came)) <= row["packets"] - 1000, f"{len(came)} came, {row}")
        shortest = len(came) * 1042 * 8 / 2e6
        print(f"{len(came)} of 1000 came in {took:.2f} s; at 2 Mbit/s they take {shortest:.2f} s")
        expect(shortest * 0.98 < took < shortest * 1.25 + 0.5, f"{len(came)} datagrams took {took:.2f} s instead of {shortest:.2f} s")


def carrier(lab, node="webserver"):
    return lab.at(node, "cat", "/sys/class/net/eth1/carrier").stdout.strip()


def state_of(lab, port=PORT):
    return next(row["state"] for row in lab.rows("show", "ports") if row["name"] == port)


def test_a_pulled_cable_takes_the_carrier_away():
    with Lab("hairpin") as lab:
        expect(carrier(lab) == "1", "there is no carrier to begin with")
        lab_command(lab, "link", "down", lab.name, LINK)
        eventually(lambda: carrier(lab) == "0", "the host sees a carrier on a cable that was pulled")
        expect(state_of(lab) == "down", "show ports does not say so")
        expect(lab.at("workstation", "ping", "-c", "1", "-W", "1", WEB_SERVER, ok=None).returncode == 1, "the ping went through")
        drops = {row["reason"]: row["packets"] for row in lab.rows("show", "drops")}
        expect(drops.get("port-down", 0) > 0, f"nothing was counted: {drops}")
        expect(any("event=port_down port=webserver" in line for _, line in lab.log_lines()), "the log does not say so")
        lab_command(lab, "link", "up", lab.name, LINK)
        eventually(lambda: carrier(lab) == "1", "the host sees no carrier on a cable that was plugged in")
        eventually(lambda: lab.at("workstation", "ping", "-c", "1", "-W", "1", WEB_SERVER, ok=None).returncode == 0, "the ping is lost")


def test_a_flapping_cable_flaps():
    with Lab("hairpin") as lab:
        lab_command(lab, "link", "flap", lab.name, PORT, "--up", "300ms", "--down", "200ms")
        for _ in range(2):
            eventually(lambda: carrier(lab) == "0", "the cable is never pulled")
            eventually(lambda: carrier(lab) == "1", "the cable is never plugged in")
        lab_command(lab, "link", "up", lab.name, PORT)
        expect(state_of(lab) == "up" and "flap" not in json.dumps(lab.running_config()), "it flaps still")


def test_live_commands_are_commits():
    with Lab("hairpin") as lab:
        def port():
            return next(each for each in lab.running_config()["hairpin:switch"]["port"] if each["name"] == PORT)
        before = port()
        impair(lab, "--delay", "20ms", "--direction", "in")
        impair(lab, "--loss", "1")
        expect(port()["impairment"] == {"in": {"delay": "20ms", "loss": "1"}, "out": {"loss": "1"}}, f"the second replaced the first: {port()}")
        impair(lab, "--rate", "1000", "--replace")
        expect(port()["impairment"] == {"in": {"rate": "1000kbit"}, "out": {"rate": "1000kbit"}}, f"--replace kept something: {port()}")
        run(HAIRPIN, "lab", "impair", "set", lab.name, "-n", "webserver", "-i", "eth1", "--corruption", "0.1")
        expect(port()["impairment"]["out"] == {"rate": "1000kbit", "corrupt": "0.1"}, f"by -n and -i: {port()}")
        history = lab.call("config.history")["rows"]
        expect(history[0]["comment"].startswith("hairpin lab impair set"), f"the history says {history[0]}")
        run(HAIRPIN, "lab", "impair", "profile", "apply", "dsl", lab.name, LINK)
        expect(port()["impairment"]["out"]["rate"] == "16mbit", f"the profile: {port()}")
        reset(lab)
        expect(port() == before, "a link that was reset is not what it was")
        lab.configure("rollback 1")
        expect(port()["impairment"]["out"]["rate"] == "16mbit", "a rollback does not bring it back")
        done = impair(lab, "--delay", "20", ok=(2,))
        expect("is not a time with its unit" in done.stderr, f"a delay without a unit: {done.stderr}")
        done = impair(lab, "--loss", "1%", link="nobody:eth1", ok=(4,))
        expect("has no link" in done.stderr, f"a link that is not there: {done.stderr}")
