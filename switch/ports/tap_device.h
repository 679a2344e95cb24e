#pragma once
// A TAP network device that this process holds open: made by it, attached to, or passed by another process. One that is made lives as
// long as its descriptor, also when it is moved into another network namespace meanwhile, unless it is kept; one that is passed for as long as
// anybody has a descriptor of it. An open descriptor keeps alive the network namespace in which it was opened.

#include <string>
#include <utility>

#include "net/mac_address.h"
#include "net/result.h"
#include "switch/port.h"

namespace hairpin::l2 {

class TapDevice {
public:
    TapDevice() = default;  // none; its descriptor is -1
    // Takes over the descriptor.
    TapDevice(std::string name, int descriptor) : name_(std::move(name)), descriptor_(descriptor) {}
    ~TapDevice();
    TapDevice(TapDevice&& other) noexcept;
    TapDevice& operator=(TapDevice&& other) noexcept;

    const std::string& name() const { return name_; }
    int descriptor() const { return descriptor_; }
    // What its driver and we have agreed on.
    Capabilities capabilities() const { return capabilities_; }
    void set_capabilities(Capabilities capabilities) { capabilities_ = capabilities; }

    // Flags for preadv2() and pwritev2(). Whoever passed the device shares the open file and may take O_NONBLOCK from it at any time, so
    // each call says by itself that it does not wait.
    int call_flags() const { return call_flags_; }
    void share();

    // The MAC of the host's interface, read and changed by the descriptor, which needs no privilege and no sight of the namespace.
    Result<MacAddress> mac() const;
    Result<void> set_mac(MacAddress mac);
    // What the host reads in /sys/class/net/DEVICE/carrier. A kernel before 4.20 knows no such
    // thing, and the host sees a carrier always.
    void set_carrier(Carrier carrier);

    // From now on it outlives its descriptor, with all that is set up at it, until discard(): then it goes with that again.
    Result<void> keep();
    void discard();

private:
    std::string name_;
    int descriptor_ = -1;
    int call_flags_ = 0;
    bool kept_ = false;
    Capabilities capabilities_;
};

enum class TapIs : std::uint8_t { made, there, either };

// A TAP device of this name (1 to 15 characters) in the calling thread's network namespace, non-blocking, with a virtio
// header of 12 bytes before each frame and as many offloads as this kernel has: datagram segmentation came with Linux 6.2.
// To be made: a name that exists is refused, also when it is a TAP device that could be joined: it is somebody else's. There: one that
// does not exist is refused, and one that somebody has open. Either: it is made where there is none.
Result<TapDevice> open_tap(const std::string& name, TapIs is = TapIs::made);

// Makes of a descriptor that another process has opened what open_tap() makes. It is refused unless it is a TAP device with IFF_NO_PI and
// IFF_VNET_HDR whose queue is attached. It is hostile input: nothing is asked of it before it is known to be the TUN driver's, and nothing
// that is asked waits for anybody. Takes the descriptor over only where it succeeds.
Result<TapDevice> accept_tap(int descriptor);

}  // namespace hairpin::l2
