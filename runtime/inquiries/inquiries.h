#pragma once
// The inquiries that go on, each for one client. While there is one, time is turned for it and the gateway's own answers are listened to;
// without any, nothing is.
//
// At most kMost at once; one more is refused. One whose client goes away ends.

#include <map>

#include "runtime/inquiries/inquiry.h"
#include "runtime/watch.h"

namespace hairpin::runtime {

class Inquiries final : public gateway::OwnTraffic {
public:
    static constexpr std::size_t kMost = 32;
    static constexpr std::chrono::milliseconds kTurn{10};

    // Both outlive this.
    Inquiries(EventLoop& loop, Worker& worker) : loop_(loop), worker_(worker) {}
    ~Inquiries() override;

    using Make = Result<std::unique_ptr<Inquiry>> (*)(Worker& worker, const nlohmann::json& parameters,
                                                      Inquiry::Listener listener);
    using Token = std::uint64_t;
    // An Error's path is the parameter that is wrong; without one it is that there are too many.
    Result<Token> begin(Make make, const nlohmann::json& parameters, Inquiry::Listener listener);
    void forget(Token token);
    // Turns time for all of them; the loop does so by itself.
    void look(Timestamp now);

    void received(const FrameView& packet, Timestamp now) override;
    void heard_arp(InterfaceId inbound, const ArpHeader& arp, Timestamp now) override;

private:
    // One whose client went away in the middle of somebody's turn is over, and gone at the end of the next.
    struct Entry {
        std::unique_ptr<Inquiry> inquiry;
        bool over = false;
    };
    template <class Tell>
    void for_each(Tell&& tell) {
        for (auto& [token, entry] : inquiries_)
            if (!entry.over) tell(entry);
    }

    EventLoop& loop_;
    Worker& worker_;
    Ticker ticker_;
    std::map<Token, Entry> inquiries_;
    Token last_token_ = 0;
};

}  // namespace hairpin::runtime
