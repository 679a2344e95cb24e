#include "runtime/capture/pcapng.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "net/result.h"

namespace hairpin::runtime::pcapng {

namespace {

enum class BlockType : std::uint32_t {
    section_header = 0x0a0d0d0a,
    interface_description = 1,
    name_resolution = 4,
    interface_statistics = 5,
    enhanced_packet = 6,
};
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint16_t kMajorVersion = 1, kMinorVersion = 0;
constexpr std::int64_t kUnknownSectionLength = -1;
constexpr std::uint16_t kLinkTypeEthernet = 1;
constexpr std::uint8_t kNanoseconds = 9;      // if_tsresol: 10^-9
constexpr std::uint8_t kFilterOfLibpcap = 0;  // if_filter: what follows is its text

// The numbers of options: each block has its own, but for the first two.
namespace option {
constexpr std::uint16_t kEnd = 0, kComment = 1;
constexpr std::uint16_t kHardware = 2, kSystem = 3, kApplication = 4;
constexpr std::uint16_t kName = 2, kDescription = 3, kTimeResolution = 9, kFilter = 11;
constexpr std::uint16_t kFlags = 2, kDropCount = 4, kPacketId = 5;
constexpr std::uint16_t kStartTime = 2, kEndTime = 3, kReceived = 4, kDropped = 5;
}  // namespace option
constexpr std::uint16_t kNameRecordIpv4 = 1, kNameRecordEnd = 0;

// One block on its way to the end of `out`. Everything in it begins at a multiple of four bytes.
class Block {
public:
    Block(std::string& out, BlockType type) : out_(out), begin_(out.size()) {
        put(static_cast<std::uint32_t>(type));
        put(std::uint32_t{0});  // its length, once it is known
    }
    // The block's length stands at its end as well, so that it can be read backwards.
    ~Block() {
        const auto length = static_cast<std::uint32_t>(out_.size() + sizeof(std::uint32_t) - begin_);
        put(length);
        std::memcpy(out_.data() + begin_ + sizeof(std::uint32_t), &length, sizeof length);
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    template <class Number>
    void put(Number number) {
        static_assert(std::is_integral_v<Number>);
        out_.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
    void put_time(WallTime time) {
        const auto count = static_cast<std::uint64_t>(time.count());
        put(static_cast<std::uint32_t>(count >> 32));
        put(static_cast<std::uint32_t>(count));
    }
    void put_bytes(std::string_view bytes) {
        out_.append(bytes);
        out_.append((4 - bytes.size() % 4) % 4, '\0');
    }
    void option(std::uint16_t code, std::string_view value) {
        if (value.empty()) return;
        value = value.substr(0, kLongestText);
        put(code);
        put(static_cast<std::uint16_t>(value.size()));
        put_bytes(value);
    }
    template <class Number>
    void option_number(std::uint16_t code, Number number) {
        option(code, {reinterpret_cast<const char*>(&number), sizeof number});
    }
    void option_time(std::uint16_t code, WallTime time) {
        put(code);
        put(std::uint16_t{8});
        put_time(time);
    }
    void end_options() { put(std::uint32_t{option::kEnd}); }

private:
    std::string& out_;
    std::size_t begin_;
};

}  // namespace

void put_section(std::string& out, const Section& section) {
    Block block{out, BlockType::section_header};
    block.put(kByteOrderMagic);
    block.put(kMajorVersion);
    block.put(kMinorVersion);
    block.put(kUnknownSectionLength);
    block.option(option::kHardware, section.hardware);
    block.option(option::kSystem, section.system);
    block.option(option::kApplication, section.application);
    block.end_options();
}

void put_interface(std::string& out, const Interface& interface) {
    Block block{out, BlockType::interface_description};
    block.put(kLinkTypeEthernet);
    block.put(std::uint16_t{0});  // reserved
    block.put(interface.snap_length);
    block.option(option::kName, interface.name);
    block.option(option::kDescription, interface.description);
    block.option_number(option::kTimeResolution, kNanoseconds);
    if (!interface.filter.empty())
        block.option(option::kFilter, std::string(1, static_cast<char>(kFilterOfLibpcap)) + std::string{interface.filter});
    block.end_options();
}

void put_packet(std::string& out, const PacketRecord& packet) {
    Block block{out, BlockType::enhanced_packet};
    block.put(packet.interface);
    block.put_time(packet.time);
    block.put(static_cast<std::uint32_t>(packet.bytes.size()));
    block.put(packet.length);
    block.put_bytes({reinterpret_cast<const char*>(packet.bytes.data()), packet.bytes.size()});
    block.option(option::kComment, packet.comment);
    if (packet.direction != Direction::unknown) block.option_number(option::kFlags, static_cast<std::uint32_t>(packet.direction));
    if (packet.lost != 0) block.option_number(option::kDropCount, packet.lost);
    if (packet.packet_id != 0) block.option_number(option::kPacketId, packet.packet_id);
    block.end_options();
}

void put_names(std::string& out, std::span<const Name> names) {
    Block block{out, BlockType::name_resolution};
    for (const Name& each : names) {
        const std::string_view name = std::string_view{each.name}.substr(0, kLongestText);
        const Be32 address = each.address.wire();
        std::string value(reinterpret_cast<const char*>(&address), sizeof address);
        value.append(name).push_back('\0');
        block.put(kNameRecordIpv4);
        block.put(static_cast<std::uint16_t>(value.size()));
        block.put_bytes(value);
    }
    block.put(kNameRecordEnd);
    block.put(std::uint16_t{0});
    block.end_options();
}

void put_statistics(std::string& out, const Statistics& statistics) {
    Block block{out, BlockType::interface_statistics};
    block.put(statistics.interface);
    block.put_time(statistics.time);
    block.option_time(option::kStartTime, statistics.begun);
    block.option_time(option::kEndTime, statistics.ended);
    block.option_number(option::kReceived, statistics.received);
    block.option_number(option::kDropped, statistics.lost);
    block.end_options();
}

}  // namespace hairpin::runtime::pcapng
