#include "runtime/packet_tracer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/checksum.h"
#include "net/frame_view.h"
#include "runtime/clock.h"
#include "runtime/passage_view.h"
#include "runtime/session_filter.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using gateway::EdgeGateway;
using nlohmann::json;

namespace {

constexpr std::uint16_t kAnyIdentifier = 0x7261;
constexpr std::size_t kLargestPayload = 65000;

// What the user asks about.
struct Question {
    Ipv4FlowKey key;
    InterfaceId interface {};
    std::uint8_t ttl = 64;
    std::size_t payload = 0;
    bool dont_fragment = true;
    std::uint8_t tcp_flags = TcpHeader::kSyn;
    std::uint32_t tcp_sequence = 0, tcp_acknowledgment = 0;
    std::uint8_t icmp_type = static_cast<std::uint8_t>(IcmpType::echo_request);
};

struct FlagName {
    std::string_view name;
    std::uint8_t flag;
};
constexpr auto kFlagNames = std::to_array<FlagName>({{"syn", TcpHeader::kSyn},
                                                     {"ack", TcpHeader::kAck},
                                                     {"fin", TcpHeader::kFin},
                                                     {"rst", TcpHeader::kRst},
                                                     {"psh", TcpHeader::kPsh}});

// "syn,ack" and the like.
std::optional<std::uint8_t> parse_flags(std::string_view text) {
    std::uint8_t flags = 0;
    while (!text.empty()) {
        const auto end = text.find_first_of(",|+ ");
        const auto word = text.substr(0, end);
        const auto found =
            std::find_if(kFlagNames.begin(), kFlagNames.end(), [&](const FlagName& row) { return row.name == word; });
        if (found == kFlagNames.end()) return std::nullopt;
        flags |= found->flag;
        text = end == std::string_view::npos ? "" : text.substr(end + 1);
    }
    return flags;
}

Result<Question> parse_question(const gateway::Ruleset& ruleset, const json& parameters) {
    if (!parameters.is_object()) return failure("trace wants protocol, source, destination and interface");
    const auto text = [&](const char* name) {
        return parameters.contains(name) && parameters[name].is_string() ? parameters[name].get<std::string>() : std::string{};
    };
    Question question;
    const auto protocol = parse_ip_protocol(text("protocol"));
    if (protocol != IpProtocol::tcp && protocol != IpProtocol::udp && protocol != IpProtocol::icmp)
        return failure(fmt::format("protocol \"{}\" cannot be traced: tcp, udp or icmp", text("protocol")), "protocol");
    question.key.protocol = *protocol;
    const bool icmp = protocol == IpProtocol::icmp;
    for (const char* side : {"source", "destination"}) {
        const auto endpoint = EndpointFilter::parse(text(side));
        if (!endpoint || (!endpoint->port && !icmp))
            return failure(fmt::format("{} \"{}\" is no {}", side, text(side), icmp ? "address" : "address:port"), side);
        const L4Port port = endpoint->port.value_or(L4Port{kAnyIdentifier});
        if (std::string_view{side} == "source")
            question.key.source = endpoint->address, question.key.source_port = port;
        else
            question.key.destination = endpoint->address, question.key.destination_port = icmp ? question.key.source_port : port;
    }
    const auto interface = ruleset.interface_id(text("interface"));
    if (!interface) {
        std::string known;
        for (const auto& candidate : ruleset.interfaces)
            if (candidate.present()) known += (known.empty() ? "" : ", ") + candidate.name;
        return failure(fmt::format("there is no interface \"{}\": {}", text("interface"), known), "interface");
    }
    question.interface = *interface;
    const auto number = [&](const char* name, std::uint64_t largest, std::uint64_t otherwise) -> Result<std::uint64_t> {
        if (!parameters.contains(name)) return otherwise;
        const json& value = parameters[name];
        if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::uint64_t>() > largest)
            return failure(fmt::format("{} must be a number up to {}", name, largest), name);
        return value.get<std::uint64_t>();
    };
    const auto ttl = number("ttl", 255, 64), size = number("size", kLargestPayload, 0);
    if (!ttl) return tl::unexpected(ttl.error());
    if (!size) return tl::unexpected(size.error());
    question.ttl = static_cast<std::uint8_t>(*ttl);
    question.payload = *size;
    if (parameters.contains("df")) question.dont_fragment = parameters["df"].is_boolean() && parameters["df"].get<bool>();
    if (parameters.contains("flags")) {
        const auto flags = parse_flags(text("flags"));
        if (!flags)
            return failure(fmt::format("flags \"{}\" are none: syn, ack, fin, rst, psh, joined by commas", text("flags")),
                           "flags");
        question.tcp_flags = *flags;
    }
    return question;
}

std::size_t l4_header_length(IpProtocol protocol) {
    return protocol == IpProtocol::tcp ? sizeof(TcpHeader) : protocol == IpProtocol::udp ? sizeof(UdpHeader) : sizeof(IcmpHeader);
}

// The packet as its sender would make it, for the gateway's MAC on that interface. Where ARP does not know the sender's, it has none, which is
// no rule's.
PacketPtr make_packet(PacketPool& pool, const Question& question, const EdgeGateway& gateway) {
    const MacAddress gateway_mac = gateway.ruleset().interfaces[index_of(question.interface)].mac;
    const MacAddress sender = gateway.sender_of(question.interface, question.key.source).value_or(MacAddress{});
    const std::size_t l4_length = l4_header_length(question.key.protocol) + question.payload;
    const std::size_t l3_length = sizeof(Ipv4Header) + l4_length;
    PacketPtr packet = pool.take_for(sizeof(EthernetHeader) + l3_length);
    if (!packet) return nullptr;
    packet->resize(sizeof(EthernetHeader) + l3_length);
    std::memset(packet->data(), 0, packet->size());

    auto& ethernet = *new (packet->data()) EthernetHeader;
    ethernet.destination = gateway_mac;
    ethernet.source = sender;
    ethernet.type = Be16{static_cast<std::uint16_t>(EtherType::ipv4)};
    auto& ip = *new (packet->data() + sizeof(EthernetHeader)) Ipv4Header;
    ip.total_length = Be16{static_cast<std::uint16_t>(l3_length)};
    if (question.dont_fragment) ip.flags_and_offset = Be16{Ipv4Header::kDontFragment};
    ip.time_to_live = question.ttl;
    ip.protocol_number = static_cast<std::uint8_t>(question.key.protocol);
    ip.source = question.key.source;
    ip.destination = question.key.destination;
    ip.checksum = checksum_of(packet->bytes().subspan(sizeof(EthernetHeader), sizeof(Ipv4Header)));

    std::byte* l4 = packet->data() + sizeof(EthernetHeader) + sizeof(Ipv4Header);
    const std::span<const std::byte> l4_bytes{l4, l4_length};
    ChecksumSum sum = pseudo_header_sum(ip.source, ip.destination, question.key.protocol, l4_length);
    if (question.key.protocol == IpProtocol::tcp) {
        auto& tcp = *new (l4) TcpHeader;
        tcp.source_port = Be16{question.key.source_port.number()};
        tcp.destination_port = Be16{question.key.destination_port.number()};
        tcp.flags = question.tcp_flags;
        tcp.sequence = Be32{question.tcp_sequence};
        if (tcp.has(TcpHeader::kAck)) tcp.acknowledgment = Be32{question.tcp_acknowledgment};
        tcp.window = Be16{64240};
        tcp.checksum = sum.add(l4_bytes).checksum();
    } else if (question.key.protocol == IpProtocol::udp) {
        auto& udp = *new (l4) UdpHeader;
        udp.source_port = Be16{question.key.source_port.number()};
        udp.destination_port = Be16{question.key.destination_port.number()};
        udp.length = Be16{static_cast<std::uint16_t>(l4_length)};
        udp.checksum = sum.add(l4_bytes).checksum();
    } else {
        auto& icmp = *new (l4) IcmpHeader;
        icmp.type_number = question.icmp_type;
        icmp.identifier = Be16{question.key.source_port.number()};
        icmp.checksum = checksum_of(l4_bytes);
    }
    return packet;
}

// Of a connection that lives, the segment that is its sender's turn: what is outside of its windows nobody asks about.
void continue_connection(Question& question, const EdgeGateway& gateway) {
    const auto flow = gateway.sessions().find(question.key);
    if (!flow || question.key.protocol != IpProtocol::tcp || (question.tcp_flags & TcpHeader::kSyn) != 0) return;
    const gateway::TcpTrack& track = gateway.sessions()[flow->session].tcp;
    question.tcp_sequence = track.end[index_of(flow->direction)];
    question.tcp_acknowledgment = track.end[index_of(opposite(flow->direction))];
}

// What the receiver of the forwarded packet would answer.
Question answer_to(const gateway::Session& session, const Question& question, InterfaceId interface) {
    Question answer = question;
    answer.key = session.reply_key;
    answer.interface = interface;
    answer.ttl = 64;
    const bool syn = (question.tcp_flags & TcpHeader::kSyn) != 0;
    answer.tcp_flags = TcpHeader::kAck | (syn ? TcpHeader::kSyn : std::uint8_t{0});
    answer.tcp_sequence = question.tcp_acknowledgment;
    answer.tcp_acknowledgment = question.tcp_sequence + static_cast<std::uint32_t>(question.payload) + (syn ? 1U : 0U);
    answer.icmp_type = static_cast<std::uint8_t>(IcmpType::echo_reply);
    return answer;
}

// An endpoint without its port, which is chosen anew each time where it is translated.
std::string address_part(const json& endpoint) {
    const std::string text = endpoint.is_string() ? endpoint.get<std::string>() : "-";
    return text.substr(0, text.find(':'));
}

std::string shown(const json& value) {
    return value.is_null() ? "none" : value.is_string() ? value.get<std::string>() : value.dump();
}

// What the reader of two answers would look for.
json differences_between(const json& running, const json& supposed) {
    struct Aspect {
        const char *key, *title;
    };
    constexpr Aspect kAspects[] = {
        {"verdict", "verdict"},        {"drop_reason", "dropped for"}, {"firewall_rule", "firewall rule"},
        {"dnat_rule", "dnat rule"},    {"snat_rule", "snat rule"},     {"translated_destination", "sent to"},
        {"out_interface", "leaves by"}};
    json differences = json::array();
    const auto note = [&](const char* title, const std::string& before, const std::string& after) {
        if (before != after) differences.push_back(fmt::format("{}: {} now, {} then", title, before, after));
    };
    for (const Aspect& aspect : kAspects) note(aspect.title, shown(running[aspect.key]), shown(supposed[aspect.key]));
    note("sent from", address_part(running["translated_source"]), address_part(supposed["translated_source"]));
    return differences;
}

}  // namespace

Result<json> trace_packet(Worker& worker, const json& parameters) {
    EdgeGateway& gateway = worker.gateway();
    if (!gateway.has_rules()) return failure("trace: the gateway has no rules yet");
    const gateway::Ruleset& ruleset = gateway.ruleset();
    auto question = parse_question(ruleset, parameters);
    if (!question) return tl::unexpected(question.error());

    const Timestamp now = monotonic_now();
    continue_connection(*question, gateway);
    PacketPtr packet = make_packet(worker.pool(), *question, gateway);
    if (!packet) return failure("trace: no packet buffer is free");
    const gateway::Passage there = gateway.probe(question->interface, std::move(packet), now);

    json result = passage_view(there, ruleset);
    result["out_port"] = egress_port_of(there, worker);
    if (!there.forwarded || !there.session) return result;

    const Question answer = answer_to(*there.session, *question, there.outbound);
    PacketPtr reply = make_packet(worker.pool(), answer, gateway);
    if (!reply) return failure("trace: no packet buffer is free");
    const gateway::Passage back = gateway.probe_reply(there, std::move(reply), now);
    result["reply"] = {{"verdict", verdict_of(back)},
                       {"drop_reason", back.drop ? json(name_of(*back.drop)) : json(nullptr)},
                       {"steps", steps_of(back)}};
    return result;
}

Result<json> trace_packet_under(gateway::RulesetPtr ruleset, Worker& worker, const json& parameters) {
    const auto running = trace_packet(worker, parameters);
    const EdgeGateway::Supposition supposed{worker.gateway(), std::move(ruleset)};
    auto answer = trace_packet(worker, parameters);
    if (!answer) return answer;
    (*answer)["differences"] = running ? differences_between(*running, *answer) : json::array({running.error().message});
    (*answer)["running"] = running ? *running : json(nullptr);
    return answer;
}

}  // namespace hairpin::runtime
