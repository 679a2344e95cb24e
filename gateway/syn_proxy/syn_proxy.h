#pragma once
// Connections whose handshake the gateway has made itself (RFC 4987 §3.7): the server hears of a client only after the client has shown that it
// gets what is sent to its address.
//
//   client                       gateway                        server
//     │ ── SYN ───────────────────► │                              │
//     │ ◄─ SYN-ACK cookie, window 0 │    nothing is kept           │
//     │ ── ACK cookie+1 ──────────► │ ── SYN as it was ──────────► │     a session begins, and waits for the server
//     │                             │ ◄─ SYN-ACK ───────────────── │
//     │ ◄─ ACK, the server's window │ ── ACK ────────────────────► │     from now on both are spliced
//
// The client knows the server by the cookie's numbers, so all that the server sends is shifted, and what the client acknowledges is shifted
// back; the session is kept in the numbers that each side has sent. The gateway says a window scale before it knows the server's, so windows
// are converted where the two differ.
//
// Owned by one gateway. Splices stand beside the sessions, as many as there can be. A server that does not answer is asked again after 1, 3, 7
// and 15 s, and after 31 s its client is refused by a RST; kMostWaiting servers at once, and those beyond are asked once.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "gateway/sessions/session.h"
#include "gateway/syn_proxy/syn_cookies.h"
#include "net/frame_view.h"
#include "net/reserved_array.h"
#include "net/time.h"

namespace hairpin::gateway {

// What a whole SYN says.
ClientSyn read_syn(const FrameView& frame);

// The options of a SYN or SYN-ACK: the largest segment, and the others only where they are wanted. A multiple of 4 bytes.
class SynOptions {
public:
    SynOptions(std::uint16_t mss, std::optional<std::uint8_t> window_scale, bool selective_acknowledgments);
    std::span<const std::byte> bytes() const { return std::span{bytes_}.first(size_); }

private:
    std::array<std::byte, 12> bytes_;
    std::size_t size_ = 0;
};

// Of one session.
struct Splice {
    static constexpr std::uint8_t kScaleSaid = 7;  // the gateway's, in a server's name
    static constexpr std::uint8_t kNoScale = 0xff;

    std::uint32_t shift;        // of the server's numbers, to those that the client knows; before it is open the cookie
    std::uint16_t mss;          // of the client's SYN, like the next two
    std::uint8_t client_scale;  // kNoScale: the client scales no windows
    bool selective_acknowledgments;
    std::uint16_t client_window;  // as the client said it with the cookie
    std::uint8_t server_scale;    // kNoScale: the server scales none, and so neither does the client towards it
    bool open;                    // the server has answered

    std::uint32_t as_client_knows(std::uint32_t of_server) const { return of_server + shift; }
    std::uint32_t as_server_knows(std::uint32_t of_client) const { return of_client - shift; }
    // What a window field becomes on its way.
    std::uint16_t window_to_server(std::uint16_t said) const;
    std::uint16_t window_to_client(std::uint16_t said) const;
};

struct SynProxyCounters {
    std::uint64_t answered = 0;  // SYNs, by a cookie
    std::uint64_t returned = 0;  // cookies: sessions that began
    std::uint64_t opened = 0;    // by the server
    std::uint64_t refused = 0;   // by the server
    std::uint64_t silent = 0;    // servers that never answered
};

class SynProxy {
public:
    static constexpr std::size_t kMostWaiting = 65536;
    static constexpr unsigned kTries = 4;  // after the first

    SynProxy(std::size_t sessions, HashKey secret) : cookies_(secret), splices_(sessions) {}

    const SynCookies& cookies() const { return cookies_; }
    Splice& operator[](SessionIndex session) { return splices_[session]; }
    const Splice& operator[](SessionIndex session) const { return splices_[session]; }

    struct Waiting {
        SessionIndex session;
        std::uint32_t serial;  // of the session: its record may be another's by now
        Timestamp due;
        unsigned tries;  // how often the server was asked again
    };
    // The server has been asked for the first time.
    void wait_for(SessionIndex session, std::uint32_t serial, Timestamp now);
    std::size_t waiting() const { return waiting_.size(); }
    // Calls `again(waiting)` for each whose time has come; it goes on waiting, twice as long, while that is true.
    template <class Again>
    void expire(Timestamp now, Again&& again) {
        for (std::size_t i = 0; i < waiting_.size();) {
            Waiting& one = waiting_[i];
            if (one.due > now) {
                ++i;
            } else if (again(std::as_const(one))) {
                ++one.tries;
                one.due = now + kPatience * (1 << one.tries);
                ++i;
            } else {
                one = waiting_.back();
                waiting_.pop_back();
            }
        }
    }

    SynProxyCounters counters;

private:
    static constexpr std::chrono::seconds kPatience{1};

    SynCookies cookies_;
    ReservedArray<Splice> splices_;
    std::vector<Waiting> waiting_;
};

}  // namespace hairpin::gateway
