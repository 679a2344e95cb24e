#include "switch/ports/event_descriptor.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/result.h"

namespace hairpin::l2 {

namespace {

// Asked of the kernel's name for it, and not of the file: others than eventfds might not answer for as long as they like.
bool is_an_eventfd(int descriptor) {
    std::array<char, 64> name{};
    const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), name.data(), name.size());
    return length > 0 && std::string_view{name.data(), static_cast<std::size_t>(length)} == "anon_inode:[eventfd]";
}

}  // namespace

EventDescriptor EventDescriptor::make() {
    EventDescriptor event{FileDescriptor{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)}};
    ensure(event.get() >= 0);
    return event;
}

EventDescriptor EventDescriptor::accept(FileDescriptor descriptor) {
    if (!is_an_eventfd(descriptor.get())) return {};
    const int status = fcntl(descriptor.get(), F_GETFL);
    if (status < 0 || fcntl(descriptor.get(), F_SETFL, status | O_NONBLOCK) != 0) return {};
    return EventDescriptor{std::move(descriptor)};
}

// One that is full is as good as told.
void EventDescriptor::add_one() const {
    const std::uint64_t one = 1;
    if (*this) [[maybe_unused]]
        const ssize_t written = ::write(descriptor_.get(), &one, sizeof one);
}

// Whoever else has it may have made it one that waits: each call says by itself that it does not. Kernels before 5.8 cannot be told so.
void EventDescriptor::take() const {
    std::uint64_t number = 0;
    const iovec place{&number, sizeof number};
    if (!*this || preadv2(descriptor_.get(), &place, 1, -1, RWF_NOWAIT) >= 0 || errno != EOPNOTSUPP) return;
    [[maybe_unused]] const ssize_t taken = ::read(descriptor_.get(), &number, sizeof number);
}

}  // namespace hairpin::l2
