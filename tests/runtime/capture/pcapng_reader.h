#pragma once
// Reads a pcapng file again, block by block, as the format describes it: for tests of what writes one.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "net/result.h"

namespace hairpin::testing {

class PcapngReader {
public:
    struct Interface {
        std::string name, description, filter;
        std::uint32_t snap_length = 0;
        std::uint8_t time_resolution = 0;
    };
    struct Packet {
        std::string interface;
        std::uint64_t nanoseconds = 0;
        std::uint32_t length = 0;
        std::string bytes, comment;
        std::uint32_t flags = 0;
        std::uint64_t packet_id = 0, lost = 0;
    };
    struct Statistics {
        std::uint64_t received = 0, lost = 0;
    };

    // Takes whole blocks; throws at whatever is not as the format says.
    explicit PcapngReader(std::string_view file) {
        while (!file.empty()) {
            const auto type = number<std::uint32_t>(file, 0), length = number<std::uint32_t>(file, 4);
            must(length % 4 == 0 && length >= 12 && length <= file.size(), "a block's length");
            must(number<std::uint32_t>(file, length - 4) == length, "the length at a block's end");
            must(type == 0x0a0d0d0a || sections == 1, "a section first");
            read(type, file.substr(8, length - 12));
            file.remove_prefix(length);
        }
    }

    unsigned sections = 0;
    std::string hardware, system, application;
    std::vector<Interface> interfaces;
    std::vector<Packet> packets;
    std::map<std::string, std::string> names;  // "192.0.2.1" -> "workstation"
    std::map<std::string, Statistics> statistics;

private:
    using Options = std::multimap<std::uint16_t, std::string>;

    static void must(bool condition, const char* what) {
        if (!condition) throw std::runtime_error(std::string{"not pcapng: "} + what);
    }
    template <class Number>
    static Number number(std::string_view bytes, std::size_t at) {
        must(at + sizeof(Number) <= bytes.size(), "too short");
        Number value;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        return value;
    }
    static std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }
    static std::uint64_t time(std::string_view bytes, std::size_t at) {
        return std::uint64_t{number<std::uint32_t>(bytes, at)} << 32 | number<std::uint32_t>(bytes, at + 4);
    }
    static Options options(std::string_view bytes) {
        Options found;
        while (true) {
            const auto code = number<std::uint16_t>(bytes, 0), length = number<std::uint16_t>(bytes, 2);
            bytes.remove_prefix(4);
            if (code == 0) {
                must(length == 0 && bytes.empty(), "options behind their end");
                return found;
            }
            must(padded(length) <= bytes.size(), "an option's length");
            found.emplace(code, bytes.substr(0, length));
            bytes.remove_prefix(padded(length));
        }
    }
    static std::string text(const Options& options, std::uint16_t code) {
        const auto found = options.find(code);
        return found == options.end() ? "" : found->second;
    }
    template <class Number>
    static Number number_of(const Options& options, std::uint16_t code) {
        const std::string bytes = text(options, code);
        return bytes.empty() ? 0 : number<Number>(bytes, 0);
    }
    const std::string& name_of(std::uint32_t interface) {
        must(interface < interfaces.size(), "an interface that was described");
        return interfaces[interface].name;
    }

    void read(std::uint32_t type, std::string_view body) {
        switch (type) {
            case 0x0a0d0d0a: return read_section(body);
            case 1: return read_interface(body);
            case 4: return read_names(body);
            case 5: return read_statistics(body);
            case 6: return read_packet(body);
            default: must(false, "a block's type");
        }
    }
    void read_section(std::string_view body) {
        must(number<std::uint32_t>(body, 0) == 0x1a2b3c4d && number<std::uint32_t>(body, 4) == 1, "byte order and version");
        must(number<std::int64_t>(body, 8) == -1, "a section of unknown length");
        ++sections;
        const Options all = options(body.substr(16));
        hardware = text(all, 2), system = text(all, 3), application = text(all, 4);
    }
    void read_interface(std::string_view body) {
        must(number<std::uint16_t>(body, 0) == 1, "Ethernet");
        const Options all = options(body.substr(8));
        const std::string filter = text(all, 11);
        interfaces.push_back({text(all, 2), text(all, 3), filter.empty() ? "" : filter.substr(1), number<std::uint32_t>(body, 4),
                              number_of<std::uint8_t>(all, 9)});
    }
    void read_packet(std::string_view body) {
        Packet packet;
        packet.interface = name_of(number<std::uint32_t>(body, 0));
        packet.nanoseconds = time(body, 4);
        const auto kept = number<std::uint32_t>(body, 12);
        packet.length = number<std::uint32_t>(body, 16);
        must(kept <= packet.length && 20 + padded(kept) <= body.size(), "a packet's length");
        packet.bytes = body.substr(20, kept);
        const Options all = options(body.substr(20 + padded(kept)));
        packet.comment = text(all, 1);
        packet.flags = number_of<std::uint32_t>(all, 2);
        packet.lost = number_of<std::uint64_t>(all, 4);
        packet.packet_id = number_of<std::uint64_t>(all, 5);
        packets.push_back(std::move(packet));
    }
    void read_names(std::string_view body) {
        while (true) {
            const auto type = number<std::uint16_t>(body, 0), length = number<std::uint16_t>(body, 2);
            body.remove_prefix(4);
            if (type == 0) break;
            must(type == 1 && length >= 6 && padded(length) <= body.size() && body[length - 1] == '\0', "a name");
            std::string address;
            for (std::size_t i = 0; i < 4; ++i)
                address += (i == 0 ? "" : ".") + std::to_string(static_cast<unsigned char>(body[i]));
            names[address] = body.substr(4, length - 5U);
            body.remove_prefix(padded(length));
        }
        options(body);
    }
    void read_statistics(std::string_view body) {
        const Options all = options(body.substr(12));
        must(time(text(all, 2), 0) <= time(text(all, 3), 0), "a beginning before its end");
        statistics[name_of(number<std::uint32_t>(body, 0))] = {number_of<std::uint64_t>(all, 4),
                                                               number_of<std::uint64_t>(all, 5)};
    }
};

}  // namespace hairpin::testing
