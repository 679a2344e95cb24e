#include "gateway/nat/port_blocks.h"

namespace hairpin::gateway {

// ---- Whose they are ------------------------------------------------------------------------------------------------------------

std::uint32_t PortBlocks::first_of(Ipv4Address host) const {
    return by_host_.find(hash_of(host), [&](std::uint32_t candidate) { return blocks_[candidate].host == host; }).value_or(kNone);
}

const PortBlocks::Address* PortBlocks::find_address(Ipv4Address address) const {
    const auto found =
        by_address_.find(hash_of(address), [&](std::uint32_t candidate) { return addresses_[candidate].address == address; });
    return found ? &addresses_[*found] : nullptr;
}

const PortBlock* PortBlocks::find(Ipv4Address address, L4Port port) const {
    if (live_ == 0) return nullptr;
    const Address* const record = find_address(address);
    if (record == nullptr) return nullptr;
    const std::uint32_t owner = record->owners[port.number() / kGranule];
    return owner == 0 ? nullptr : &blocks_[owner - 1];
}

PortBlock* PortBlocks::block_at(Ipv4Address address, L4Port port) {
    return const_cast<PortBlock*>(std::as_const(*this).find(address, port));
}

PortBlocks::OfOthers PortBlocks::of_others(Ipv4Address address, Ipv4Address host) const {
    OfOthers result;
    if (live_ == 0) return result;
    if (const Address* const record = find_address(address)) {
        result.owners_ = &record->owners;
        result.blocks_ = &blocks_;
        result.host_ = host;
    }
    return result;
}

bool PortBlocks::may_have_another(Ipv4Address host) const {
    unsigned has = 0;
    for (std::uint32_t number = first_of(host); number != kNone; number = blocks_[number].next) ++has;
    return has < settings_.per_host;
}

bool PortBlocks::is_free(Ipv4Address address, PortRange ports) const {
    const Address* const record = find_address(address);
    if (record == nullptr) return true;
    const auto owners = owners_of(*record, ports);
    return std::all_of(owners.begin(), owners.end(), [](std::uint32_t owner) { return owner == 0; });
}

// ---- Their life ----------------------------------------------------------------------------------------------------------------

std::optional<std::uint32_t> PortBlocks::room_for_address() const {
    if (addresses_used_ < kMostAddresses) return addresses_used_;
    for (std::uint32_t number = 0; number < kMostAddresses; ++number)
        if (addresses_[number].blocks == 0) return number;
    return std::nullopt;
}

PortBlocks::Address& PortBlocks::address_record(Ipv4Address address) {
    if (Address* const known = find_address(address)) return *known;
    const auto room = room_for_address();
    ensure(room.has_value());  // find_free() has seen to it
    Address& record = addresses_[*room];
    if (*room == addresses_used_)
        ++addresses_used_;
    else
        by_address_.erase(hash_of(record.address), *room);
    record = Address{};
    record.address = address;
    by_address_.insert(hash_of(address), *room);
    return record;
}

void PortBlocks::take(Ipv4Address host, Ipv4Address address, PortRange ports, Timestamp now) {
    if (const PortBlock* const there = find(address, ports.first)) {
        ensure(there->host == host);
        return;
    }
    std::uint32_t number = free_;
    if (number != kNone)
        free_ = blocks_[number].next;
    else
        number = used_++;
    ensure(number < kMostBlocks);
    const std::uint32_t first = first_of(host);
    blocks_[number] = {host, address, ports, 0, now, first};
    // The index knows the youngest of a host's, which knows the next.
    if (first != kNone) by_host_.erase(hash_of(host), first);
    by_host_.insert(hash_of(host), number);
    Address& record = address_record(address);
    ++record.blocks;
    std::ranges::fill(owners_of(record, ports), number + 1);
    ++live_;
    if (observer_ != nullptr) observer_->port_block_taken(blocks_[number], now);
}

void PortBlocks::mapping_began(Ipv4Address address, L4Port port) {
    if (PortBlock* const block = block_at(address, port)) ++block->mappings;
}

void PortBlocks::mapping_ended(Ipv4Address address, L4Port port, Timestamp now) {
    PortBlock* const block = block_at(address, port);
    if (block != nullptr && --block->mappings == 0) release(static_cast<std::uint32_t>(block - &blocks_[0]), now);
}

void PortBlocks::release(std::uint32_t number, Timestamp now) {
    PortBlock& block = blocks_[number];
    if (observer_ != nullptr) observer_->port_block_released(block, now);
    Address& record = address_record(block.address);
    --record.blocks;
    std::ranges::fill(owners_of(record, block.ports), 0U);
    const std::uint32_t first = first_of(block.host);
    if (first == number) {
        by_host_.erase(hash_of(block.host), number);
        if (block.next != kNone) by_host_.insert(hash_of(block.host), block.next);
    } else {
        std::uint32_t before = first;
        while (blocks_[before].next != number) before = blocks_[before].next;
        blocks_[before].next = block.next;
    }
    block.next = free_;
    free_ = number;
    --live_;
}

}  // namespace hairpin::gateway
