#include "cli/capture_file.h"

#include <fmt/format.h>
#include <pcap.h>

#include <array>

namespace hairpin::cli {

void CaptureFile::Close::operator()(pcap* file) const { pcap_close(file); }

Outcome<CaptureFile> CaptureFile::open(const std::string& path) {
    std::array<char, PCAP_ERRBUF_SIZE> problem{};
    pcap_t* file = pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, problem.data());
    if (file == nullptr)
        return failed_with(ExitCode::failed, fmt::format("cannot read the capture {}: {}", path, problem.data()));
    CaptureFile capture{path, file};
    if (const int type = pcap_datalink(file); type != DLT_EN10MB) {
        const char* name = pcap_datalink_val_to_description(type);
        return failed_with(ExitCode::failed,
                           fmt::format("the capture {} holds no Ethernet frames but {}: capture on one interface", path,
                                       name != nullptr ? name : "something unknown"));
    }
    return capture;
}

Outcome<std::optional<CapturedFrame>> CaptureFile::next() {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    switch (pcap_next_ex(file_.get(), &header, &bytes)) {
        case 1: break;
        case PCAP_ERROR_BREAK: return std::optional<CapturedFrame>{};
        default:
            return failed_with(ExitCode::failed, fmt::format("the capture {} is broken at packet {}: {}", path_, read_ + 1,
                                                             pcap_geterr(file_.get())));
    }
    ++read_;
    CapturedFrame frame;
    frame.nanoseconds = std::int64_t{header->ts.tv_sec} * 1'000'000'000 + header->ts.tv_usec;  // which are nanoseconds here
    frame.length = header->len;
    frame.bytes.assign(reinterpret_cast<const char*>(bytes), header->caplen);
    return std::optional{std::move(frame)};
}

}  // namespace hairpin::cli
