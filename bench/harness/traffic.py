"""What is sent through a side and what is counted: one TCP stream, small UDP packets, a ping-pong.

All of it runs for a given number of seconds and no longer, between two namespaces of the stage.
"""
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness.stage import BenchError, Namespace, Process

PORT = 5201
WARM_UP_SECONDS = 1  # slow start, ARP, the first packet of the session: not part of any figure
COOL_DOWN_SECONDS = 1  # by which the traffic outlasts the counting, so that its end is not part of it either
PING_PONG = Path(__file__).with_name("pingpong.py")
PING_PONG_EXCHANGES = 2000


@dataclass(frozen=True)
class Side:
    """One of the two systems, built and ready: who speaks to whom through it, and under which address."""
    title: str
    client: Namespace
    server: Namespace
    target: str
    gateway: Process | None = None  # the process that forwards, when a process of its own does


@dataclass(frozen=True)
class Figure:
    """What one run gave. `busy_cores`: how many cores the gateway's process kept busy meanwhile, when there is one."""
    value: float
    busy_cores: float | None = None
    details: dict = field(default_factory=dict)


def tcp_stream(stage, side, seconds):
    """Gb/s of payload that arrived at the receiver."""
    with _Iperf(stage, side, seconds, "-O", str(WARM_UP_SECONDS)) as client:
        window = _Window(lambda: 0, side.gateway)
        time.sleep(seconds - 0.2)
        window.close()
        answer = client.answer()
    return Figure(answer["end"]["sum_received"]["bits_per_second"] / 1e9, window.busy_cores)


def udp_small(stage, side, seconds):
    """kpps of 64-byte payloads that the receiving program got, sent as fast as the sender can.

    Counted by the receiver's kernel (Udp InDatagrams: handed to the program), because what was sent and lost says nothing."""
    with _Iperf(stage, side, WARM_UP_SECONDS + seconds + COOL_DOWN_SECONDS, "-u", "-b", "0", "-l", "64") as client:
        window = _Window(lambda: _udp_datagrams(client.server), side.gateway)
        time.sleep(seconds)
        window.close()
        client.answer()
    return Figure(window.count / window.seconds / 1e3, window.busy_cores)


def ping_pong(stage, side, seconds):
    """µs of a round trip, p50: one 64-byte UDP packet there and back, the next only after it, nothing else on the path."""
    server = stage.start("pingpong", side.server, sys.executable, PING_PONG, "serve", PORT)
    server.wait_until(lambda: _listens(server.pid, "udp", PORT), "listening")
    try:
        answer = side.client.run(sys.executable, str(PING_PONG), "ask", side.target, str(PORT), str(PING_PONG_EXCHANGES),
                                 str(seconds), timeout=seconds + 15)
    finally:
        stage.stop(server)
    times = json.loads(answer)
    return Figure(times["p50_us"], details={"p99": times["p99_us"]})


class _Iperf:
    """One iperf3 run. Entered when the warm-up is over; `answer()` waits for the end."""

    def __init__(self, stage, side, seconds, *arguments):
        self._stage = stage
        self._side = side
        self._seconds = seconds
        self._arguments = arguments

    def __enter__(self):
        # A server for each run: one that lost its client half-way would refuse the next.
        self.server = self._stage.start("iperf3", self._side.server, "iperf3", "-s", "-1", "-p", PORT)
        self.server.wait_until(lambda: _listens(self.server.pid, "tcp", PORT), "listening")
        argv = self._side.client.command_line("iperf3", "-c", self._side.target, "-p", str(PORT), "-t", str(self._seconds),
                                              "--connect-timeout", "3000", "-J", *self._arguments)
        self._client = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, start_new_session=True)
        time.sleep(WARM_UP_SECONDS)
        if self._client.poll() is not None:  # nothing goes through, and iperf3 has said why
            self.answer()
        return self

    def answer(self):
        try:
            text, _ = self._client.communicate(timeout=self._seconds + 15)
        except subprocess.TimeoutExpired:
            raise BenchError(f"iperf3 through {self._side.title} did not end: does {self._side.target} answer?") from None
        try:
            answer = json.loads(text)
        except json.JSONDecodeError:
            answer = {"error": text.strip() or f"ended with status {self._client.returncode}"}
        if "error" in answer:
            raise BenchError(f"iperf3 from {self._side.client.name} to {self._side.target} through {self._side.title}: "
                             f"{answer['error']}")
        return answer

    def __exit__(self, *_):
        self._client.kill()
        self._client.wait()
        self._stage.stop(self.server)


class _Window:
    """Counter and processor time between two moments, each with the clock read next to it."""

    def __init__(self, counter, gateway):
        self._counter = counter
        self._gateway = gateway
        self._begin = self._read()

    def _read(self):
        return time.monotonic(), self._counter(), _processor_seconds(self._gateway)

    def close(self):
        (began, count, processor), (ended, count_end, processor_end) = self._begin, self._read()
        self.seconds = ended - began
        self.count = count_end - count
        self.busy_cores = None if processor is None else (processor_end - processor) / self.seconds


def _processor_seconds(process):
    """User and system time of all threads of a process: fields 14 and 15 of proc(5) stat."""
    if process is None:
        return None
    process.check_alive()
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _udp_datagrams(process):
    """Datagrams that programs in the network namespace of this one have received."""
    process.check_alive()
    lines = Path(f"/proc/{process.pid}/net/snmp").read_text().splitlines()
    names, values = [line.split() for line in lines if line.startswith("Udp:")]
    return int(dict(zip(names, values))["InDatagrams"])


def _listens(pid, protocol, port):
    """Whether a socket of the namespace of `pid` is bound to the port (and, for TCP, listens: state 0A)."""
    for table in (protocol, f"{protocol}6"):
        path = Path(f"/proc/{pid}/net/{table}")
        for line in path.read_text().splitlines()[1:] if path.exists() else []:
            local, _, state = line.split()[1:4]
            if int(local.rpartition(":")[2], 16) == port and (protocol == "udp" or state == "0A"):
                return True
    return False
