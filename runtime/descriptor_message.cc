#include "runtime/descriptor_message.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <uv.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace hairpin::runtime {

namespace {

void take_descriptors(const msghdr& header, std::vector<FileDescriptor>& into) {
    for (const cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(const_cast<msghdr*>(&header), const_cast<cmsghdr*>(part))) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof number, sizeof number);
            into.emplace_back(number);
        }
    }
}

}  // namespace

Result<std::optional<DescriptorMessage>> receive_message(int socket) {
    DescriptorMessage message;
    message.text.resize(DescriptorMessage::kMostBytes);
    message.descriptors.reserve(DescriptorMessage::kMostDescriptors);
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(DescriptorMessage::kMostDescriptors * sizeof(int))> control;
    iovec place{message.text.data(), message.text.size()};
    msghdr header{};
    header.msg_iov = &place;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (size < 0) return failure(std::string{"recvmsg: "} + std::strerror(errno));
    take_descriptors(header, message.descriptors);
    // An empty message and the end look the same here, but for what came with it.
    if (size == 0 && message.descriptors.empty()) return failure("the other side has closed");
    message.text.resize(static_cast<std::size_t>(size));
    message.too_long = (header.msg_flags & MSG_TRUNC) != 0;
    message.too_many = (header.msg_flags & MSG_CTRUNC) != 0;
    return message;
}

void close_elsewhere(EventLoop& loop, FileDescriptor descriptor) {
    struct Closing {
        uv_work_t work{};
        FileDescriptor descriptor;
    };
    auto closing = std::make_unique<Closing>();
    closing->descriptor = std::move(descriptor);
    closing->work.data = closing.get();
    const int error = uv_queue_work(
        loop.get(), &closing->work, [](uv_work_t* work) { static_cast<Closing*>(work->data)->descriptor.reset(); },
        [](uv_work_t* work, int) { delete static_cast<Closing*>(work->data); });
    if (error == 0) closing.release();
}

}  // namespace hairpin::runtime
