// The commands of the configuration mode. Adding one is adding a row here and a function to the mode.

#include <array>
#include <nlohmann/json.hpp>

#include "cli/shell/configuration_mode.h"
#include "control/protocol.h"

namespace hairpin::cli {

using How = Term::How;
using Purpose = config::Candidate::Purpose;

namespace {

const ValueType kCount{.shape = "NUMBER", .description = "how many levels", .read = value::kNumber.read};
const ValueType kRollback{.shape = "NUMBER",
                          .description = "0 is the configuration in force, 1 the one before",
                          .known_by = control::method::kConfigHistory,
                          .known_in = "number"};
const ValueType kSeconds{.shape = "SECONDS", .description = "seconds", .read = value::kNumber.read};
const ValueType kFile{.shape = "FILE", .description = "a file"};
const ValueType kTextFile{.shape = "FILE",
                          .description = "a file with set commands, curly text or JSON; terminal: what is typed until Ctrl-D"};
const ValueType kComment{.shape = "TEXT", .description = "a text; in quotes where it has spaces", .of_words = true};
constexpr auto kLoadWays = std::to_array<Choice>({
    {"merge", "add it to the candidate"},
    {"replace", "put it in the candidate's place"},
});
const ValueType kLoadWay{.shape = "WAY", .description = "what becomes of the candidate", .choices = kLoadWays};

const auto kNumberOfLevels = std::to_array<Term>({{"", &kCount, "levels", How::optional, "how many levels; 1 otherwise"}});
const auto kRollbackTerms = std::to_array<Term>({{"", &kRollback, "number", How::required}});
const auto kCompareTerms = std::to_array<Term>({
    {"rollback", &kRollback, "rollback", How::optional, "with an earlier commit"},
    {"saved", &kFile, "saved", How::optional, "with a file that `save` wrote"},
});
const auto kLoadTerms = std::to_array<Term>({{"", &kLoadWay, "way", How::required}, {"", &kTextFile, "file", How::required}});
const auto kSaveTerms =
    std::to_array<Term>({{"", &kFile, "file", How::required, "a file; of set commands when it ends in .set, JSON in .json"}});
const auto kCommitTerms = std::to_array<Term>({
    {"check", nullptr, "check", How::optional, "say what it would do, and do nothing"},
    {"force", nullptr, "force", How::optional, "even if a NAT rule uses an address whose packets do not come to the gateway"},
    {"confirmed", &kSeconds, "confirm_seconds", How::optional, "undo it by itself after these seconds, unless it is confirmed"},
    {"comment", &kComment, "comment", How::optional, "why; kept with the commit"},
});
const auto kExitTerms = std::to_array<Term>({{"discard", nullptr, "discard", How::optional, "and forget the changes"}});
const auto kModeHelpTerms = std::to_array<Term>({{"", &value::kCommandWord, "command", How::optional, "a command of this mode"}});

}  // namespace

std::span<const ConfigurationMode::Row> ConfigurationMode::rows() {
    using Me = ConfigurationMode;
    static const auto table = std::to_array<Row>({
        {.word = "set",
         .description = "give a setting a value, or make an entry",
         .details =
             "The words are those that ? lists at each place: containers and lists by name, an entry by its key, then a "
             "setting and its value. An entry that is not there yet is made. Several values of a list may stand in "
             "brackets; they are added to those that are there. A value's type is checked at once, everything else when it "
             "is committed.",
         .example = "set gateway firewall rule 3 service tcp port [ 80 443 8080 ]",
         .usage = "PATH VALUE",
         .path = Purpose::set,
         .with_words = &Me::set},
        {.word = "delete",
         .description = "remove a setting, a value or an entry with all in it",
         .details = "A path that ends at a container, a list or an entry removes all that is in it. A setting that is removed "
                    "has its default again.",
         .example = "delete gateway nat rule 196612",
         .usage = "PATH [VALUE]",
         .path = Purpose::remove,
         .with_words = &Me::remove},
        {.word = "edit",
         .description = "go to a place; what is typed then begins there",
         .details = "The line above the prompt says where one is. The place need not exist yet: it is made when something is set "
                    "in it. `up` and `top` go back.",
         .example = "edit gateway firewall rule 3",
         .usage = "PATH",
         .path = Purpose::edit,
         .with_words = &Me::edit},
        {.word = "up",
         .description = "go one level up, or several",
         .details = "A level is a container, or an entry with its key: from `gateway firewall rule 3` it is one to `gateway "
                    "firewall`.",
         .example = "edit gateway firewall rule 3\nup 2",
         .terms = kNumberOfLevels,
         .with_terms = &Me::up},
        {.word = "top",
         .description = "go to the top",
         .details = "What is typed then begins at the top of the configuration again.",
         .example = "edit gateway nat\ntop",
         .with_terms = &Me::top},
        {.word = "show",
         .description = "the candidate, or a part of it",
         .details =
             "It is printed as text with braces, from the place where one is, with the comments that `annotate` put there. "
             "Behind it, `| set` prints the set commands that make it, and `| json` the document of RFC 7951.",
         .example = "show gateway firewall rule 3 | set",
         .usage = "[PATH]",
         .path = Purpose::show,
         .with_words = &Me::show},
        {.word = "compare",
         .description = "what differs from the configuration in force",
         .details =
             "Lines that begin with - are in force and not in the candidate, those with + the other way round, and ! marks an "
             "entry that stands at another place of its list. Nothing is printed where the two are the same.",
         .example = "set gateway firewall rule 3 action drop\ncompare",
         .terms = kCompareTerms,
         .with_terms = &Me::compare},
        {.word = "copy",
         .description = "make an entry like another",
         .details = "The copy becomes the last entry of its list. A rule is then moved with `insert`.",
         .example = "copy gateway firewall rule 3 to 30",
         .usage = "ENTRY to KEY",
         .path = Purpose::show,
         .with_words = &Me::copy},
        {.word = "rename",
         .description = "give an entry another key",
         .details =
             "The entry stays at its place in the list. What refers to it is not changed: the commit says what refers to a name "
             "that is gone.",
         .example = "rename gateway firewall rule 4 to 40",
         .usage = "ENTRY to KEY",
         .path = Purpose::show,
         .with_words = &Me::rename},
        {.word = "insert",
         .description = "move an entry of a list whose order matters",
         .details =
             "Rules are asked in the order of their list; the first that matches decides. A rule that is moved keeps its number, "
             "and with it its counters.",
         .example = "insert gateway firewall rule 4 before 3",
         .usage = "ENTRY before|after KEY",
         .path = Purpose::show,
         .with_words = &Me::insert},
        {.word = "annotate",
         .description = "put a comment on a setting",
         .details = "The comment stays with the setting: in the history, in files, and in the document of RFC 7951, where it is "
                    "metadata "
                    "(RFC 7952). It changes nothing else. \"\" removes it.",
         .example = "annotate gateway firewall rule 3 \"asked for by the shop\"",
         .usage = "PATH TEXT",
         .path = Purpose::show,
         .with_words = &Me::annotate},
        {.word = "load",
         .description = "read a file into the candidate",
         .details = "The file itself shows whether it is set commands, text with braces, or JSON. A mistake in it is told with "
                    "its line, "
                    "and then nothing is changed.",
         .example = "save office.set\nload replace office.set",
         .terms = kLoadTerms,
         .with_terms = &Me::load},
        {.word = "save",
         .description = "write the candidate to a file",
         .details =
             "A name that ends in .set makes it set commands, .json makes it JSON, any other text with braces. All three can be "
             "loaded again; the JSON can also be given to hairpind --config.",
         .example = "save office.json",
         .terms = kSaveTerms,
         .with_terms = &Me::save},
        {.word = "commit",
         .description = "put the candidate in force",
         .details = "It comes into force whole or not at all, between two packets. What about the rules was hardly meant is "
                    "said, and which "
                    "sessions will end. It is refused when somebody else has committed since the candidate began: see `update`; "
                    "and when a NAT rule newly uses "
                    "an address that is not the gateway's, unless `commit force` says that it is meant. Where nothing has "
                    "changed there is "
                    "nothing to commit, and no generation is made.\n"
                    "`commit confirmed` is for changes that may lock one out: what is not confirmed in time is undone by itself. "
                    "`confirm` "
                    "or another `commit` keeps it.",
         .example = "set gateway firewall rule 3 action reject\ncommit confirmed 60 comment \"closed for the holidays\"",
         .terms = kCommitTerms,
         .with_terms = &Me::commit},
        {.word = "confirm",
         .description = "keep what `commit confirmed` put in force",
         .details = "Anybody may confirm, from another shell as well.",
         .example = "set gateway firewall rule 3 action reject\ncommit confirmed 60\nconfirm",
         .with_terms = &Me::confirm},
        {.word = "update",
         .description = "put the changes on top of what others have committed since",
         .details = "It works where the two touched different settings. Where both touched the same, it names the first and "
                    "changes nothing: "
                    "`discard` begins anew from what is in force.",
         .example = "update",
         .with_terms = &Me::update},
        {.word = "discard",
         .description = "forget the changes",
         .details = "The candidate is the configuration in force again, as it is now.",
         .example = "delete gateway nat\ndiscard",
         .with_terms = &Me::discard},
        {.word = "rollback",
         .description = "make an earlier commit the candidate",
         .details = "Nothing happens in the daemon before `commit`. `run show system commit` lists the commits with their "
                    "numbers; at most "
                    "49 back are kept. 0 is the configuration in force, as with `discard`.",
         .example = "rollback 0",
         .terms = kRollbackTerms,
         .with_terms = &Me::rollback},
        {.word = "trace",
         .description = "what would happen to a packet if the candidate were in force",
         .details = "It takes the words of the operational `trace`, and asks the datapath itself. At the end stands what is "
                    "different from now. `trace candidate` is the same; `run trace` asks the configuration in force.",
         .example = "set gateway firewall rule 3 action drop\ntrace tcp 192.168.255.2:40000 203.0.113.80:80 in lan",
         .usage = "[candidate] PROTOCOL SOURCE DESTINATION in INTERFACE ...",
         .with_words = &Me::trace},
        {.word = "test",
         .description = "whether a connection would be possible if the candidate were in force",
         .details = "It takes the words of the operational `test connectivity`. What it suggests is for the candidate, too.",
         .example = "set gateway firewall rule 4 action drop\ntest connectivity from workstation to 203.0.113.80 tcp 80",
         .usage = "connectivity from HOST to HOST tcp PORT|udp PORT|icmp",
         .with_words = &Me::test},
        {.word = "run",
         .description = "a command of the operational mode",
         .details = "It saves leaving this mode to look at something.",
         .example = "run show firewall",
         .usage = "COMMAND",
         .with_words = &Me::run_operational},
        {.word = "help",
         .description = "this list, or help about one command",
         .details = "`run help COMMAND` is about the commands of the operational mode.",
         .example = "help commit",
         .terms = kModeHelpTerms,
         .with_terms = &Me::help},
        {.word = "exit",
         .description = "go to the top, or leave this mode there",
         .details = "With changes that are not committed it stays, and says so; `exit discard` leaves and forgets them.",
         .example = "exit discard",
         .terms = kExitTerms,
         .with_terms = &Me::exit},
        {.word = "quit",
         .description = "the same as exit",
         .details = "With changes that are not committed it stays, and says so; `quit discard` leaves and forgets them.",
         .example = "quit",
         .terms = kExitTerms,
         .with_terms = &Me::exit},
    });
    return table;
}

Described ConfigurationMode::described(const Row& row) {
    const std::string behind = row.with_words != nullptr ? std::string{row.usage} : usage_of(row.terms);
    return {row.word, std::string{row.word} + (behind.empty() ? "" : " " + behind), row.description, row.details, row.example,
            row.terms};
}

}  // namespace hairpin::cli
