#include "lab/adapt.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "control/protocol.h"
#include "lab/containers/container.h"
#include "lab/daemon.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/namespaces.h"
#include "lab/node_commands.h"
#include "lab/processes.h"

namespace hairpin::lab {
namespace {

using Json = nlohmann::json;

class Adaptation {
public:
    Adaptation(const Topology& topology, const LabState& before, const DaemonConfig& wanted, const LabDifference& difference)
        : topology_(topology),
          before_(before),
          wanted_(wanted),
          difference_(difference),
          paths_(topology.name),
          state_(LabState::of(topology)) {
        state_.daemon = before.daemon;
        state_.complete = true;
        if (NodeState* gateway = state_.find(topology.gateway().name)) gateway->addresses = wanted.gateway_addresses;
    }

    Result<LabState> run() {
        if (auto fit = judge(); !fit) return tl::unexpected(fit.error());
        const auto made = end_hosts().and_then([&] { return make_hosts(); }).and_then([&] { return commit(); });
        if (!made) return tl::unexpected(give_up(made.error()));
        const auto ran = run_new_commands();
        if (auto noted = note(); !noted) return tl::unexpected(noted.error());
        if (!ran) return tl::unexpected(ran.error());
        return state_;
    }

private:
    // Of each part of the document the file's where that has changed, and otherwise what is in force. Nothing is touched yet.
    Result<void> judge() {
        for (const std::string& host : new_hosts())
            if (is_container(host))
                if (auto found = look_for(topology_, *topology_.find(host)); !found) return found;
        const auto running = ask_daemon(topology_.name, control::method::kConfigGet, Json::object());
        if (!running) return tl::unexpected(running.error());
        const Json files = Json::parse(wanted_.text);
        in_force_ = running->at("config");
        document_ = in_force_;
        if (difference_.switch_changed) document_[kSwitchPart] = files.at(kSwitchPart);
        if (difference_.gateway_changed) document_[kGatewayPart] = files.at(kGatewayPart);
        return ask(control::method::kConfigCheck, {{"config", document_}});
    }

    Result<void> ask(const std::string& method, const Json& parameters) const {
        const auto answer = ask_daemon(topology_.name, method, parameters);
        if (!answer) return tl::unexpected(answer.error());
        return {};
    }

    Result<void> put_in_force(const Json& config) const {
        return ask(control::method::kConfigCommit, {{"config", config}, {"comment", "hairpin lab up"}});
    }

    Result<void> commit() const {
        return document_ == in_force_ && difference_.anew.empty() ? Result<void>{} : put_in_force(document_);
    }

    // What was added goes again. Hosts that are gone do not come back by themselves.
    Error give_up(const Error& error) const {
        for (const std::string& host : difference_.added) {
            if (is_container(host)) std::ignore = remove_containers(topology_.runtime, topology_.name, host);
            std::ignore = remove_namespace(place_of(host));
        }
        if (!touched_) return error;
        LabState rest = before_;
        rest.complete = false;
        std::ignore = write_state(rest);
        return Error{error.message + " (hosts have been ended by then; the next `hairpin lab up` makes the lab anew)"};
    }

    // Those that go and those that begin anew. Their ports go first, so that no device disappears under hairpind.
    Result<void> end_hosts() {
        std::set<std::string> ending{difference_.removed.begin(), difference_.removed.end()};
        ending.insert(difference_.anew.begin(), difference_.anew.end());
        if (ending.empty()) return {};
        if (auto parted = put_in_force(without_ports_of(ending)); !parted) return parted;
        touched_ = true;
        std::vector<NamespaceId> ids;
        for (const std::string& host : ending)
            if (const auto id = namespace_id(fmt::format("{}/{}", kNamespaceFolder, place_of(host))); id && !is_container(host))
                ids.push_back(*id);
        if (auto ended = end_processes(ids, {}); !ended) return ended;
        for (const std::string& host : ending) {
            if (is_container(host))
                if (auto removed = remove_containers(before_.runtime, before_.lab, host); !removed) return removed;
            if (auto removed = remove_namespace(place_of(host)); !removed) return removed;
            std::error_code none;
            std::filesystem::remove_all(paths_.node_folder(host), none);
        }
        return {};
    }

    // Of one that was, or of one that will be; between the two a node changes its role only with --reconfigure.
    std::string place_of(const std::string& host) const {
        const NodeState* old = before_.find(host);
        return old != nullptr ? before_.namespace_of(*old) : topology_.namespace_of(*topology_.find(host));
    }
    // What lives in it is its engine's to end.
    bool is_container(const std::string& host) const {
        const NodeState* old = before_.find(host);
        return (old != nullptr ? old->role : topology_.find(host)->role) == NodeRole::container;
    }

    Json without_ports_of(const std::set<std::string>& hosts) const {
        std::set<std::string> namespaces;
        for (const std::string& host : hosts) namespaces.insert(place_of(host));
        Json config = in_force_;
        Json kept = Json::array();
        for (const Json& port : config[kSwitchPart].value("port", Json::array()))
            if (!namespaces.contains(port.value("tap", Json::object()).value("namespace", ""))) kept.push_back(port);
        config[kSwitchPart]["port"] = kept;
        return config;
    }

    Result<void> make_hosts() {
        for (const std::string& host : new_hosts()) {
            if (auto folder = make_folders(paths_.node_folder(host)); !folder) return folder;
            const auto made = is_container(host) ? take_in(topology_, *topology_.find(host)) : create_namespace(place_of(host));
            if (!made) return made;
        }
        return {};
    }

    std::vector<std::string> new_hosts() const {
        std::vector<std::string> hosts = difference_.added;
        hosts.insert(hosts.end(), difference_.anew.begin(), difference_.anew.end());
        return hosts;
    }

    Result<void> note() {
        return write_file(paths_.daemon_config(), wanted_.text).and_then([&] { return write_state(state_); });
    }

    // A host whose commands failed is noted as one that ran none, so that the next `lab up` makes it anew.
    Result<void> run_new_commands() {
        const std::vector<std::string> hosts = new_hosts();
        Result<void> all;
        for (const Node& node : topology_.nodes) {
            if (std::find(hosts.begin(), hosts.end(), node.name) == hosts.end()) continue;
            auto done = run_commands(state_, node);
            if (done) continue;
            state_.find(node.name)->commands.clear();
            if (all) all = done;
        }
        return all;
    }

    const Topology& topology_;
    const LabState& before_;
    const DaemonConfig& wanted_;
    const LabDifference& difference_;
    LabPaths paths_;
    LabState state_;
    Json in_force_;
    Json document_;
    bool touched_ = false;  // something that was running has been ended
};

}  // namespace

Result<LabState> adapt(const Topology& topology, const LabState& before, const DaemonConfig& wanted,
                       const LabDifference& difference) {
    return Adaptation{topology, before, wanted, difference}.run();
}

}  // namespace hairpin::lab
