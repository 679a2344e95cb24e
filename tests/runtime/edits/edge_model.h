#pragma once
// What a gateway under test must do with a packet: what one that has just begun would do under the rules in force, or what the session
// that the packet belongs to allows.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/compile.h"
#include "tests/runtime/edits/edge_traffic.h"

namespace hairpin::runtime {

class EdgeModel {
public:
    struct KnownSession {
        Ipv4FlowKey original, reply;
        std::uint64_t id = 0;
        InterfaceId inbound{}, outbound{};
        Ipv4Address next_hop;          // of the original direction
        std::uint64_t generation = 0;  // of the rules that its last packet met
    };
    // What became of sessions under other rules than those that they were made by.
    struct Fates {
        std::size_t kept = 0, ended = 0;
    };

    explicit EdgeModel(const config::Configuration& configuration);
    ~EdgeModel();
    // Another configuration is in force: a gateway that knows nothing else begins with it. Sessions are those of the gateway under test.
    void adopt(const config::Configuration& configuration);

    // What is wrong with a packet's fate; nothing when it is as it must be. Learns which session it began, or ended.
    std::optional<std::string> objection(const Station& from, const Ipv4FlowKey& key, Place place,
                                         const std::optional<Fate>& fate);
    const std::vector<KnownSession>& sessions() const { return sessions_; }
    const Fates& fates() const { return fates_; }

private:
    struct Beginner;
    KnownSession* find(const Ipv4FlowKey& key);
    bool goes_on(KnownSession& session) const;
    std::optional<std::string> objection_to_going_on(const KnownSession& session, const Ipv4FlowKey& key, const Fate& fate) const;
    std::optional<std::string> objection_to_beginning(const Fate& fate, const Fate& beginners);
    bool chose_another_target(const gateway::Decision& is, const gateway::Decision& must) const;
    void remember(const Fate& fate);
    bool arrives(const Fate& fate) const;

    std::unique_ptr<Beginner> beginner_;
    std::vector<KnownSession> sessions_;
    Fates fates_;
};

}  // namespace hairpin::runtime
