#include "switch/ports/tap_device.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "switch/virtio_header.h"

// Newer than the headers that Debian 12 installs; a kernel without them refuses, and we ask for less.
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

namespace hairpin::l2 {

namespace {

constexpr const char* kCloneDevice = "/dev/net/tun";

std::string advice_for(int problem) {
    switch (problem) {
        case EPERM:
        case EACCES: return " (needs CAP_NET_ADMIN: run with sudo)";
        case ENOENT:
        case ENODEV:
        case ENXIO: return " (this kernel offers no TUN/TAP driver: modprobe tun; in a container, pass /dev/net/tun in)";
        case EBUSY: return " (another program has it open: choose another name, or stop that program)";
        case EINVAL: return " (a network device of that name exists and is no TAP device, or the name is not allowed)";
        case EBADFD: return " (its interface has been deleted)";
        default: return "";
    }
}

tl::unexpected<Error> tap_failure(const std::string& name, std::string_view tried) {
    const int problem = errno;
    return failure("tap \"" + name + "\": " + std::string{tried} + ": " + std::strerror(problem) + advice_for(problem));
}

struct OffloadStep {
    unsigned flags;
    Capabilities capabilities;
};
// From all to none. ECN goes with TCP: without it the kernel cuts in software what announces a reduced window.
constexpr unsigned kTcpFlags = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
constexpr auto kOffloadSteps = std::to_array<OffloadStep>({
    {kTcpFlags | TUN_F_USO4 | TUN_F_USO6, Capabilities::all()},
    {kTcpFlags, {.partial_checksum = true, .tcp4_segmentation = true, .tcp6_segmentation = true, .udp_segmentation = false}},
    {TUN_F_CSUM, {.partial_checksum = true}},
    {0, {}},
});

// What the device takes from us is what it may give us: whoever understands one direction understands the other.
Capabilities agree_on_offloads(int descriptor) {
    for (const OffloadStep& step : kOffloadSteps)
        if (ioctl(descriptor, TUNSETOFFLOAD, step.flags) == 0) return step.capabilities;
    return {};
}

constexpr short kFlags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;

// How frames are to look, between the device and us.
Result<Capabilities> agree(const std::string& name, int descriptor) {
    const int header_size = sizeof(VirtioHeader);
    if (ioctl(descriptor, TUNSETVNETHDRSZ, &header_size) != 0) return tap_failure(name, "TUNSETVNETHDRSZ");
    return agree_on_offloads(descriptor);
}

ifreq request_for(const std::string& name, short flags) {
    ifreq request{};
    std::memcpy(request.ifr_name, name.c_str(), std::min(name.size(), std::size_t{IFNAMSIZ - 1}));
    request.ifr_flags = flags;
    return request;
}

// Every other file is somebody's who may let us wait in an ioctl for as long as they like. What is known of it is read, nobody is asked.
bool is_of_the_tun_driver(int descriptor) {
    struct statx about {};
    if (statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &about) != 0) return false;
    return S_ISCHR(about.stx_mode) && about.stx_rdev_major == 10 &&
           about.stx_rdev_minor == 200;  // Documentation/admin-guide/devices.txt
}

// IFF_NO_PI and IFF_NOFILTER, which TUNGETIFF adds where no filter is attached, are one bit: it says the former while a filter is.
bool has_packet_information(int descriptor) {
    sock_filter everything{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = ~0U};
    sock_fprog filter{.len = 1, .filter = &everything};
    if (ioctl(descriptor, TUNATTACHFILTER, &filter) != 0) return true;
    ifreq found{};
    const bool told = ioctl(descriptor, TUNGETIFF, &found) == 0;
    ioctl(descriptor, TUNDETACHFILTER, &filter);
    return !told || (found.ifr_flags & IFF_NO_PI) == 0;
}

}  // namespace

TapDevice::~TapDevice() {
    if (descriptor_ >= 0) close(descriptor_);
}

TapDevice::TapDevice(TapDevice&& other) noexcept
    : name_(std::move(other.name_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      call_flags_(other.call_flags_),
      kept_(other.kept_),
      capabilities_(other.capabilities_) {}

TapDevice& TapDevice::operator=(TapDevice&& other) noexcept {
    std::swap(name_, other.name_);
    std::swap(descriptor_, other.descriptor_);
    std::swap(call_flags_, other.call_flags_);
    std::swap(kept_, other.kept_);
    std::swap(capabilities_, other.capabilities_);
    return *this;
}

void TapDevice::share() { call_flags_ = RWF_NOWAIT; }

Result<MacAddress> TapDevice::mac() const {
    ifreq request{};
    if (ioctl(descriptor_, SIOCGIFHWADDR, &request) != 0) return tap_failure(name_, "SIOCGIFHWADDR");
    std::array<std::uint8_t, 6> bytes{};
    std::memcpy(bytes.data(), request.ifr_hwaddr.sa_data, bytes.size());
    return MacAddress{bytes};
}

void TapDevice::set_carrier(Carrier carrier) {
    const int on = carrier == Carrier::on ? 1 : 0;
    ioctl(descriptor_, TUNSETCARRIER, &on);
}

Result<void> TapDevice::keep() {
    if (ioctl(descriptor_, TUNSETPERSIST, 1UL) != 0) return tap_failure(name_, "TUNSETPERSIST");
    kept_ = true;
    return {};
}

void TapDevice::discard() {
    if (kept_) ioctl(descriptor_, TUNSETPERSIST, 0UL);
    kept_ = false;
}

Result<void> TapDevice::set_mac(MacAddress mac) {
    ifreq request = request_for(name_, 0);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(request.ifr_hwaddr.sa_data, mac.bytes().data(), mac.bytes().size());
    if (ioctl(descriptor_, SIOCSIFHWADDR, &request) != 0) return tap_failure(name_, "SIOCSIFHWADDR " + mac.to_string());
    return {};
}

Result<TapDevice> open_tap(const std::string& name, TapIs is) {
    if (name.empty() || name.size() >= IFNAMSIZ)
        return failure("tap \"" + name + "\": a device name has 1 to " + std::to_string(IFNAMSIZ - 1) + " characters");
    // "%" would ask the kernel to number the device; nobody could then find it by the name that was configured.
    if (name.find_first_of("/%: \t\n") != std::string::npos || name == "." || name == "..")
        return failure("tap \"" + name + "\": a device name holds no blank, \"/\", \":\" or \"%\"");
    const bool there = if_nametoindex(name.c_str()) != 0;
    if (there && is == TapIs::made)
        return failure("tap \"" + name +
                       "\": a network device of that name exists already in this network namespace (choose another "
                       "name, remove it: ip link del " +
                       name + ", or take it: tap origin existing)");
    if (!there && is == TapIs::there)
        return failure("tap \"" + name +
                       "\": there is no device of that name in this network namespace (make it: ip tuntap add " + name +
                       " mode tap)");

    TapDevice device{name, open(kCloneDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC)};
    if (device.descriptor() < 0) return tap_failure(name, std::string{"open "} + kCloneDevice);

    ifreq request = request_for(name, kFlags);
    bool attached = ioctl(device.descriptor(), TUNSETIFF, &request) == 0;
    if (!attached && errno == EINVAL && there) {  // one that was made for several queues wants us to say so
        request = request_for(name, kFlags | IFF_MULTI_QUEUE);
        attached = ioctl(device.descriptor(), TUNSETIFF, &request) == 0;
    }
    if (!attached) return tap_failure(name, "TUNSETIFF");
    const auto agreed = agree(name, device.descriptor());
    if (!agreed) return tl::unexpected(agreed.error());
    device.set_capabilities(*agreed);
    return device;
}

Result<TapDevice> accept_tap(int descriptor) {
    const auto refused = [](const std::string& why) { return failure("the descriptor that was passed " + why); };
    constexpr const char* kHow = " (open /dev/net/tun, TUNSETIFF with IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, and pass that)";
    if (!is_of_the_tun_driver(descriptor)) return refused(std::string{"is no TAP device's"} + kHow);
    ifreq found{};
    if (ioctl(descriptor, TUNGETIFF, &found) != 0) {
        const int problem = errno;
        return refused(std::string{"has no device: TUNGETIFF: "} + std::strerror(problem) + kHow);
    }
    found.ifr_name[IFNAMSIZ - 1] = 0;
    const std::string name = found.ifr_name;
    const auto lacks = [&](const std::string& what) { return refused("is of \"" + name + "\", " + what + kHow); };
    if ((found.ifr_flags & IFF_TAP) == 0) return lacks("a TUN device, whose packets have no Ethernet header");
    if (has_packet_information(descriptor)) return lacks("which puts packet information before each frame");
    if ((found.ifr_flags & IFF_VNET_HDR) == 0) return lacks("which has no header for checksums and segmentation");
    if ((found.ifr_flags & IFF_DETACH_QUEUE) != 0) return lacks("a queue that is detached");
    const int status = fcntl(descriptor, F_GETFL);
    if (status < 0 || fcntl(descriptor, F_SETFL, status | O_NONBLOCK) != 0) return tap_failure(name, "F_SETFL O_NONBLOCK");

    const auto agreed = agree(name, descriptor);
    if (!agreed) return tl::unexpected(agreed.error());
    TapDevice device{name, descriptor};
    device.set_capabilities(*agreed);
    device.share();
    return device;
}

}  // namespace hairpin::l2
