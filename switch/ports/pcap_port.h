#pragma once
// A port made of capture files: one is played, the other records. Frames of the first come in as fast as they are taken; what
// is sent goes to the second as it would look on a wire, checksums complete and super-packets cut. The recorded time is the
// daemon's own, counted from its start: ports do not know what day it is.

#include <memory>

#include "net/result.h"
#include "switch/device_port.h"
#include "switch/settings.h"

struct pcap;
struct pcap_dumper;

namespace hairpin::l2 {

class PcapPort final : public DevicePort {
public:
    // Fails when a file cannot be opened, or holds something else than Ethernet. An existing record is overwritten.
    static Result<std::unique_ptr<PcapPort>> open(const PcapSettings& settings, PacketPool& pool, Ledger& ledger);
    ~PcapPort() override;
    PcapPort(const PcapPort&) = delete;
    PcapPort& operator=(const PcapPort&) = delete;

    std::string_view kind() const override { return "pcap"; }
    // Readable until the last frame has been played, so that an event loop treats a file like a device.
    int readable_descriptor() const override { return frames_left_; }

private:
    PcapPort(PacketPool& pool, Ledger& ledger);
    Result<void> open_played(const std::string& file);
    Result<void> open_record(const std::string& file);
    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;
    bool play_one(Batch& into);
    void stop_playing();

    pcap* played_ = nullptr;
    pcap* format_ = nullptr;  // what a record is written as
    pcap_dumper* record_ = nullptr;
    int frames_left_ = -1;  // an eventfd
};

}  // namespace hairpin::l2
