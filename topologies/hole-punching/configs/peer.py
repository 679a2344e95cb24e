#!/usr/bin/python3
"""A peer behind a NAT, as a telephone or a game is one.

    ./peer.py RENDEZVOUS NAME                 is there, until it is ended: can be called, and answers whoever says hello
    ./peer.py RENDEZVOUS NAME call WHOM       calls another and says where the two have met; ends with 1 when they have not
    ./peer.py RENDEZVOUS NAME knock-at WHOM   the same, but WHOM is not told, and does not punch

To punch a hole is nothing but to send: each side's own datagram makes its NAT expect the other's. Both send from the port from which they have
spoken to the rendezvous, because it is this port's mapping that the other has been told.
"""
import select
import socket
import sys
import time

PATIENCE, AGAIN, KEEP_ALIVE = 3.0, 0.2, 1.0  # seconds


def endpoint(text):
    address, port = text.split(":")
    return address, int(port)


class Peer:
    def __init__(self, rendezvous, name):
        self.rendezvous, self.name = endpoint(rendezvous), name
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outside = None  # as the rendezvous sees us
        self.met = None      # who has answered: name, from where, and as whom they see us
        self.others = {}     # whom we have been told of: name, and where they are

    def say(self, words, to):
        try:
            self.socket.sendto(words.encode(), to)
        except OSError:
            pass  # no link yet, or an ICMP error about an earlier one: it is said again

    def hear(self, seconds):
        """Takes what comes within that time, and answers it."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self.met:
            if not select.select([self.socket], [], [], left)[0]:
                return
            try:
                words, sender = self.socket.recvfrom(1500)
            except OSError:
                continue
            match words.decode(errors="replace").split():
                case ["you", where] if sender == self.rendezvous:
                    self.outside = where
                case ["peer", other, where] if sender == self.rendezvous:
                    self.others[other] = endpoint(where)
                    self.say(f"hello from {self.name}", self.others[other])
                case ["hello", "from", other]:
                    self.say(f"answer from {self.name} to {sender[0]}:{sender[1]}", sender)
                case ["answer", "from", other, "to", us]:
                    self.met = other, f"{sender[0]}:{sender[1]}", us

    def stay(self):
        while True:
            self.say(f"here {self.name}", self.rendezvous)
            self.hear(KEEP_ALIVE)
            self.met = None

    def call(self, question, whom):
        """Asks again and again, for the other's mapping may change, and says hello wherever the other is said to be."""
        deadline = time.monotonic() + PATIENCE
        while not self.met and time.monotonic() < deadline:
            self.say(f"here {self.name}", self.rendezvous)
            self.say(question, self.rendezvous)
            self.hear(AGAIN)
        print(f"I am {self.outside} outside, and {whom} is", "{}:{}".format(*self.others.get(whom, ("nowhere", "?"))))
        if not self.met:
            print(f"no answer from {whom}")
            return 1
        print("{} answers from {}, and sees me as {}".format(*self.met))
        return 0


rendezvous, name, *rest = sys.argv[1:]
peer = Peer(rendezvous, name)
match rest:
    case []:
        peer.stay()
    case ["call", whom]:
        sys.exit(peer.call(f"call {whom} by {name}", whom))
    case ["knock-at", whom]:
        sys.exit(peer.call(f"where {whom}", whom))
    case _:
        sys.exit(__doc__)
