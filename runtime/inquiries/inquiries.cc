#include "runtime/inquiries/inquiries.h"

#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

Inquiries::~Inquiries() { worker_.gateway().listen(nullptr); }

Result<Inquiries::Token> Inquiries::begin(Make make, const nlohmann::json& parameters, Inquiry::Listener listener) {
    if (inquiries_.size() == kMost)
        return failure("there are " + std::to_string(kMost) + " pings and traceroutes already: wait until one has ended");
    if (!worker_.gateway().has_rules()) return failure("the gateway has no rules yet");
    auto inquiry = make(worker_, parameters, std::move(listener));
    if (!inquiry) return tl::unexpected(inquiry.error());
    if (inquiries_.empty()) {
        auto ticker = Ticker::start(loop_, kTurn, [this] { look(monotonic_now()); });
        if (!ticker) return tl::unexpected(ticker.error());
        ticker_ = std::move(*ticker);
        worker_.gateway().listen(this);
    }
    inquiries_[++last_token_] = {std::move(*inquiry)};
    return last_token_;
}

void Inquiries::forget(Token token) {
    if (const auto found = inquiries_.find(token); found != inquiries_.end()) found->second.over = true;
}

void Inquiries::look(Timestamp now) {
    for_each([&](Entry& entry) {
        if (!entry.inquiry->look(now)) entry.over = true;
    });
    std::erase_if(inquiries_, [](const auto& row) { return row.second.over; });
    if (!inquiries_.empty()) return;
    worker_.gateway().listen(nullptr);
    ticker_ = {};
}

void Inquiries::received(const FrameView& packet, Timestamp now) {
    if (packet.ipv4().protocol() != IpProtocol::icmp || !packet.has_l4()) return;
    const IcmpHeader& icmp = packet.icmp();
    if (icmp.type() == IcmpType::echo_reply) {
        const Inquiry::EchoAnswer answer{icmp.identifier.value(), icmp.sequence.value(), packet.ipv4().source,
                                         packet.ipv4().time_to_live, packet.l4_bytes().size()};
        for_each([&](Entry& entry) { entry.inquiry->hear(answer, now); });
        return;
    }
    if (!icmp.is_error()) return;
    const QuotedView quoted = QuotedView::parse(packet.l4_bytes().subspan(sizeof(IcmpHeader)));
    if (!quoted || quoted.ipv4().protocol() != IpProtocol::icmp) return;
    const bool with_mtu = icmp.type() == IcmpType::destination_unreachable && icmp.code == unreachable::kFragmentationNeeded;
    const Inquiry::EchoError error{quoted.icmp().identifier.value(),
                                   quoted.icmp().sequence.value(),
                                   packet.ipv4().source,
                                   icmp.type(),
                                   icmp.code,
                                   with_mtu ? icmp.sequence.value() : std::uint16_t{0}};
    for_each([&](Entry& entry) { entry.inquiry->hear(error, now); });
}

void Inquiries::heard_arp(InterfaceId inbound, const ArpHeader& arp, Timestamp now) {
    for_each([&](Entry& entry) { entry.inquiry->hear_arp(inbound, arp, now); });
}

}  // namespace hairpin::runtime
