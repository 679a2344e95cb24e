"""The benches: what is sent, through which two systems, and how the rounds alternate. To add one, add a row."""
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from harness import traffic
from sides import hairpin, linux, openvswitch


@dataclass(frozen=True)
class Bench:
    name: str
    text: str
    unit: str
    more_is_better: bool
    ours: Callable      # (stage, options) -> Side
    theirs: Callable
    measure: Callable   # (stage, side, seconds) -> Figure
    programs: tuple     # that must be installed


BENCHES = {bench.name: bench for bench in (
    Bench("hairpin-tcp", "one TCP stream through hairpin NAT, against Linux bridge + nftables", "Gb/s", True,
          hairpin.gateway, linux.gateway, traffic.tcp_stream, ("ip", "nft", "iperf3")),
    Bench("hairpin-udp64", "64-byte UDP packets delivered through hairpin NAT, against Linux bridge + nftables", "kpps", True,
          hairpin.gateway, linux.gateway, traffic.udp_small, ("ip", "nft", "iperf3")),
    Bench("switch-tcp", "one TCP stream through the switch alone, against Open vSwitch's userspace datapath", "Gb/s", True,
          hairpin.switch, openvswitch.switch, traffic.tcp_stream, ("ip", "iperf3", *openvswitch.PROGRAMS)),
    Bench("vxlan-tcp", "one TCP stream into a VXLAN tunnel, against Linux bridge + vxlan", "Gb/s", True,
          hairpin.tunnel, linux.tunnel, traffic.tcp_stream, ("ip", "iperf3")),
    Bench("vxlan-udp64", "64-byte UDP packets delivered through a VXLAN tunnel, against Linux bridge + vxlan", "kpps", True,
          hairpin.tunnel, linux.tunnel, traffic.udp_small, ("ip", "iperf3")),
    Bench("rtt", "idle round trip through hairpin NAT, p50, against Linux bridge + nftables", "us", False,
          hairpin.gateway, linux.gateway, traffic.ping_pong, ("ip", "nft")),
)}


@dataclass(frozen=True)
class Runs:
    """All runs of one side."""
    title: str
    figures: list

    @property
    def median(self):
        return statistics.median(figure.value for figure in self.figures)

    @property
    def busy_cores(self):
        known = [figure.busy_cores for figure in self.figures if figure.busy_cores is not None]
        return statistics.median(known) if known else None


@dataclass(frozen=True)
class Result:
    bench: Bench
    seconds: int
    ours: Runs
    theirs: Runs

    @property
    def ratio(self):
        """Above 1: ours is better, whichever way the unit points."""
        ratio = self.ours.median / self.theirs.median
        return ratio if self.bench.more_is_better else 1 / ratio


def run_rounds(bench, stage, options, progress):
    """Builds both sides, then measures ours, theirs, ours, theirs ...: a machine that gets slower or busier in the course of
    the run does so for both."""
    ours, theirs = bench.ours(stage, options), bench.theirs(stage, options)
    runs = {ours: Runs(ours.title, []), theirs: Runs(theirs.title, [])}
    for number in range(1, options.rounds + 1):
        for side, so_far in runs.items():
            figure = bench.measure(stage, side, options.seconds)
            so_far.figures.append(figure)
            progress(f"round {number}/{options.rounds}  {side.title}: {figure.value:.4g} {bench.unit}")
    return Result(bench, options.seconds, runs[ours], runs[theirs])
