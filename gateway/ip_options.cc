#include "gateway/ip_options.h"

#include <cstring>

#include "net/checksum.h"

namespace hairpin::gateway {

namespace {

constexpr std::uint8_t kEnd = 0, kNoOperation = 1, kRecordRoute = 7, kTimestamp = 68, kLooseSourceRoute = 131,
                       kStrictSourceRoute = 137;
constexpr std::size_t kAddress = sizeof(Ipv4Address);

template <class Byte>
std::uint8_t octet(std::span<Byte> bytes, std::size_t at) {
    return std::to_integer<std::uint8_t>(bytes[at]);
}

// Of a timestamp option: its second word's second byte, and how long an entry is by the flag in it.
struct TimestampKind {
    std::uint8_t overflow, flag;
    explicit TimestampKind(std::uint8_t byte) : overflow(byte >> 4), flag(byte & 0xf) {}
    static constexpr std::uint8_t kTimesAlone = 0, kWithAddresses = 1, kPrescribed = 3;
    bool known() const { return flag == kTimesAlone || flag == kWithAddresses || flag == kPrescribed; }
    std::size_t entry() const { return flag == kTimesAlone ? sizeof(Be32) : kAddress + sizeof(Be32); }
};

// Where, within an option, it cannot be read. Pointers count from 1 and name the first free octet; beyond the length there is none.
std::optional<std::size_t> problem_of_route(std::span<const std::byte> option) {
    if (option.size() < 3) return 1;
    const std::size_t pointer = octet(option, 2);
    if (pointer < 4) return 2;
    if (pointer <= option.size() && pointer + kAddress - 1 > option.size()) return 2;
    return std::nullopt;
}
std::optional<std::size_t> problem_of_timestamp(std::span<const std::byte> option) {
    if (option.size() < 4) return 1;
    const std::size_t pointer = octet(option, 2);
    const TimestampKind kind{octet(option, 3)};
    if (!kind.known()) return 3;
    if (pointer < 5) return 2;
    if (pointer <= option.size())
        return pointer + kind.entry() - 1 > option.size() ? std::optional<std::size_t>{2} : std::nullopt;
    // One more that has no room cannot be counted any more.
    return kind.overflow == 0xf && kind.flag != TimestampKind::kPrescribed ? std::optional<std::size_t>{3} : std::nullopt;
}

// Calls visit(option, where it begins in the header) for each option that is longer than its type, and answers where the list breaks off.
template <class Byte, class Visit>
std::optional<std::size_t> for_each_option(std::span<Byte> header, Visit&& visit) {
    for (std::size_t at = sizeof(Ipv4Header); at < header.size();) {
        const std::uint8_t type = octet(header, at);
        if (type == kEnd) return std::nullopt;
        if (type == kNoOperation) {
            ++at;
            continue;
        }
        if (at + 1 >= header.size()) return at;
        const std::size_t length = octet(header, at + 1);
        if (length < 2 || at + length > header.size()) return at + 1;
        if (const auto problem = visit(header.subspan(at, length))) return at + *problem;
        at += length;
    }
    return std::nullopt;
}

void record_route(std::span<std::byte> option, Ipv4Address own) {
    const std::size_t pointer = octet(option, 2);
    if (pointer > option.size()) return;
    std::memcpy(option.data() + pointer - 1, &own, sizeof own);
    option[2] = static_cast<std::byte>(pointer + kAddress);
}

void record_time(std::span<std::byte> option, Ipv4Address own, Timestamp now) {
    const std::size_t pointer = octet(option, 2);
    const TimestampKind kind{octet(option, 3)};
    if (pointer > option.size()) {
        if (kind.flag != TimestampKind::kPrescribed) option[3] = static_cast<std::byte>((kind.overflow + 1) << 4 | kind.flag);
        return;
    }
    std::byte* at = option.data() + pointer - 1;
    if (kind.flag == TimestampKind::kPrescribed && std::memcmp(at, &own, sizeof own) != 0) return;
    if (kind.flag != TimestampKind::kTimesAlone) {
        std::memcpy(at, &own, sizeof own);
        at += sizeof own;
    }
    constexpr std::uint32_t kNotSinceMidnight = 0x8000'0000;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    const Be32 time{static_cast<std::uint32_t>(milliseconds) | kNotSinceMidnight};
    std::memcpy(at, &time, sizeof time);
    option[2] = static_cast<std::byte>(pointer + kind.entry());
}

}  // namespace

OptionsRead read_options(std::span<const std::byte> header) {
    OptionsRead read;
    const auto broken = for_each_option(header, [&](std::span<const std::byte> option) -> std::optional<std::size_t> {
        switch (octet(option, 0)) {
            case kLooseSourceRoute:
            case kStrictSourceRoute: return read.source_route = true, std::nullopt;
            case kRecordRoute: return read.record_route = true, problem_of_route(option);
            case kTimestamp: return read.timestamp = true, problem_of_timestamp(option);
            default: return std::nullopt;
        }
    });
    if (broken) read.problem = static_cast<std::uint8_t>(*broken);
    return read;
}

void record_passage(FrameView& frame, Ipv4Address own, Timestamp now, Recording recording) {
    Ipv4Header& ip = frame.ipv4();
    const std::span<std::byte> header = frame.l3_bytes().first(ip.header_length());
    for_each_option(header, [&](std::span<std::byte> option) -> std::optional<std::size_t> {
        const std::uint8_t type = octet(option, 0);
        if (type == kRecordRoute && recording.route) record_route(option, own);
        if (type == kTimestamp && recording.time) record_time(option, own, now);
        return std::nullopt;
    });
    ip.checksum = Be16{};
    ip.checksum = checksum_of(header);
}

}  // namespace hairpin::gateway
