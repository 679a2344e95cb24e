#pragma once
// The picture of a lab as it is at this moment: which links are up, and what passes them; of a lab that is not up, the picture of its files.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "lab/graph.h"
#include "lab/rows.h"
#include "lab/topology.h"
#include "net/result.h"

namespace hairpin::lab {

// Rates are those since `before`, `interval` ago; null: nothing was asked before. A counter that went back has no rate: it began anew.
std::map<std::string, LinkNow> links_now(const Rows& interfaces, const Rows* before, std::chrono::duration<double> interval);

// It may be asked as often as one likes: the daemon is asked once a second at most, and in between everybody gets the same picture.
// Not for several threads at once.
class LiveGraph {
public:
    // What find_lab() or, where no such lab is up, find_topology() takes.
    static Result<LiveGraph> of(const std::string& argument);

    const std::string& lab() const { return lab_; }
    std::string svg();

private:
    using Clock = std::chrono::steady_clock;
    LiveGraph(std::string lab, Topology topology) : lab_(std::move(lab)), topology_(std::move(topology)) {}
    LabNow ask(Clock::time_point now);

    std::string lab_;
    Topology topology_;
    std::shared_ptr<const Rows> before_;  // of a lab that is up
    Clock::time_point asked_;
    std::string drawn_;  // empty: nothing yet
};

}  // namespace hairpin::lab
