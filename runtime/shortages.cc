#include "runtime/shortages.h"

#include <fmt/format.h>

#include "runtime/log.h"

namespace hairpin::runtime {

void Shortages::look(Timestamp now) {
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        const std::uint64_t refused = ledger_.dropped_for(kKinds[i].reason);
        if (refused == told_[i] || now < quiet_until_[i]) continue;
        log::warn(fmt::format("event=shortage reason={} refused={} {} (see {})", name_of(kKinds[i].reason), refused - told_[i],
                              description_of(kKinds[i].reason), kKinds[i].advice));
        told_[i] = refused;
        quiet_until_[i] = now + kBetweenAlarms;
    }
}

}  // namespace hairpin::runtime
