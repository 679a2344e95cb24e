#include "gateway/syn_proxy/syn_proxy.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>

#include "net/big_endian.h"
#include "net/tcp_options.h"

namespace hairpin::gateway {

namespace {

constexpr std::uint8_t kLargestWindowScale = 14;  // RFC 7323 §2.3

std::uint16_t scaled(std::uint16_t window, unsigned up, unsigned down) {
    return static_cast<std::uint16_t>(std::min(std::uint32_t{window} << up >> down, 0xffffU));
}

}  // namespace

ClientSyn read_syn(const FrameView& frame) {
    const TcpHeader& header = frame.tcp();
    const std::span<const std::byte> options =
        frame.l4_bytes().subspan(sizeof(TcpHeader), header.header_length() - sizeof(TcpHeader));
    ClientSyn syn{.sequence = header.sequence.value()};
    if (const auto size = tcp_option(options, kTcpMaximumSegmentSize); size.size() == sizeof(Be16)) {
        Be16 said;
        std::memcpy(&said, size.data(), sizeof said);
        syn.mss = said.value();
    }
    if (const auto scale = tcp_option(options, kTcpWindowScale); scale.size() == 1)
        syn.window_scale = std::min(std::to_integer<std::uint8_t>(scale[0]), kLargestWindowScale);
    syn.selective_acknowledgments = has_tcp_option(options, kTcpSelectiveAcknowledgmentsPermitted);
    return syn;
}

SynOptions::SynOptions(std::uint16_t mss, std::optional<std::uint8_t> window_scale, bool selective_acknowledgments) {
    constexpr unsigned kNothing = 1;
    const auto put = [&](std::initializer_list<unsigned> bytes) {
        for (const unsigned byte : bytes) bytes_[size_++] = static_cast<std::byte>(byte);
    };
    put({kTcpMaximumSegmentSize, 4, static_cast<unsigned>(mss >> 8), mss & 0xffU});
    if (window_scale) put({kNothing, kTcpWindowScale, 3, *window_scale});
    if (selective_acknowledgments) put({kNothing, kNothing, kTcpSelectiveAcknowledgmentsPermitted, 2});
}

std::uint16_t Splice::window_to_server(std::uint16_t said) const {
    return client_scale == kNoScale || server_scale != kNoScale ? said : scaled(said, client_scale, 0);
}

std::uint16_t Splice::window_to_client(std::uint16_t said) const {
    return client_scale == kNoScale ? said : scaled(said, server_scale == kNoScale ? 0 : server_scale, kScaleSaid);
}

void SynProxy::wait_for(SessionIndex session, std::uint32_t serial, Timestamp now) {
    if (waiting_.size() < kMostWaiting) waiting_.push_back({session, serial, now + kPatience, 0});
}

}  // namespace hairpin::gateway
