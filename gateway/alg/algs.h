#pragma once
// What the application layer gateways know of the sessions that they listen to. All are off by default; a session that none listens to costs
// a packet one branch.
//
//   control session   has_alg: a FtpDialog or a SipDialog by its serial number; of TFTP nothing is kept
//   expectation       what it has announced and what has not come
//   related session   what has come: it was made as the expectation said, passes by the control session's rule, and lives on without it
//
// Whether a commit lets a related session go on is decided as for its control session, as that was when the flow began.
// Owned by one gateway. At most kMostDialogs sessions of FTP, and as many of SIP, are listened to at once; others pass like any.

#include <array>
#include <cstdint>
#include <unordered_map>

#include "gateway/alg/expectations.h"
#include "gateway/alg/ftp_dialog.h"

namespace hairpin::gateway {

struct AlgCounters {
    std::uint64_t followed = 0;   // control sessions that are, or were, listened to
    std::uint64_t announced = 0;  // flows that they have announced, and that were awaited
    std::uint64_t arrived = 0;    // of those
    std::uint64_t rewritten = 0;  // announcements whose text was changed
    std::uint64_t refused = 0;    // announcements of another's address, of a port below 1024, or too long to be changed
    std::uint64_t unread = 0;     // messages that are not, or not exactly, what they seem to be
    std::uint64_t split = 0;      // announcements that did not stand in one segment alone
    std::uint64_t stopped = 0;    // sessions that turned out to be something else, or of which something was missed
    std::uint64_t no_room = 0;    // flows that were not awaited, because a table or the ports were used up
};

// How the two sides of a SIP session write themselves.
struct SipDialog {
    std::array<bool, 2> without_port{};  // each leaves its own 5060 out (gateway/alg/sip_names.h)
};

struct RelatedSession {
    AlgKind alg{};
    Direction announced{};  // of the control session; the related one's original direction is the opposite
    Session control;        // as it was
};

struct Algs {
    static constexpr std::size_t kMostDialogs = 4096;
    static constexpr std::uint16_t kLowestPort = 1024;  // services below are nobody's to announce

    explicit Algs(HashKey secret) : expectations(secret) {}

    const FtpDialog* dialog_of(const Session& session) const {
        const auto found = dialogs.find(session.serial);
        return found == dialogs.end() ? nullptr : &found->second;
    }
    FtpDialog* dialog_of(const Session& session) {
        return const_cast<FtpDialog*>(static_cast<const Algs*>(this)->dialog_of(session));
    }
    SipDialog* sip_of(const Session& session) {
        const auto found = sip_dialogs.find(session.serial);
        return found == sip_dialogs.end() ? nullptr : &found->second;
    }
    // nullptr: nobody has announced it.
    const RelatedSession* related(const Session& session) const {
        const auto found = session.related ? relations.find(session.serial) : relations.end();
        return found == relations.end() ? nullptr : &found->second;
    }
    AlgCounters& of(AlgKind kind) { return counters[static_cast<std::size_t>(kind)]; }
    const AlgCounters& of(AlgKind kind) const { return counters[static_cast<std::size_t>(kind)]; }

    Expectations expectations;
    std::unordered_map<std::uint32_t, FtpDialog> dialogs;         // by the control session's serial number
    std::unordered_map<std::uint32_t, SipDialog> sip_dialogs;     // the same
    std::unordered_map<std::uint32_t, RelatedSession> relations;  // by the related session's
    std::array<AlgCounters, kAlgKinds> counters;
};

}  // namespace hairpin::gateway
