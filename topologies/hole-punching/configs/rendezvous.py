#!/usr/bin/python3
"""Tells peers where they are seen, and whoever calls another where that one is: the part of a STUN server and of a signalling server that
a lab needs. One datagram of UDP each:

    here NAME          -> you ADDRESS:PORT
    where WHOM         -> peer WHOM ADDRESS:PORT
    call WHOM by NAME  -> the same, and to WHOM: peer NAME ADDRESS:PORT
"""
import socket
import sys

address, port = sys.argv[1].split(":")
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((address, int(port)))
known = {}
while True:
    words, sender = server.recvfrom(1500)
    seen = f"{sender[0]}:{sender[1]}"
    match words.decode(errors="replace").split():
        case ["here", name]:
            known[name] = sender
            server.sendto(f"you {seen}".encode(), sender)
        case ["where", whom] if whom in known:
            server.sendto("peer {} {}:{}".format(whom, *known[whom]).encode(), sender)
        case ["call", whom, "by", name] if whom in known:
            server.sendto("peer {} {}:{}".format(whom, *known[whom]).encode(), sender)
            server.sendto(f"peer {name} {seen}".encode(), known[whom])
