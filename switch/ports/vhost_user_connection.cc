#include "switch/ports/vhost_user_connection.h"

#include <fmt/format.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace hairpin::l2 {

namespace {
constexpr std::size_t kMostDescriptors = vhost::GuestMemory::kMostRegions;
}  // namespace

Result<std::optional<VhostUserConnection::Incoming>> VhostUserConnection::next() {
    constexpr std::size_t kHead = sizeof(vhost::MessageHeader);
    const auto head = read_up_to(kHead);
    if (!head) return tl::unexpected(head.error());
    if (!*head) return std::nullopt;
    vhost::MessageHeader header;
    std::memcpy(&header, bytes_.data(), kHead);
    if (const std::string wrong = vhost::wrong_with(header); !wrong.empty()) return failure("the front-end sent " + wrong);
    const auto whole = read_up_to(kHead + header.size);
    if (!whole) return tl::unexpected(whole.error());
    if (!*whole) return std::nullopt;

    const auto message = vhost::read_message(header, std::span{bytes_}.subspan(kHead, header.size), descriptors_.size());
    if (!message) return failure("the front-end sent " + message.error());
    there_ = 0;
    return Incoming{*message, std::exchange(descriptors_, {})};
}

Result<bool> VhostUserConnection::read_up_to(std::size_t wanted) {
    while (there_ < wanted) {
        alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control;
        iovec place{bytes_.data() + there_, wanted - there_};
        msghdr message{};
        message.msg_iov = &place;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t count = recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
        has_gone_ = count <= 0;
        if (count < 0) return failure(fmt::format("the front-end's connection: {}", std::strerror(errno)));
        if (count == 0) return failure("the front-end has closed its connection");
        if (auto kept = keep_descriptors(message); !kept) return tl::unexpected(kept.error());
        there_ += static_cast<std::size_t>(count);
    }
    return true;
}

Result<void> VhostUserConnection::keep_descriptors(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof number, sizeof number);
            descriptors_.emplace_back(number);
        }
    }
    if (descriptors_.size() > kMostDescriptors || (message.msg_flags & MSG_CTRUNC) != 0)
        return failure("the front-end sent more descriptors than a message may have");
    return {};
}

bool VhostUserConnection::answer(const vhost::Message& message, std::span<const std::byte> payload) {
    const vhost::MessageHeader header{.request = static_cast<std::uint32_t>(message.row->request),
                                      .flags = vhost::MessageHeader::kVersion | vhost::MessageHeader::kReply,
                                      .size = static_cast<std::uint32_t>(payload.size())};
    std::array<iovec, 2> pieces{iovec{const_cast<vhost::MessageHeader*>(&header), sizeof header},
                                iovec{const_cast<std::byte*>(payload.data()), payload.size()}};
    msghdr reply{};
    reply.msg_iov = pieces.data();
    reply.msg_iovlen = pieces.size();
    return sendmsg(socket_.get(), &reply, MSG_DONTWAIT | MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof header + payload.size());
}

}  // namespace hairpin::l2
