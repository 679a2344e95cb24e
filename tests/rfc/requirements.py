"""What the RFCs ask of a NAT and a router: the table that tests/rfc/run holds the tests against.

A row is a requirement in our words, with the level its RFC gives it (a RECOMMENDED is a SHOULD, a MUST NOT a MUST). Its key is how tests
name it: whatever is called Rfc4787.Req9a_... shows Req9a of RFC 4787. Letters are the RFC's own. Where one requirement asks several
things, or the RFC numbers nothing, a word tells them apart (Section2_2InWindow, Echo).

    open   what is missing, in a sentence. A row without it must have a test, a row with it must have none: whoever closes a gap adds
           tests of that name and deletes the mark.
    mode   where RFCs contradict each other, or leave a choice: which one this is, and where it holds.
"""
from typing import NamedTuple

MUST, SHOULD, MAY = "MUST", "SHOULD", "MAY"


class Requirement(NamedTuple):
    key: str
    level: str
    says: str
    mode: str = ""
    open: str = ""


class Rfc(NamedTuple):
    number: str
    about: str
    requirements: list


R = Requirement

TABLE = [
    Rfc("4787", "NAT for unicast UDP", [
        R("Req1", MUST, "mapping is endpoint-independent: one inside address and port, one outside"),
        R("Req2", SHOULD, "pooling is paired: a host always has the same address of a pool"),
        R("Req3", MUST, "a port is not overloaded"),
        R("Req3a", SHOULD, "ports below 1024 stay below, the others above"),
        R("Req4", SHOULD, "an even port stays even, an odd one odd"),
        R("Req5", MUST, "a mapping lives for at least two minutes"),
        R("Req5a", MAY, "well-known destination ports may have shorter timers"),
        R("Req5b", MAY, "the timer can be configured"),
        R("Req5c", SHOULD, "the timer is five minutes or more by default"),
        R("Req6", MUST, "an outbound packet refreshes the mapping", mode="an inbound one does not"),
        R("Req6a", MAY, "an inbound packet may refresh it", mode="with the setting udp-inbound-refresh"),
        R("Req7", MUST, "works where inside and outside use the same addresses, if the outside is configured dynamically",
          mode="it is not: addresses are configured by hand, and interfaces whose subnets overlap are refused. Equal addresses beyond a "
               "router are reached by a route and twice NAT"),
        R("Req8", SHOULD, "filtering is endpoint-independent or address-dependent"),
        R("Req8a", MAY, "filtering can be configured"),
        R("Req9", MUST, "hairpinning: two inside hosts reach each other by their external addresses and ports"),
        R("Req9a", MUST, "a hairpinned packet shows its external source address and port"),
        R("Req10", SHOULD, "ALGs for UDP are off: no payload is touched"),
        R("Req10a", SHOULD, "each ALG can be switched apart"),
        R("Req11", MUST, "behaviour does not change with load"),
        R("Req12", MUST, "no ICMP message ends a mapping"),
        R("Req12a", SHOULD, "ICMP errors are not filtered by their source address"),
        R("Req12b", SHOULD, "destination unreachable is translated"),
        R("Req13", MUST, "what is too big and may not be fragmented is answered with ICMP 3/4"),
        R("Req13a", MUST, "what is too big and may be fragmented is, in order"),
        R("Req14", MUST, "fragments are received in order and out of order"),
        R("Req14a", MUST, "a flood of fragments harms no other traffic"),
    ]),
    Rfc("5382", "NAT for TCP", [
        R("Req1", MUST, "mapping is endpoint-independent"),
        R("Req2", MUST, "every valid sequence of segments passes, from inside and, where it is permitted, from outside"),
        R("Req2a", MUST, "both sides may open at once"),
        R("Req3", SHOULD, "filtering is endpoint-independent or address-dependent"),
        R("Req3a", MAY, "filtering can be configured"),
        R("Req3b", MAY, "filtering may differ from that of UDP"),
        R("Req4", MUST, "an unsolicited SYN is not answered for 6 s, forgotten if an outbound SYN crosses it, and then told by ICMP 3/3"),
        R("Req4a", MUST, "a SYN that policy refuses gets no answer at all"),
        R("Req5", MUST, "an established connection lives for at least 2 h 4 min in silence, any other for 4 min"),
        R("Req5a", MAY, "the timers can be configured"),
        R("Req6", SHOULD, "ALGs for TCP are off, FTP's may be on: no payload is touched", mode="FTP's is off, too"),
        R("Req7", MUST, "a port is not overloaded"),
        R("Req8", MUST, "hairpinning for TCP"),
        R("Req8a", MUST, "a hairpinned packet shows its external source address and port"),
        R("Req9", SHOULD, "destination unreachable is translated"),
        R("Req10", MUST, "no ICMP message ends a mapping or its connection"),
    ]),
    Rfc("5508", "NAT for ICMP", [
        R("Req1", MUST, "queries from inside pass, and so do their answers"),
        R("Req1a", SHOULD, "an identifier's mapping is the same whoever is asked"),
        R("Req2", MUST, "a query's session lives for at least 60 s"),
        R("Req2a", SHOULD, "its timer can be configured"),
        R("Req3", SHOULD, "an error whose checksum is wrong is dropped in silence"),
        R("Req3a", SHOULD, "so is one that quotes an IP header with a wrong checksum"),
        R("Req3b", MUST, "IP options of the quoted packet are passed over"),
        R("Req3c", SHOULD, "the quoted packet's transport checksum is not judged"),
        R("Req3d", MUST, "padding and extensions (RFC 4884) are no part of the quoted packet"),
        R("Req4", SHOULD, "an error from outside that quotes no mapping is dropped in silence"),
        R("Req4a", MUST, "from outside: the quoted packet is made what its sender sent"),
        R("Req4b", MUST, "from outside: type and code stay"),
        R("Req4c", MUST, "from outside: the error goes to the quoted packet's sender"),
        R("Req5", SHOULD, "an error from inside that quotes no mapping is dropped in silence"),
        R("Req5a", MUST, "from inside: the quoted packet is made what its sender sent"),
        R("Req5b", MUST, "from inside: type and code stay"),
        R("Req5c", MUST, "from inside: the error shows an external address as its source, whoever inside made it"),
        R("Req6", MUST, "an error about a query neither refreshes nor ends the query's session"),
        R("Req7Queries", MUST, "Basic NAT hairpins queries"),
        R("Req7Errors", MUST, "errors about hairpinned packets pass"),
        R("Req7a", MUST, "and go to the quoted packet's sender"),
        R("Req8", SHOULD, "where there is no room for a session the sender is told with ICMP 3/13", mode="RFC 6888 REQ-11b wants 3/1, which can be chosen"),
        R("Req9", MAY, "a policy may keep ICMP from being made towards an interface", mode="icmp-errors of an interface"),
        R("Req10aUnreachable", MUST, "the gateway says destination unreachable"),
        R("Req10aExceeded", MUST, "the gateway says time exceeded"),
        R("Req10aEcho", MUST, "the gateway answers echo requests"),
        R("Req10b", MAY, "and may speak of redirects, timestamps, parameter problems", mode="of parameter problems; redirects are never sent"),
        R("Req10c", SHOULD, "the gateway does not say source quench"),
        R("Req11", MAY, "other ICMP messages may be dropped", mode="they are, and counted"),
    ]),
    Rfc("7857", "updates to the three above", [
        R("Section2", SHOULD, "TCP is followed by RFC 6146's states, of segments that are in the windows"),
        R("Section2_1", SHOULD, "opening and closing connections have timers of their own, of 4 min"),
        R("Section2_2", MUST, "a reset of a mapped connection is translated"),
        R("Section2_2FourMinutes", SHOULD, "after a reset the mapping stays for 4 min, and data revives it"),
        R("Section2_2InWindow", SHOULD, "a reset outside the window changes nothing"),
        R("Section3", MAY, "external ports may be shared by flows to different destinations",
          mode="only where mapping is address- and port-dependent"),
        R("Section4", SHOULD, "pooling is paired for TCP and ICMP, too"),
        R("Section5", SHOULD, "endpoint-independent mapping is the default, and each protocol has its own setting"),
        R("Section6", SHOULD, "endpoint-independent filtering can be chosen for each protocol"),
        R("Section7", SHOULD, "whether inbound packets refresh can be chosen where filtering is endpoint-independent"),
        R("Section7Errors", SHOULD, "an ICMP error with which the inside answers an inbound packet refreshes nothing"),
        R("Section7Resets", SHOULD, "nor does a reset", mode="the first begins the four minutes of section 2.2"),
        R("Section8", MAY, "port parity need not be kept", mode="it is not"),
        R("Section9", SHOULD, "ports are randomised as RFC 6056 says"),
        R("Section10", SHOULD, "identifications of fragments stay unique behind one address"),
        R("Section11", MAY, "an identifier's mapping may go with its last session", mode="it does"),
        R("Section12", SHOULD, "ICMP is hairpinned: errors and queries"),
    ]),
    Rfc("3828", "UDP-Lite", [
        R("Section3_1", MUST, "the checksum covers the header and the addresses, whatever else it covers, and is never zero"),
    ]),
    Rfc("5597", "NAT for DCCP", [
        R("Checksum", MUST, "a checksum that was right is right after translation, whatever it covers"),
        R("Timers", MUST, "an established connection lives for at least 2 h 4 min in silence, any other for 8 min"),
    ]),
    Rfc("6888", "carrier-grade NAT", [
        R("Req1", MUST, "each protocol is treated as its own RFC says", mode="this table and those above"),
        R("Req2", MUST, "pooling is paired by default"),
        R("Req2a", MAY, "which can be changed"),
        R("Req3", MUST, "a pool may be any set of addresses"),
        R("Req4", MUST, "the ports of a subscriber can be limited"),
        R("Req4a", MUST, "the limit can be configured"),
        R("Req4b", MAY, "each protocol may have its own limit"),
        R("Req4c", SHOULD, "new mappings of a subscriber can be limited to a rate"),
        R("Req5", SHOULD, "the memory for a subscriber's state can be limited"),
        R("Req5a", SHOULD, "that limit can be configured"),
        R("Req5b", SHOULD, "and so can a rate of new state"),
        R("Req6Addresses", MUST, "destination addresses can be exempt from translation"),
        R("Req6Ports", MUST, "destination ports can be exempt from translation"),
        R("Req7", SHOULD, "filtering is endpoint-independent"),
        R("Req8", SHOULD, "a port that was given back rests for 120 s"),
        R("Req9", MUST, "subscribers control their mappings by PCP", open="PCP (RFC 6887) is a server of its own, and not planned here."),
        R("Req10", SHOULD, "what the NAT does can be seen and managed", mode="as JSON by the control socket and `hairpin show`; there is no MIB"),
        R("Req11a", MUST, "a packet for which there is no room is dropped, and counted"),
        R("Req11b", SHOULD, "its sender is told with ICMP 3/1", mode="with `exhaustion-answer host-unreachable`; otherwise 3/13, as RFC 5508 REQ-8 asks"),
        R("Req11c", SHOULD, "management is told"),
        R("Req11d", MUST, "no mapping is deleted to make room"),
        R("Req12", SHOULD, "destinations are not logged", mode="of what snat rules log, unless `log-destinations` says otherwise"),
        R("Req13", SHOULD, "ports are used as far as they go"),
        R("Req14", SHOULD, "few lines are logged", mode="with `port-allocation block`, two for each block"),
        R("Req15", SHOULD, "ports are hard to guess"),
    ]),
    Rfc("1812", "IPv4 routers", [
        R("Section3_3_2", MUST, "a neighbour that has not answered ARP yet is not unreachable"),
        R("Section3_3_2Group", MUST, "no station is believed to have a broadcast or multicast link address"),
        R("Section4_2_2_5", MUST, "a packet whose header checksum is wrong is dropped"),
        R("Section4_3_2_3", SHOULD, "an error quotes as much as fits into 576 bytes"),
        R("Section4_3_2_4", MUST, "an error's source is the address of the interface by which it leaves"),
        R("Section4_3_2_5", SHOULD, "an error has the precedence of internetwork control"),
        R("Section4_3_2_7", MUST, "nobody is told about errors, broadcasts, later fragments, and senders that are no single host"),
        R("Section4_3_2_7Broadcast", MUST, "nor about a packet that names a subnet's broadcast address as its sender"),
        R("Section4_3_2_8", SHOULD, "errors are limited to a rate"),
        R("Section4_3_3_1", MUST, "no route is 3/0, a silent neighbour 3/1, a port of the gateway on which nobody listens 3/3"),
        R("Section4_3_3_1Protocol", SHOULD, "a protocol that the gateway does not speak is 3/2"),
        R("Section4_3_3_2", MAY, "redirects need not be sent", mode="they are not: RFC 5508 REQ-10b leaves a NAT the choice"),
        R("Section4_3_3_4", MUST, "a time to live that ran out is 11/0"),
        R("Section4_3_3_5", MUST, "a header whose options cannot be read is 12/0"),
        R("Section4_3_3_6", MUST, "echo requests are answered"),
        R("Section4_3_3_6Fragments", MUST, "also those that come in fragments"),
        R("Section5_2_2", MUST, "length, version and header length are checked"),
        R("Section5_2_4_3", MUST, "the longest prefix is taken"),
        R("Section5_2_6", MUST, "what is longer than the link's MTU is fragmented"),
        R("Section5_3_1", MUST, "the time to live goes down by one, and at zero the packet is not forwarded"),
        R("Section5_3_1Local", MUST, "it is not looked at in packets for the gateway itself"),
        R("Section5_3_4", MUST, "what came as a broadcast or multicast of the link is not forwarded"),
        R("Section5_3_5_2", MUST, "directed broadcasts are not forwarded", mode="RFC 2644 made this the default"),
        R("Section5_3_7", SHOULD, "martian addresses are not forwarded: this network, loopback, multicast, class E, our own"),
        R("Section5_3_7Broadcast", SHOULD, "nor a subnet's broadcast address as a source"),
        R("Section5_3_7LinkLocal", SHOULD, "nor link-local addresses (RFC 3927)"),
        R("Section5_3_8", SHOULD, "a source must be one that its interface leads to (BCP 38)",
          mode="where source-validation is strict, which RFC 1812 wants to be chosen: the default is loose"),
        R("Section5_3_13_4", MUST, "source routes are followed", open="They are dropped, as RFC 7126 advises; nothing switches that."),
        R("Section5_3_13_5", MUST, "record route is honoured", mode="where ip-options record-route is honour; RFC 7126 is the default"),
        R("Section5_3_13_6", MUST, "timestamps are honoured", mode="where ip-options timestamp is honour; RFC 7126 is the default"),
    ]),
    Rfc("826", "ARP", [
        R("Reception", MUST, "a request for our address is answered, to the one who asks"),
        R("Others", MUST, "a request for another's address is not answered, and teaches nothing"),
        R("Update", MUST, "whoever is known is known by what it said last"),
        R("Create", MUST, "whoever is not known is learned only from what was said to us"),
    ]),
    Rfc("1122", "hosts on a link", [
        R("Section2_3_2_1", MUST, "requests for an address are at most one a second, and what is known ages"),
        R("Section2_3_2_2", SHOULD, "packets wait for the answer, at least the latest one"),
    ]),
    Rfc("5227", "conflicts of addresses", [
        R("Section2_1_1", MUST, "a probe for our address is answered, and teaches nothing"),
        R("Section2_3", MUST, "our addresses are announced twice, two seconds apart"),
        R("Section2_4", MUST, "a claim of our address is defended, at most once in ten seconds"),
    ]),
    Rfc("3022", "traditional NAT", [
        R("Section2_1", MUST, "Basic NAT translates addresses, and keeps ports"),
        R("Section2_2", MUST, "NAPT translates ports and ICMP identifiers, so that many hosts share an address"),
        R("Section4_3", MUST, "what an ICMP error quotes is translated with it"),
        R("Section4_6", MAY, "addresses in IP options may be left as they are", mode="where ip-options say ignore"),
        R("Section5_3", MUST, "private routes are not advertised", mode="no routing protocol is spoken; ARP is what could"),
    ]),
    Rfc("792", "ICMP", [
        R("Errors", MUST, "an error says what happened, and quotes the header and at least 8 bytes"),
        R("Echo", MUST, "an echo reply has the request's identifier, sequence number and data"),
        R("Reassembly", MAY, "fragments whose time ran out are 11/1"),
        R("ParameterProblem", MAY, "options that cannot be read are 12/0"),
    ]),
    Rfc("791", "IPv4", [
        R("Section3_1Length", MUST, "a datagram is at most 65535 bytes long, its fragments put together (the ping of death)"),
        R("Section3_1Offset", MUST, "offsets count in 8 bytes, from the datagram's start"),
        R("Section3_1Options", MUST, "an option is in later fragments exactly if its copied flag says so"),
    ]),
    Rfc("815", "fragments", [
        R("AnyOrder", MUST, "fragments are taken in any order, and those of several datagrams in between"),
    ]),
    Rfc("1858", "fragments against filters", [
        R("Section3", MUST, "a first fragment too short for its ports is dropped"),
        R("Section4", MUST, "fragments that overlap are dropped"),
    ]),
    Rfc("3128", "tiny fragments of TCP", [
        R("TinyFragment", MUST, "a fragment that begins within the TCP header is dropped"),
    ]),
    Rfc("1191", "path MTU discovery", [
        R("Section4", MUST, "ICMP 3/4 carries the MTU of the next hop"),
        R("Section4Sessions", MUST, "one that quotes no session is dropped"),
        R("MaximumSegmentSize", MAY, "TCP's maximum segment size can be lowered to the MTU"),
    ]),
    Rfc("1624", "incremental checksums", [
        R("Section3", MUST, "a checksum that is changed is the one that would be computed anew"),
        R("Section4", MUST, "also where that is zero"),
    ]),
    Rfc("768", "UDP", [
        R("Checksum", MUST, "no checksum stays none, and a computed zero travels as ones"),
    ]),
    Rfc("5961", "attacks on TCP from off the path", [
        R("Section3_2", MUST, "only a reset with exactly the expected sequence number resets"),
        R("Section4_2", MUST, "a SYN into a connection changes nothing, and passes, so that its end may challenge it"),
        R("Section5_2", MUST, "an acknowledgement outside the window is not believed"),
    ]),
    Rfc("5927", "attacks on TCP by ICMP", [
        R("Section4_1", SHOULD, "an error must quote a sequence number that is in flight"),
    ]),
    Rfc("6056", "ports that are hard to guess", [
        R("Section3_2", SHOULD, "all ports from 1024 up are used"),
        R("Section3_3_1", SHOULD, "the search begins at random (algorithm 1)"),
        R("Section3_3_3", MAY, "algorithms 3 to 5 let a port rest longer before it is used again", open="Algorithm 1 is the only one."),
    ]),
    Rfc("6864", "the identification of IPv4", [
        R("Section4_3", MUST, "what the gateway sends and may be fragmented has an identification of its own"),
        R("Section5_3_1", MUST, "behind one address identifications stay unique"),
    ]),
    Rfc("7126", "IPv4 options", [
        R("Section4_3", SHOULD, "loose source routes are dropped"),
        R("Section4_4", SHOULD, "strict source routes are dropped"),
        R("Section4_5", SHOULD, "record route is dropped"),
        R("Section4_7", SHOULD, "timestamps are dropped"),
        R("Section4_8", SHOULD, "a router alert is forwarded like any other packet"),
    ]),
    Rfc("5780", "NAT behaviour discovery", [
        R("Section4_3", SHOULD, "a discovery client names the mapping that is configured"),
        R("Section4_4", SHOULD, "a discovery client names the filtering that is configured"),
    ]),
    Rfc("7348", "VXLAN", [
        R("Section4_1", SHOULD, "which remote a station is behind is learned from what it sends"),
        R("Section4_1Vni", MUST, "a frame of a VNI that is not configured is dropped"),
        R("Section4_2", SHOULD, "what is for everybody, or for a station not yet known, reaches every remote of the VNI",
          mode="in a datagram to each; there is no multicast underneath"),
        R("Section4_3", MUST, "a VTEP fragments nothing"),
        R("Section5Flag", MUST, "a datagram without the I flag carries no VNI"),
        R("Section5Reserved", MUST, "reserved bits are zero, and ignored on receipt"),
        R("Section5SourcePort", SHOULD, "the source port is of the flow inside, from 49152 to 65535", mode="one of sixteen for each endpoint"),
        R("Section5Checksum", SHOULD, "the outer checksum is zero; either is received",
          mode="with outer-checksum zero; it is computed by default, as Linux does, which protects the VNI and the inner addresses"),
        R("Section6_1", SHOULD, "an inner VLAN tag is dropped unless configured otherwise", mode="as by any port that is no trunk"),
    ]),
]
