#pragma once
// How full the NAT's addresses are: of each translated source address and protocol, how many sessions stand behind it now, and how many
// did when it was most.
//
// Owned by one gateway, which tells it of every translated session that comes and goes; nothing is asked per packet. Remembers at most
// kMostEntries addresses and protocols; sessions of others are counted together, and `untracked` says how many.

#include <cstdint>
#include <unordered_map>

#include "net/flow_key.h"

namespace hairpin::gateway {

class PoolUsage {
public:
    static constexpr std::size_t kMostEntries = 65536;

    struct Use {
        std::uint64_t now = 0, most = 0;  // sessions
    };

    // `translated`: what the packets of a session look like when they leave.
    void taken(const Ipv4FlowKey& translated) {
        if (uses_.size() == kMostEntries && !uses_.contains(entry_of(translated))) {
            ++untracked_;
            return;
        }
        Use& use = uses_[entry_of(translated)];
        if (++use.now > use.most) use.most = use.now;
    }
    void given_back(const Ipv4FlowKey& translated) {
        if (const auto found = uses_.find(entry_of(translated)); found != uses_.end() && found->second.now > 0)
            --found->second.now;
        else if (untracked_ > 0)
            --untracked_;
    }
    // The most of each is what it is now.
    void forget_most() {
        for (auto& [entry, use] : uses_) use.most = use.now;
    }

    // `visit(Ipv4Address, IpProtocol, const Use&)`, in no particular order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& [entry, use] : uses_)
            visit(Ipv4Address{static_cast<std::uint32_t>(entry >> 8)}, static_cast<IpProtocol>(entry & 0xff), use);
    }
    std::uint64_t untracked() const { return untracked_; }

private:
    static std::uint64_t entry_of(const Ipv4FlowKey& translated) {
        return std::uint64_t{translated.source.number()} << 8 | static_cast<std::uint8_t>(translated.protocol);
    }

    std::unordered_map<std::uint64_t, Use> uses_;
    std::uint64_t untracked_ = 0;
};

}  // namespace hairpin::gateway
