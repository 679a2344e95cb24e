#!/usr/bin/python3
"""Both ends of one TCP connection that carries data both ways at once. Each end says what it sent and what it got.

    exchange.py PORT BYTES              waits for one connection
    exchange.py PORT BYTES ADDRESS      connects

Prints "SENT GOT", the SHA-256 of each direction. Unlike nc, neither end stops sending when the other has nothing more to say.
"""
import hashlib
import os
import socket
import sys
import threading


def main():
    port, size = int(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        connection = socket.create_connection((sys.argv[3], port), timeout=10)
    else:
        with socket.create_server(("", port)) as listener:
            connection, _ = listener.accept()
    connection.settimeout(20)
    data = os.urandom(size)

    def send():
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    got = hashlib.sha256()
    while part := connection.recv(1 << 18):
        got.update(part)
    sender.join()
    print(hashlib.sha256(data).hexdigest(), got.hexdigest())


main()
