#pragma once
// Which rule is the first that matches, without asking all of them: what a new session costs hardly grows with the rules.
//
// Each field that rules compare is a column (range_column.h) with a bit for each rule. The columns' bits at the packet's numbers, one
// AND, and what is left are the rules that might match, in their order; matches() has the last word about each. A column may be wider
// than its rules (source ports, ICMP types and MACs have none) but never narrower, so the answer is that of the walk from the top. Words
// in which some column has nothing are not looked at.
//
//   source 10.0.0.7      0110 0110     who names it, or everybody
//   destination 20.0.0.1 1110 0011
//   tcp port 443         0111 0010
//                        0110 0010 →   rules 1, 5, 6 from the right: asked in that order
//
// Immutable, and about the rules as they are when it is made. Of 65,536 rules that all overlap 1,024 words a column are looked through;
// their marks take some 4 MB a column, and tens of milliseconds to make. 1,000 rules take some 0.2 ms (bench/memory/rule_index_bench).

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/firewall/match.h"
#include "gateway/nat/translate.h"
#include "gateway/range_column.h"

namespace hairpin::gateway {

// What a rule's protocols and ports are, for packets of one protocol.
class ServiceColumns {
public:
    // A row without services serves everything; else each is added.
    void add_everything(std::size_t row);
    void add(const Service& service, std::size_t row);
    void finish(std::size_t rows);
    bool empty() const { return empty_; }

    RangeColumn::Bits at(IpProtocol protocol, L4Port destination_port) const;

private:
    RangeColumn tcp_, udp_;  // by destination port
    RangeColumn others_;     // by protocol; the two are not looked for there
    bool empty_ = true;
};

// A bit for each rule that is fixed, with its summary.
class RowSet {
public:
    explicit RowSet(std::size_t rows = 0) : words_((rows + 63) / 64), summary_((words_.size() + 63) / 64) {}
    void add(std::size_t row) {
        words_[row / 64] |= std::uint64_t{1} << (row % 64);
        summary_[row / 4096] |= std::uint64_t{1} << (row / 64 % 64);
    }
    std::uint64_t word(std::size_t place) const { return words_[place]; }
    void add_summary(std::uint64_t* summary) const {
        for (std::size_t i = 0; i < summary_.size(); ++i) summary[i] |= summary_[i];
    }

private:
    std::vector<std::uint64_t> words_, summary_;
};

class FirewallIndex {
public:
    explicit FirewallIndex(const std::vector<FirewallRule>& rules);
    // The position of the first rule in force that matches; that of the end where none does. `rules` are those that it was made of.
    std::size_t find(const std::vector<FirewallRule>& rules, const FirewallQuestion& question) const;

private:
    // One side of rules: by address, or by interface; excepted, by neither.
    struct Side {
        explicit Side(std::size_t rows) : negated(rows) {}
        RangeColumn addresses[2];                                       // compared with the original, and with the translated one
        std::array<std::unique_ptr<RowSet>, kMaxInterfaces + 1> lying;  // by interface; the last is the gateway itself
        RowSet negated;
    };
    class SideBits;
    void add(const Endpoint& endpoint, MatchTuple match, std::size_t row, Side& side) const;

    std::size_t rows_;
    RowSet enabled_;
    Side source_, destination_;
    ServiceColumns services_[2];  // by MatchTuple
};

// The rules of one side of NAT.
class NatIndex {
public:
    NatIndex(const std::vector<NatRule>& rules, NatSide side);
    const NatRule* find(const std::vector<NatRule>& rules, const NatQuestion& question, InterfaceId interface) const;

private:
    NatSide side_;
    std::vector<std::uint32_t> positions_;  // of its rules, among all
    RangeColumn addresses_;
    ServiceColumns services_;
    std::array<std::unique_ptr<RowSet>, kMaxInterfaces> applied_on_;
};

class RuleIndex {
public:
    // Fewer rules than these are as quickly walked.
    static constexpr std::size_t kWorthwhile = 32;
    explicit RuleIndex(const Ruleset& ruleset);

    // nullptr where there are few.
    const FirewallIndex* firewall() const { return firewall_.get(); }
    const NatIndex* nat(NatSide side) const { return side == NatSide::destination ? dnat_.get() : snat_.get(); }

private:
    std::unique_ptr<const FirewallIndex> firewall_;
    std::unique_ptr<const NatIndex> dnat_, snat_;
};

// Gives a Ruleset whose rules are all in an index over them. Rules that are changed later want it called again.
void index_rules(Ruleset& ruleset);

}  // namespace hairpin::gateway
