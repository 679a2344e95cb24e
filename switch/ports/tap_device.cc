#include "switch/ports/tap_device.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

}  // namespace

TapDevice::~TapDevice() {
    if (descriptor_ >= 0) close(descriptor_);
}

TapDevice::TapDevice(TapDevice&& other) noexcept
    : name_(std::move(other.name_)), descriptor_(std::exchange(other.descriptor_, -1)), capabilities_(other.capabilities_) {}

TapDevice& TapDevice::operator=(TapDevice&& other) noexcept {
    std::swap(name_, other.name_);
    std::swap(descriptor_, other.descriptor_);
    std::swap(capabilities_, other.capabilities_);
    return *this;
}

Result<TapDevice> open_tap(const std::string& name) {
    if (name.empty() || name.size() >= IFNAMSIZ)
        return failure("tap \"" + name + "\": a device name has 1 to " + std::to_string(IFNAMSIZ - 1) + " characters");
    // "%" would ask the kernel to number the device; nobody could then find it by the name that was configured.
    if (name.find_first_of("/%: \t\n") != std::string::npos || name == "." || name == "..")
        return failure("tap \"" + name + "\": a device name holds no blank, \"/\", \":\" or \"%\"");
    if (if_nametoindex(name.c_str()) != 0)
        return failure("tap \"" + name +
                       "\": a network device of that name exists already in this network namespace (choose another "
                       "name, or remove it: ip link del " +
                       name + ")");

    TapDevice device{name, open(kCloneDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC)};
    if (device.descriptor() < 0) return tap_failure(name, std::string{"open "} + kCloneDevice);

    ifreq request{};
    std::memcpy(request.ifr_name, name.c_str(), name.size());
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    if (ioctl(device.descriptor(), TUNSETIFF, &request) != 0) return tap_failure(name, "TUNSETIFF");
    const int header_size = sizeof(VirtioHeader);
    if (ioctl(device.descriptor(), TUNSETVNETHDRSZ, &header_size) != 0) return tap_failure(name, "TUNSETVNETHDRSZ");
    device.set_capabilities(agree_on_offloads(device.descriptor()));
    return device;
}

}  // namespace hairpin::l2
