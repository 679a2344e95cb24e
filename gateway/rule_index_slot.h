#pragma once
// Where a Ruleset keeps the index over its rules (rule_index.h), once somebody has made one.
//
// An index is about the rules as they were when it was made. So whoever copies a Ruleset, which is how another one begins, gets a copy
// without: the rules there are walked one by one until index_rules() is called for them.

#include <memory>

namespace hairpin::gateway {

class RuleIndex;

class RuleIndexSlot {
public:
    RuleIndexSlot() = default;
    RuleIndexSlot(const RuleIndexSlot&) {}
    RuleIndexSlot& operator=(const RuleIndexSlot&) { return index_.reset(), *this; }

    void set(std::shared_ptr<const RuleIndex> index) { index_ = std::move(index); }
    // nullptr where there is none.
    const RuleIndex* get() const { return index_.get(); }
    // An index says nothing that the rules do not say.
    friend bool operator==(const RuleIndexSlot&, const RuleIndexSlot&) { return true; }

private:
    std::shared_ptr<const RuleIndex> index_;
};

}  // namespace hairpin::gateway
