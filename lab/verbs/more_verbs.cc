#include "lab/verbs/more_verbs.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lab/choice_option.h"
#include "lab/generator.h"
#include "lab/verbs/graph_server.h"
#include "lab/verbs/verbs.h"
#include "net/quantity.h"

namespace hairpin::lab {
namespace {

constexpr const char* kLabHelp = "The lab; without one, that of this folder's topology or the only one that is up";
constexpr const char* kTopologyPlace = "NAME, folder or file of the topology; without one, the *.clab.yml of this folder";

constexpr std::chrono::milliseconds kLeastInterval{10};

using Run = std::function<ExitCode()>;

// One verb: its words go into an Options of its own, which lives as long as the App.
template <class Options>
struct Verb {
    CLI::App* app;
    std::shared_ptr<Options> options = std::make_shared<Options>();

    Verb(CLI::App& lab, const char* name, const char* description) : app(lab.add_subcommand(name, description)) {}

    template <class Act>
    void does(Run& run, Act act) const {
        app->callback([&run, options = options, act] { run = [options, act] { return act(*options); }; });
    }
};

void add_lab(CLI::App* app, std::string& lab) { app->add_option("lab", lab, kLabHelp)->type_name("LAB"); }

void add_topology_option(CLI::App* app, std::string& topology) {
    auto* positional = app->add_option("topology", topology, kTopologyPlace)->type_name("TOPOLOGY");
    app->add_option("-t,--topo", topology, "The same, as an option")->type_name("TOPOLOGY")->excludes(positional);
}

struct InspectWords {
    std::vector<std::string> words;
    InspectOptions options;
};

void describe_inspect(CLI::App& lab, Run& run) {
    const Verb<InspectWords> verb{lab, "inspect", "Shows a lab that is up:  hairpin lab inspect [nodes|links|interfaces] [LAB]"};
    verb.app->alias("ps");
    verb.app->add_option("words", verb.options->words, "What of it, and the lab")->type_name("WORD")->expected(0, 2);
    verb.app->add_option("-t,--topo", verb.options->options.lab, kTopologyPlace)->type_name("TOPOLOGY");
    add_format_option(*verb.app, verb.options->options.format);
    verb.app->add_flag("-a,--all", verb.options->options.all, "Of every lab that is up");
    verb.app->add_flag("-w,--watch", verb.options->options.watch, "Shows it again each second");
    verb.does(run, [](InspectWords words) {
        static const std::map<std::string, View> kViews{
            {"nodes", View::nodes}, {"links", View::links}, {"interfaces", View::interfaces}};
        if (!words.words.empty() && kViews.contains(words.words.front())) {
            words.options.view = kViews.at(words.words.front());
            words.words.erase(words.words.begin());
        }
        if (words.words.size() > 1)
            return report(ExitCode::usage, "\"" + words.words.front() + "\" is none of nodes, links, interfaces");
        if (!words.words.empty()) words.options.lab = words.words.front();
        if (words.options.all && !words.options.lab.empty())
            return report(ExitCode::usage, "--all shows every lab, and \"" + words.options.lab + "\" is one");
        return inspect(words.options);
    });
}

struct EventsWords {
    EventsOptions options;
    std::string statistics;  // empty: none; "true": each second; or how often, as 500ms
    unsigned seconds = 0;
};

void describe_events(CLI::App& lab, Run& run) {
    const Verb<EventsWords> verb{lab, "events", "Tells what happens in a lab as it happens, a line for each event"};
    add_lab(verb.app, verb.options->options.lab);
    add_format_option(*verb.app, verb.options->options.format, "plain", "plain, or json: an object a line");
    verb.app->add_flag("-i,--initial-state", verb.options->options.initial_state,
                       "Begins with the nodes and interfaces that there are");
    auto* statistics =
        verb.app->add_flag("--interface-stats", verb.options->statistics,
                           "Tells the counters of each interface again and again: each second, or as often as =TIME says");
    verb.app->add_option("--stats-interval", verb.options->seconds, "The same in seconds")
        ->type_name("SECONDS")
        ->check(number_from(1, 3600))
        ->needs(statistics);
    verb.does(run, [](EventsWords words) {
        if (words.statistics == "true") words.statistics = words.seconds == 0 ? "1s" : std::to_string(words.seconds) + "s";
        if (!words.statistics.empty()) {
            const auto time = parse_duration(words.statistics);
            if (!time || *time < kLeastInterval)
                return report(ExitCode::usage, fmt::format("--interface-stats: \"{}\" is not {}, and at least 10ms",
                                                           words.statistics, kDurationForm));
            words.options.statistics = std::chrono::ceil<std::chrono::milliseconds>(*time);
        }
        return events(words.options);
    });
}

struct GraphWords {
    std::string topology;
    GraphForm form = GraphForm::text;
    std::string serve_at;  // empty: it is printed
};

void describe_graph(CLI::App& lab, Run& run) {
    const Verb<GraphWords> verb{lab, "graph", "Draws a topology: as text, or for another program"};
    add_topology_option(verb.app, verb.options->topology);
    struct FormRow {
        const char* option;
        GraphForm form;
        const char* help;
    };
    std::vector<CLI::Option*> before;
    for (const FormRow& row :
         {FormRow{"--mermaid", GraphForm::mermaid, "For Markdown"}, FormRow{"--dot", GraphForm::dot, "For graphviz"},
          FormRow{"--svg", GraphForm::svg, "A picture"}, FormRow{"--drawio", GraphForm::drawio, "For diagrams.net"},
          FormRow{"-j,--json", GraphForm::json, "Nodes and links"}}) {
        auto* flag = verb.app->add_flag_callback(
            row.option, [options = verb.options, form = row.form] { options->form = form; }, row.help);
        for (CLI::Option* other : before) flag->excludes(other);
        before.push_back(flag);
    }
    auto* serve =
        verb.app
            ->add_option(
                "--srv", verb.options->serve_at,
                "A web page with the picture, and with what the links of a lab that is up do, at this PORT of this machine or at "
                "ADDRESS:PORT, until it is interrupted")
            ->type_name("PORT");
    for (CLI::Option* other : before) serve->excludes(other);
    verb.does(run, [](const GraphWords& words) {
        return words.serve_at.empty() ? graph(words.topology, words.form) : serve_graph(words.topology, words.serve_at);
    });
}

struct GenerateWords {
    GeneratorOptions options;
    std::string folder;
};

void describe_generate(CLI::App& lab, Run& run) {
    const Verb<GenerateWords> verb{lab, "generate", "Makes up a lab: hosts in LANs behind a gateway, with tests"};
    verb.app->add_option("folder", verb.options->folder, "Where; without one, a folder of the lab's name")->type_name("FOLDER");
    verb.app->add_option("--name", verb.options->options.name, "The lab's name")->type_name("NAME");
    verb.app->add_option("--hosts", verb.options->options.hosts, "How many hosts, besides the one in the Internet; 10 otherwise")
        ->type_name("NUMBER")
        ->check(number_from(1, GeneratorOptions::kMostHosts));
    verb.app->add_option("--lans", verb.options->options.lans, "In how many LANs; 2 otherwise")
        ->type_name("NUMBER")
        ->check(number_from(1, GeneratorOptions::kMostLans));
    verb.app->add_option("--seed", verb.options->options.seed, "Another number makes another lab, the same one the same")
        ->type_name("NUMBER")
        ->check(number_from(0, 0xffff'ffff'ffff'ffff));
    verb.does(run, [](const GenerateWords& words) { return generate(words.options, words.folder); });
}

struct ImportWords {
    ImportForm form = ImportForm::compose;
    std::string source, folder;
    ImportOptions options;
};

void describe_import(CLI::App& lab, Run& run) {
    const Verb<ImportWords> verb{lab, "import",
                                 "Makes a lab of another program's:  hairpin lab import compose|kathara|gns3 SOURCE [FOLDER]"};
    add_choice(
        *verb.app, "form", verb.options->form,
        "compose: a file of docker-compose; kathara: a lab's folder, or its lab.conf; gns3: a project's file",
        Choices<ImportForm>{{"compose", ImportForm::compose}, {"kathara", ImportForm::kathara}, {"gns3", ImportForm::gns3}})
        ->type_name("FORM")
        ->required();
    verb.app->add_option("source", verb.options->source, "The file or the folder")->type_name("SOURCE")->required();
    verb.app->add_option("folder", verb.options->folder, "Where the lab is written; without one, a folder of its name")
        ->type_name("FOLDER");
    verb.app->add_option("--name", verb.options->options.name, "The lab's name, instead of the source's or its folder's")
        ->type_name("NAME");
    verb.app
        ->add_option("--gateway", verb.options->options.gateway,
                     "Of kathara and gns3: who becomes the gateway; without it, the only node that can")
        ->type_name("NODE");
    verb.does(run, [](const ImportWords& words) { return import_lab(words.form, words.source, words.options, words.folder); });
}

struct RestoreWords {
    std::vector<std::string> words;
};

void describe_keeping(CLI::App& lab, Run& run) {
    const Verb<SaveOptions> keep{lab, "save", "Writes the gateway's running configuration to the file that the lab came from"};
    add_lab(keep.app, keep.options->lab);
    keep.app->add_option("-o,--output", keep.options->output, "To this file instead; - is standard output")->type_name("FILE");
    keep.app->add_option("--copy", keep.options->copy, "To a file named after the lab in this folder instead")->type_name("DIR");
    keep.does(run, [](const SaveOptions& options) { return save(options); });

    const Verb<RestoreWords> back{lab, "restore", "Puts a saved configuration in force:  hairpin lab restore [LAB] FILE"};
    back.app->add_option("words", back.options->words, "The lab, which may be left out when only one is up, and the file")
        ->type_name("WORD")
        ->required()
        ->expected(1, 2);
    back.does(run, [](const RestoreWords& words) {
        return restore(words.words.size() == 2 ? words.words[0] : "", words.words.back());
    });
}

struct OnePlace {
    std::string place;
};

struct OneFormat {
    Format format = Format::table;
};

}  // namespace

void describe_more(CLI::App& lab, Run& run) {
    describe_inspect(lab, run);
    describe_events(lab, run);
    describe_graph(lab, run);
    describe_generate(lab, run);
    describe_import(lab, run);
    describe_keeping(lab, run);
    const Verb<OnePlace> checking{lab, "check", "Says what is wrong in a topology's files; touches nothing"};
    add_topology_option(checking.app, checking.options->place);
    checking.does(run, [](const OnePlace& words) { return check(words.place); });
    const Verb<OnePlace> scheme{lab, "schema", "Prints the JSON schema of topology files, for editors"};
    scheme.does(run, [](const OnePlace&) { return schema(); });
    const Verb<OneFormat> release{lab, "version", "Prints the version of this program"};
    add_format_option(*release.app, release.options->format, "plain", "plain or json");
    release.does(run, [](const OneFormat& words) { return version(words.format); });
    const Verb<PingallOptions> pinging{lab, "pingall", "Every host pings every other; says who reaches whom"};
    add_lab(pinging.app, pinging.options->lab);
    pinging.app->add_option("--wait", pinging.options->wait, "How long for each answer; 500ms otherwise")->type_name("TIME");
    pinging.does(run, [](const PingallOptions& options) { return pingall(options); });
}

}  // namespace hairpin::lab
