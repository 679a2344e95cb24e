#pragma once
// What may be typed behind `hairpin lab impair` and `hairpin lab link`. containerlab's `tools netem set` has the same flags: -n, -i, --delay,
// --jitter, --loss, --rate, --corruption.

#include <functional>
#include <string>

#include "lab/verbs/impair.h"

namespace CLI {
class App;
}  // namespace CLI

namespace hairpin::lab {

class LinkOptionSet {
public:
    // Adds both verbs; the one that was typed sets `run`. Both outlive the parsing.
    void add_to(CLI::App& app, std::function<ExitCode()>& run);

private:
    void add_impair(CLI::App& app);
    void add_profile(CLI::App& impair);
    void add_link(CLI::App& app);
    void add_choice(CLI::App& verb);
    void add_direction(CLI::App& verb);
    void run_by(CLI::App& verb, std::function<ExitCode()> action);

    std::function<ExitCode()>* run_ = nullptr;
    ImpairOptions impair_;
    LinkOptions link_;
    LinkChoice choice_;
    std::string profile_;
    Format format_ = Format::table;
};

}  // namespace hairpin::lab
