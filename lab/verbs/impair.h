#pragma once
// What the verbs that change the cables of a running lab do: `hairpin lab impair` and `hairpin lab link`.

#include <map>
#include <string>
#include <vector>

#include "lab/exit_code.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {

// Which link: [LAB] LINK, or [LAB] with -n NODE -i INTERFACE, as containerlab has it.
struct LinkChoice {
    std::vector<std::string> place = {};
    std::string topology = {}, node = {}, interface = {};
};

struct ImpairOptions {
    LinkChoice link;
    std::map<std::string, std::string> values = {};  // by the names of lab/impairment_keys.h
    std::string direction = "both";                  // in, out, both
    std::string seed = {};
    bool replace = false;
};
ExitCode impair_set(const ImpairOptions& options);
ExitCode impair_reset(const LinkChoice& link, const std::string& direction);
// Of one link, or of all of the lab's.
ExitCode impair_show(const LinkChoice& link, Format format);
ExitCode impair_profile(const std::string& profile, const LinkChoice& link);
ExitCode list_profiles(Format format);

enum class LinkState { up, down, flap };
struct LinkOptions {
    LinkChoice link;
    std::string up = "10s", down = "2s", jitter = {};  // of a link that flaps
};
ExitCode link_state(LinkState state, const LinkOptions& options);

}  // namespace hairpin::lab
