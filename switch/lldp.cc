#include "switch/lldp.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace hairpin::l2 {

namespace {

// IEEE 802.1AB 8.4 and table 8-1.
enum class Tlv : std::uint8_t {
    end = 0,
    chassis_id = 1,
    port_id = 2,
    time_to_live = 3,
    port_description = 4,
    system_name = 5,
    system_description = 6,
    capabilities = 7,
};
constexpr std::uint8_t kChassisIsMac = 4, kPortIsInterfaceName = 5;  // tables 8-2 and 8-3
constexpr std::uint16_t kBridge = 1u << 2, kRouter = 1u << 4;        // table 8-4

class LldpWriter {
public:
    void number(std::uint16_t value) {
        frame_.push_back(static_cast<std::byte>(value >> 8));
        frame_.push_back(static_cast<std::byte>(value & 0xff));
    }
    void bytes(const MacAddress& mac) {
        for (const std::uint8_t byte : mac.bytes()) frame_.push_back(static_cast<std::byte>(byte));
    }
    void bytes(std::string_view text) {
        for (const char letter : text) frame_.push_back(static_cast<std::byte>(letter));
    }
    void byte(std::uint8_t value) { frame_.push_back(static_cast<std::byte>(value)); }
    // Seven bits of type, nine of length.
    void header(Tlv type, std::size_t length) { number(static_cast<std::uint16_t>(static_cast<unsigned>(type) << 9 | length)); }
    void text(Tlv type, std::string_view text) {
        text = text.substr(0, Lldp::kLongestText);
        header(type, text.size());
        bytes(text);
    }
    std::vector<std::byte> finished() {
        constexpr std::size_t kShortestFrame = 60;
        frame_.resize(std::max(frame_.size(), kShortestFrame));
        return std::move(frame_);
    }

private:
    std::vector<std::byte> frame_;
};

}  // namespace

void Lldp::begin(PortId id, const std::string& name, const std::string& description) {
    Port& port = ports_[id];
    if (port.name == name && port.description == description && !port.leaving) return;
    port = {.name = name, .description = description, .sent = port.sent};
}

void Lldp::end(PortId port) {
    if (const auto found = ports_.find(port); found != ports_.end()) found->second.leaving = true;
}

std::vector<std::byte> Lldp::frame_of(const Port& port, std::uint16_t lifetime) const {
    LldpWriter writer;
    writer.bytes(kGroup);
    writer.bytes(system_.chassis);
    writer.number(static_cast<std::uint16_t>(kEtherType));
    writer.header(Tlv::chassis_id, 1 + sizeof(MacAddress));
    writer.byte(kChassisIsMac);
    writer.bytes(system_.chassis);
    const std::string_view id = std::string_view{port.name}.substr(0, kLongestText);
    writer.header(Tlv::port_id, 1 + id.size());
    writer.byte(kPortIsInterfaceName);
    writer.bytes(id);
    writer.header(Tlv::time_to_live, sizeof(std::uint16_t));
    writer.number(lifetime);
    if (lifetime > 0) {
        writer.text(Tlv::port_description, port.description);
        writer.text(Tlv::system_name, system_.name);
        writer.text(Tlv::system_description, system_.description);
        writer.header(Tlv::capabilities, 2 * sizeof(std::uint16_t));
        writer.number(kBridge | kRouter);  // what we can be,
        writer.number(kBridge | kRouter);  // and are
    }
    writer.header(Tlv::end, 0);
    return writer.finished();
}

}  // namespace hairpin::l2
