#include "runtime/packet_filter.h"

#include <fmt/format.h>
#include <pcap.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "net/ipv6_address.h"
#include "net/mac_address.h"
#include "net/packet_pool.h"

namespace hairpin::runtime {

namespace {

constexpr char kPath[] = "filter";

// The words of the language that make sense on Ethernet, in alphabetical order, with a space before and behind each.
constexpr std::string_view kWords =
    " aarp ah and arp atalk broadcast byte carp clnp decnet dst esis esp ether fddi geneve greater host icmp icmp6 "
    "icmp6-destinationunreach icmp6-echo icmp6-echoreply icmp6-multicastlistenerdone icmp6-multicastlistenerquery "
    "icmp6-multicastlistenerreportv1 icmp6-neighboradvert icmp6-neighborsolicit icmp6-packettoobig "
    "icmp6-parameterproblem icmp6-redirect icmp6-routeradvert icmp6-routersolicit icmp6-timeexceeded icmp6code "
    "icmp6type icmp-echo icmp-echoreply icmp-ireq icmp-ireqreply icmp-maskreply icmp-maskreq icmp-paramprob "
    "icmp-redirect icmp-routeradvert icmp-routersolicit icmp-sourcequench icmp-timxceed icmp-tstamp "
    "icmp-tstampreply icmp-unreach icmpcode icmptype igmp igrp ip ip6 ipx isis iso lat len length less link llc "
    "mask mopdl moprc mpls multicast net netbeui not or pim port portrange pppoed pppoes proto protochain rarp sctp "
    "src stp tcp tcp-ack tcp-cwr tcp-ece tcp-fin tcp-push tcp-rst tcp-syn tcp-urg tcpflags udp vlan vrrp ";
// Behind these a name may follow that a file of the system explains.
constexpr std::string_view kBeforeNames = " port portrange proto protochain ";

bool in_word(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '-' || letter == '_' || letter == '.' || letter == ':';
}

// Numbers and addresses, as 80, 6000-6010, 0x800, 192.0.2.1, 02:00:00:00:00:01, 2001:db8::1, and the 2:4 of tcp[2:4]. Nothing else that looks
// like one: libpcap would take "1a.de" for the name of a host.
bool is_number_or_address(std::string_view word) {
    constexpr std::string_view kDigits = "0123456789";
    if (word.starts_with("0x")) return word.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
    if (!word.empty() && kDigits.find(word[0]) != std::string_view::npos &&
        word.find_first_not_of("0123456789.:-") == std::string_view::npos)
        return true;
    return Ipv6Address::parse(word).has_value() || MacAddress::parse(word).has_value();
}

bool contains(std::string_view words, std::string_view word) {
    return words.find(fmt::format(" {} ", word)) != std::string_view::npos;
}

// The first word that libpcap would have to ask somebody about. One behind a backslash is a name, whatever it looks like.
std::optional<std::string> foreign_word(std::string_view text) {
    std::string_view before;
    while (true) {
        const auto* const begin = std::find_if(text.begin(), text.end(), in_word);
        if (begin == text.end()) return std::nullopt;
        const bool escaped = begin != text.begin() && *(begin - 1) == '\\';
        const std::string_view word{begin, std::find_if_not(begin, text.end(), in_word)};
        const bool known = !escaped && (contains(kWords, word) || is_number_or_address(word));
        if (!known && !contains(kBeforeNames, before)) return std::string{word};
        before = word;
        text = std::string_view{word.end(), text.end()};
    }
}

}  // namespace

void PacketFilter::Discard::operator()(bpf_program* program) const {
    pcap_freecode(program);
    delete program;
}

Result<PacketFilter> PacketFilter::compile(const std::string& text) {
    PacketFilter filter;
    if (text.empty()) return filter;
    if (text.size() > kLongest) return failure(fmt::format("the filter is longer than {} characters", kLongest), kPath);
    if (const auto word = foreign_word(text))
        return failure(
            fmt::format("\"{}\" is no word of a filter, and nobody is asked for names: use addresses and numbers", *word), kPath);

    const std::unique_ptr<pcap_t, decltype(&pcap_close)> ethernet{
        pcap_open_dead(DLT_EN10MB, static_cast<int>(PacketPool::kLargestFrame)), pcap_close};
    ensure(ethernet != nullptr);
    auto program = std::make_unique<bpf_program>();
    if (pcap_compile(ethernet.get(), program.get(), text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
        return failure(pcap_geterr(ethernet.get()), kPath);
    filter.program_.reset(program.release());
    return filter;
}

bool PacketFilter::matches(std::span<const std::byte> frame) const {
    if (!program_) return true;
    pcap_pkthdr header{};
    header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
    return pcap_offline_filter(program_.get(), &header, reinterpret_cast<const u_char*>(frame.data())) != 0;
}

}  // namespace hairpin::runtime
