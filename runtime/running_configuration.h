#pragma once
// The configuration in force, and how another one takes its place: either whole, or not at all.

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "config/compile.h"
#include "gateway/analysis/analysis.h"
#include "gateway/session_review.h"
#include "net/result.h"
#include "runtime/clock.h"

namespace hairpin::runtime {

class Worker;

class RunningConfiguration {
public:
    // What time it is, for schedules.
    using TellTime = std::function<gateway::Clocks()>;
    // Reads and compiles a first document; nothing is applied yet. An error's path names the place in the document.
    static Result<RunningConfiguration> read(
        const std::string& text, TellTime tell_time = [] { return clocks_on_the_wall(); });

    // The first time: ports, then rules. The gateway forwards nothing before its rules are in.
    Result<void> apply_to(Worker& worker);

    struct Change {
        std::uint64_t generation = 0;
        std::vector<std::string> summary, warnings;
        std::vector<gateway::Finding> findings;  // what the rules will do, and were hardly meant to
        gateway::Foresight sessions;             // what becomes of those that live
    };
    // What replace() would answer, but for devices that cannot be opened; nothing changes.
    Result<Change> check(const std::string& text, Worker& worker) const;
    // The rules that `text` would make.
    Result<gateway::RulesetPtr> rules_of(const std::string& text) const;
    enum class Consent : std::uint8_t { asked, given };
    // Puts `text` in place while traffic runs. A NAT rule that uses an address whose packets do not come to the gateway, and that did not
    // before, is taken for a mistake and refused, unless consent is given. New ports are opened first; if one cannot be, those opened are closed again and
    // everything is as before. Then the rules are adopted, between two bursts, and ports that are no longer wanted are removed. A
    // document without a `hairpin:switch` part keeps the switch as it is.
    Result<Change> replace(const std::string& text, Worker& worker, Consent consent = Consent::asked);

    // To be called now and then: where the time has come for a schedule, its rules come into force or are passed over from now on, between
    // two bursts, and sessions are looked at as after a commit. Answers the schedules that have turned; it is no commit, and the
    // generation stays. Costs nothing until the clock shows another minute.
    struct Turn {
        std::string schedule;
        bool in_force;
    };
    std::vector<Turn> follow_schedules(Worker& worker);

    // One port more, or less, without a document: both show in document() from then on.
    Result<void> add_port(const nlohmann::json& port, Worker& worker);
    Result<void> remove_port(const std::string& name, Worker& worker);

    // JSON, as it was loaded.
    const std::string& text() const { return compiled_.text->text(); }
    nlohmann::json document() const;
    const config::Configuration& compiled() const { return compiled_; }

private:
    // What is as large as it was when the daemon began.
    struct Sizes {
        Duration mac_age;
        std::size_t mac_capacity, mac_port_limit, session_capacity;
    };
    static Sizes sizes_of(const config::Configuration& configuration);
    // Settings that are taken and have no effect: until the daemon starts again, or never.
    void warn_of_what_does_nothing_yet(const config::Configuration& next, Change& change) const;
    // With the switch, where the text leaves it as it is.
    Result<config::Configuration> compile_onto(const std::string& text) const;
    RunningConfiguration(config::Configuration compiled, TellTime tell_time);

    config::Configuration compiled_;
    Sizes begun_with_;
    TellTime tell_time_;
    gateway::Clocks followed_;  // what the clocks showed when schedules were followed last
};

}  // namespace hairpin::runtime
