#pragma once
// Those who are told of something as it happens. Being told may end a subscription, one's own or another's (a client that reads too
// slowly is cut off, and with it all that it has subscribed to): whoever leaves while all are being told is told no more, and the
// memory goes when everybody has been.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace hairpin::runtime {

using SubscriptionToken = std::uint64_t;

template <class Subscriber>
class Subscribers {
public:
    SubscriptionToken add(Subscriber subscriber) {
        entries_.push_back(std::make_unique<Entry>(Entry{++last_token_, false, std::move(subscriber)}));
        return last_token_;
    }
    void remove(SubscriptionToken token) {
        for (const auto& entry : entries_)
            if (entry->token == token) entry->gone = true;
        sweep();
    }
    bool empty() const {
        return std::all_of(entries_.begin(), entries_.end(), [](const auto& entry) { return entry->gone; });
    }
    template <class Condition>
    bool any(Condition&& condition) const {
        return std::any_of(entries_.begin(), entries_.end(),
                           [&](const auto& entry) { return !entry->gone && condition(entry->subscriber); });
    }
    // Calls `tell(Subscriber&)` for each; who comes meanwhile is not told. False from `tell` ends the subscription.
    template <class Tell>
    void tell(Tell&& tell) {
        ++telling_;
        for (std::size_t i = 0, count = entries_.size(); i < count; ++i)
            if (Entry& entry = *entries_[i]; !entry.gone && !tell(entry.subscriber)) entry.gone = true;
        --telling_;
        sweep();
    }

private:
    struct Entry {
        SubscriptionToken token;
        bool gone;
        Subscriber subscriber;
    };
    void sweep() {
        if (telling_ == 0) std::erase_if(entries_, [](const auto& entry) { return entry->gone; });
    }

    std::vector<std::unique_ptr<Entry>> entries_;
    SubscriptionToken last_token_ = 0;
    unsigned telling_ = 0;  // how deep
};

}  // namespace hairpin::runtime
