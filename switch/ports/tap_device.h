#pragma once
// A TAP network device that this process made and holds open. The device lives as long as its descriptor, also when runtime/
// moves it into another network namespace meanwhile.

#include <string>
#include <utility>

#include "net/result.h"
#include "switch/port.h"

namespace hairpin::l2 {

class TapDevice {
public:
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

private:
    std::string name_;
    int descriptor_;
    Capabilities capabilities_;
};

// Makes a TAP device of this name (1 to 15 characters) in the calling thread's network namespace, non-blocking, with a virtio
// header of 12 bytes before each frame and as many offloads as this kernel has: datagram segmentation came with Linux 6.2.
// A name that exists is refused, also when it is a TAP device that could be joined: it is somebody else's.
Result<TapDevice> open_tap(const std::string& name);

}  // namespace hairpin::l2
