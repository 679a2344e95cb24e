#pragma once
// The methods that hairpind answers on its control socket: one row each, with what it is called, what it does, and the function
// that does it. docs/control.md describes parameters and results.

#include <functional>
#include <string>

#include "control/rpc.h"

namespace hairpin::runtime {

class Captures;
class Commits;
class CounterBaselines;
class EventFeed;
class Inquiries;
class LiveTraces;
class Replays;
class RunningConfiguration;
class TrafficMonitor;
class Worker;

// What methods work on; all of it outlives the dispatcher.
struct DaemonParts {
    Worker& worker;
    RunningConfiguration& configuration;
    Commits& commits;
    EventFeed& events;
    Inquiries& inquiries;
    CounterBaselines& baselines;
    TrafficMonitor& traffic;
    LiveTraces& live_traces;
    Replays& replays;
    Captures& captures;
    std::function<void()> stop;
    // Writes to the log what waits for that, so that who asks for the log sees all that has happened.
    std::function<void()> catch_up_log;
    // What the daemon does by itself a few times a second. Empty: time may not be turned, there are no test hooks.
    std::function<void()> turn = {};
};

void register_methods(control::Dispatcher& dispatcher, DaemonParts parts);

}  // namespace hairpin::runtime
