"""Both ends of a UDP ping-pong, run in two namespaces by the rtt bench.

    pingpong.py serve PORT                          sends back what it gets, until it is terminated
    pingpong.py ask ADDRESS PORT EXCHANGES SECONDS  prints {"p50_us": ..., "p99_us": ...}; stops at either limit

The two ends stay on two different cores, as two hosts would. Left to the scheduler they sometimes share one, and then nobody has to
be woken from an idle core: a round trip takes a tenth, in some rounds and not in others.
"""
import json
import os
import socket
import sys
import time

PAYLOAD = bytes(64)
WARM_UP = 200  # exchanges: ARP, the session, the interpreter's own first calls
LOST_AFTER_SECONDS = 1.0


def serve(port):
    stay_on(max)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("0.0.0.0", port))
        while True:
            payload, peer = server.recvfrom(2048)
            server.sendto(payload, peer)


def ask(address, port, exchanges, seconds):
    stay_on(min)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(LOST_AFTER_SECONDS)
        client.connect((address, port))
        for _ in range(WARM_UP):
            exchange(client)
        deadline = time.monotonic() + seconds
        times = []
        while len(times) < exchanges and time.monotonic() < deadline:
            times.append(exchange(client))
    times.sort()
    return {"p50_us": percentile(times, 50), "p99_us": percentile(times, 99)}


def stay_on(choose):
    os.sched_setaffinity(0, {choose(os.sched_getaffinity(0))})


def exchange(client):
    began = time.perf_counter_ns()
    client.send(PAYLOAD)
    client.recv(2048)
    return time.perf_counter_ns() - began


def percentile(sorted_times, percent):
    return sorted_times[min(len(sorted_times) - 1, len(sorted_times) * percent // 100)] / 1e3


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    try:
        print(json.dumps(ask(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))))
    except OSError as error:  # on an idle path nothing gets lost: a missing answer means that the path does not work
        sys.exit(f"ping-pong with {sys.argv[2]} port {sys.argv[3]}: {error}")
