#include "switch/ports/pcap_port.h"

#include <pcap.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace hairpin::l2 {

namespace {
// Frames have no MTU of their own in a file; the largest that a pool can hold may pass.
constexpr unsigned kFileMtu = 65535;
constexpr int kLongestFrame = 262144;  // what libpcap and its readers take for "everything"
}  // namespace

PcapPort::PcapPort(PacketPool& pool, Ledger& ledger) : DevicePort(pool, ledger, kFileMtu) {}

PcapPort::~PcapPort() {
    stop_playing();
    if (frames_left_ >= 0) close(frames_left_);
    if (record_ != nullptr) pcap_dump_close(record_);
    if (format_ != nullptr) pcap_close(format_);
}

Result<std::unique_ptr<PcapPort>> PcapPort::open(const PcapSettings& settings, PacketPool& pool, Ledger& ledger) {
    std::unique_ptr<PcapPort> port{new PcapPort{pool, ledger}};
    if (!settings.read_file.empty())
        if (auto opened = port->open_played(settings.read_file); !opened) return tl::unexpected(opened.error());
    if (!settings.write_file.empty())
        if (auto opened = port->open_record(settings.write_file); !opened) return tl::unexpected(opened.error());
    return port;
}

Result<void> PcapPort::open_played(const std::string& file) {
    char problem[PCAP_ERRBUF_SIZE];
    played_ = pcap_open_offline(file.c_str(), problem);
    if (played_ == nullptr) return failure("pcap: read \"" + file + "\": " + problem);
    if (pcap_datalink(played_) != DLT_EN10MB) return failure("pcap: read \"" + file + "\": the capture holds no Ethernet frames");
    frames_left_ = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    if (frames_left_ < 0) return failure("pcap: read \"" + file + "\": eventfd: " + std::strerror(errno));
    return {};
}

Result<void> PcapPort::open_record(const std::string& file) {
    format_ = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, kLongestFrame, PCAP_TSTAMP_PRECISION_NANO);
    ensure(format_ != nullptr);
    record_ = pcap_dump_open(format_, file.c_str());
    if (record_ == nullptr) return failure("pcap: write \"" + file + "\": " + pcap_geterr(format_));
    return {};
}

bool PcapPort::read(Batch& into, Timestamp) {
    for (std::size_t packets = 0; packets < kBurstPackets; ++packets)
        if (!play_one(into)) return false;
    return true;
}

bool PcapPort::play_one(Batch& into) {
    if (played_ == nullptr) return false;
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    // The end of the file and a file that is broken from here on are the same to whoever plays it.
    if (pcap_next_ex(played_, &header, &bytes) != 1) return stop_playing(), false;
    const auto frame = std::as_bytes(std::span{bytes, header->caplen});
    if (header->caplen < header->len) return reject(frame, frame.size(), DropReason::runt), true;
    if (header->caplen > PacketPool::kLargestFrame) return reject(frame, frame.size(), DropReason::oversize), true;
    PacketPtr packet = pool_.make(frame);
    if (!packet) return reject(frame, frame.size(), DropReason::no_buffer), true;
    into.push_back(std::move(packet));
    return true;
}

void PcapPort::stop_playing() {
    if (played_ == nullptr) return;
    pcap_close(played_);
    played_ = nullptr;
    // The descriptor itself stays: an event loop may watch it as long as the port lives.
    eventfd_t count = 0;
    if (frames_left_ >= 0) eventfd_read(frames_left_, &count);
}

void PcapPort::write(Batch& packets, Timestamp now) {
    const auto time = now.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    for (const PacketPtr& packet : packets) {
        if (record_ != nullptr) {
            pcap_pkthdr header{};
            header.ts.tv_sec = seconds.count();
            header.ts.tv_usec = (time - seconds).count();  // nanoseconds, as the file's header says
            header.caplen = header.len = static_cast<bpf_u_int32>(packet->size());
            pcap_dump(reinterpret_cast<u_char*>(record_), &header, reinterpret_cast<const u_char*>(packet->data()));
        }
        sent(*packet);
    }
    // Whoever reads along sees whole bursts, and a killed daemon loses none.
    if (record_ != nullptr) pcap_dump_flush(record_);
}

}  // namespace hairpin::l2
