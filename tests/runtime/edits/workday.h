#pragma once
// A day of three people at one daemon, each with a candidate as the shell holds it, and of the packets that pass meanwhile.
//
// After each step the daemon is where the model says, and each packet was decided by the configuration before the step or after it. What
// does not hold fails the rapidcheck property around it, with all that was typed.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/runtime/edits/commit_model.h"
#include "tests/runtime/edits/edge_model.h"
#include "tests/runtime/edits/edge_traffic.h"
#include "tests/runtime/edits/random_edits.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {

// How often something has happened in all runs: a test of what never happens would prove nothing.
struct Tally {
    std::size_t edits = 0, commits = 0, conflicts = 0, refused_documents = 0, refused_devices = 0, updates = 0,
                hopeless_updates = 0, confirmed = 0, undone = 0, forgotten = 0, packets = 0, sessions_kept = 0,
                sessions_ended = 0;
};

struct Person {
    config::Candidate candidate, running;
    std::uint64_t generation = 0;  // of `running`
    control::Caller caller = {};

    std::string name() const { return std::to_string(caller.uid); }
};

class Workday {
public:
    // `tally` outlives it.
    explicit Workday(Tally& tally);
    // What somebody does, and a packet: both decided by the number alone.
    void step(std::uint32_t number);
    void end();

private:
    struct Deed {
        unsigned weight;
        void (Workday::*done_by)(Person& person);
    };
    static const std::vector<Deed>& deeds();

    void edit(Person& person);
    void commit(Person& person) { commit_by(person, std::nullopt); }
    void commit_confirmed(Person& person) { commit_by(person, 1 + dice_.below(86400)); }
    void check(Person& person);
    void confirm(Person& person);
    void let_time_pass(Person& person);
    void roll_back(Person& person);
    void discard(Person& person);
    void update(Person& person);
    void load_earlier(Person& person);
    void add_port(Person& person);
    void remove_port(Person& person);
    void look_at_history(Person& person);

    std::string answer_to(Person& person, const std::string& method, const std::string& parameters = "{}");
    nlohmann::json ask(Person& person, const std::string& method, const std::string& parameters = "{}");
    void commit_by(Person& person, std::optional<std::size_t> confirm_seconds);
    bool must_be_refused(const nlohmann::json& answer, std::uint64_t base, const CommitModel::Judged& judged);
    void go_on_after(const nlohmann::json& answer, Person& person);
    const config::Candidate& in_force();
    void fetch_running(Person& person);

    void send_packets();
    void send_first();
    void send_of_a_session();
    void send(const Station& from, const Ipv4FlowKey& key, Place place);
    void must_equal_the_model();
    void stations_must_equal_the_model();
    void history_must_equal_the_model();

    Tally& tally_;
    GuideDaemon daemon_;
    EdgeTraffic traffic_{daemon_.worker};
    CommitModel model_{testing::guide_document().dump()};
    EdgeModel edge_{model_.in_force()};
    std::vector<Person> people_;
    Dice dice_{0};
    config::Candidate in_force_;
    std::uint64_t in_force_generation_ = 0;
    std::uint64_t compared_ = 0;  // the generation whose document and rules have been compared
};

}  // namespace hairpin::runtime
