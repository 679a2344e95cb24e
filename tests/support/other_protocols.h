#pragma once
// Packets of the protocols that PacketBuilder has no words for, as what stands behind the IP header: ip(132).payload(sctp(...)).

#include "net/sctp.h"
#include "tests/support/packet_builder.h"

namespace hairpin::testing {

struct SctpWords {
    unsigned source_port = 0, destination_port = 0;
    std::uint32_t tag = 0;
    SctpChunkType chunk = SctpChunkType::data;
    std::uint32_t initiate_tag = 0;  // of INIT and INIT ACK
    std::uint8_t flags = 0;
};
// With one chunk and the CRC32c over it all.
Bytes sctp(const SctpWords& words);

Bytes gre(std::uint32_t key);
Bytes gre_with_checksum(std::uint32_t key);
Bytes gre_without_key();
// PPTP's, RFC 2637.
Bytes enhanced_gre(unsigned call_id, std::uint32_t sequence = 0);
Bytes esp(std::uint32_t spi, std::uint32_t sequence = 1);
Bytes ah(std::uint32_t spi);

}  // namespace hairpin::testing
