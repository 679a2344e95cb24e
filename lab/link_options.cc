#include "lab/link_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "lab/choice_option.h"
#include "lab/impairment_keys.h"

namespace hairpin::lab {
namespace {

constexpr const char* kLinkHelp =
    "[LAB] LINK: the lab may be left out when only one is up; the link is NODE:INTERFACE, SEGMENT:PORT or the switch's port";

}  // namespace

void LinkOptionSet::add_to(CLI::App& app, std::function<ExitCode()>& run) {
    run_ = &run;
    add_impair(app);
    add_link(app);
}

void LinkOptionSet::run_by(CLI::App& verb, std::function<ExitCode()> action) {
    verb.callback([this, act = std::move(action)] { *run_ = act; });
}

void LinkOptionSet::add_choice(CLI::App& verb) {
    verb.add_option("place", choice_.place, kLinkHelp)->type_name("NAME")->expected(0, 2);
    verb.add_option("-t,--topo", choice_.topology, "The lab, by its topology")->type_name("TOPOLOGY");
    verb.add_option("-n,--node", choice_.node, "The link of this node ...")->type_name("NODE");
    verb.add_option("-i,--interface", choice_.interface, "... at this interface")->type_name("INTERFACE");
}

void LinkOptionSet::add_direction(CLI::App& verb) {
    lab::add_choice(verb, "--direction", impair_.direction,
                    "in (what the host sends), out (what it gets) or both, which is the default",
                    Choices<std::string>{{"in", "in"}, {"out", "out"}, {"both", "both"}})
        ->type_name("DIRECTION");
}

void LinkOptionSet::add_impair(CLI::App& app) {
    CLI::App* impair =
        app.add_subcommand("impair", "Makes a link of a lab that is up slow, lossy or late; shows what came of it");
    impair->alias("netem");
    impair->require_subcommand(1);

    CLI::App* set = impair->add_subcommand("set", "Changes what is wrong with a link; what is not named stays as it is");
    add_choice(*set);
    for (const ImpairmentKey& key : impairment_keys()) {
        const std::string names =
            key.alias.empty() ? fmt::format("--{}", key.name) : fmt::format("--{},--{}", key.name, key.alias);
        set->add_option_function<std::string>(
               names, [this, name = std::string{key.name}](const std::string& value) { impair_.values[name] = value; },
               std::string{key.meaning})
            ->type_name("VALUE");
    }
    set->add_option("--seed", impair_.seed, "Repeats what is random")->type_name("NUMBER");
    add_direction(*set);
    set->add_flag("--replace", impair_.replace, "Nothing else is wrong with it any more, as containerlab has it");
    run_by(*set, [this] {
        impair_.link = choice_;
        return impair_set(impair_);
    });

    CLI::App* show = impair->add_subcommand("show", "Shows what is wrong with a link, or with all, and what packets met there");
    add_choice(*show);
    add_format_option(*show, format_, "table", "table or json");
    run_by(*show, [this] { return impair_show(choice_, format_); });

    CLI::App* reset = impair->add_subcommand("reset", "Makes a link perfect again");
    add_choice(*reset);
    add_direction(*reset);
    run_by(*reset, [this] { return impair_reset(choice_, impair_.direction); });
    add_profile(*impair);
}

void LinkOptionSet::add_profile(CLI::App& impair) {
    CLI::App* profile = impair.add_subcommand("profile", "Links that people know: satellite, 3g, dsl, lossy-wifi");
    profile->require_subcommand(1);
    CLI::App* apply =
        profile->add_subcommand("apply", "Makes a link such a one:  hairpin lab impair profile apply PROFILE [LAB] LINK");
    apply->add_option("profile", profile_, "Which")->type_name("PROFILE")->required();
    add_choice(*apply);
    run_by(*apply, [this] { return impair_profile(profile_, choice_); });
    CLI::App* list = profile->add_subcommand("list", "Lists them");
    add_format_option(*list, format_, "table", "table or json");
    run_by(*list, [this] { return list_profiles(format_); });
}

void LinkOptionSet::add_link(CLI::App& app) {
    CLI::App* link = app.add_subcommand("link", "Pulls the cable of a link of a lab that is up, and plugs it in again");
    link->require_subcommand(1);
    const auto add = [&](const char* name, const char* description, LinkState state) {
        CLI::App* verb = link->add_subcommand(name, description);
        add_choice(*verb);
        run_by(*verb, [this, state] {
            link_.link = choice_;
            return link_state(state, link_);
        });
        return verb;
    };
    add("up", "Plugs it in; it flaps no more", LinkState::up);
    add("down", "Pulls it: the host sees no carrier, and nothing passes", LinkState::down);
    CLI::App* flap = add("flap", "Pulls it and plugs it in again, until it is told otherwise", LinkState::flap);
    flap->add_option("--up", link_.up, "For how long it is in; 10s otherwise")->type_name("TIME");
    flap->add_option("--down", link_.down, "For how long it is out; 2s otherwise")->type_name("TIME");
    flap->add_option("--jitter", link_.jitter, "Each time is longer or shorter by up to this")->type_name("TIME");
}

}  // namespace hairpin::lab
