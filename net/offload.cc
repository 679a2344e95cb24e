#include "net/offload.h"

#include <cstring>

#include "net/checksum.h"
#include "net/result.h"

namespace hairpin {

void complete_checksum(Packet& packet) {
    const std::size_t start = packet.offload.checksum_start;
    const std::size_t field = start + packet.offload.checksum_offset;
    ensure(field + sizeof(Be16) <= packet.size());
    // The field holds the pseudo-header's sum, so summing over it adds just that.
    const Be16 sum = checksum_of(packet.bytes().subspan(start));
    // RFC 768: a computed zero travels as 0xffff; to every other protocol both are the same number.
    const Be16 checksum = sum == Be16{} ? Be16{0xffff} : sum;
    std::memcpy(packet.data() + field, &checksum, sizeof checksum);
    packet.offload.checksum = ChecksumState::verified;
}

}  // namespace hairpin
