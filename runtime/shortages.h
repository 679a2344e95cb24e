#pragma once
// An alarm when something of the gateway's is used up (RFC 6888 REQ-11): its ports, its sessions, or what a host may have of them. A
// warning in the log at the first packet that is refused for it, and again every ten seconds for as long as more are.

#include <array>
#include <cstdint>

#include "gateway/edge_gateway.h"
#include "net/ledger.h"

namespace hairpin::runtime {

class Shortages {
public:
    static constexpr Duration kBetweenAlarms = std::chrono::seconds{10};

    explicit Shortages(const Ledger& ledger) : ledger_(ledger) {}
    // Called now and then.
    void look(Timestamp now);

private:
    struct Kind {
        DropReason reason;
        std::string_view advice;
    };
    static constexpr auto kKinds = std::to_array<Kind>({
        {DropReason::nat_exhausted, "show nat pools"},
        {DropReason::nat_quota, "show nat subscribers, show nat port-blocks"},
        {DropReason::session_table_full, "show sessions summary, and sessions capacity"},
        {DropReason::session_limit, "show sessions limits"},
    });

    const Ledger& ledger_;
    std::array<std::uint64_t, kKinds.size()> told_{};
    std::array<Timestamp, kKinds.size()> quiet_until_{};
};

}  // namespace hairpin::runtime
