#pragma once
// What daemon and clients agree on: JSON-RPC 2.0 (jsonrpc.org/specification), one message a line, over a Unix stream socket.
//
//   client  {"jsonrpc":"2.0","id":1,"method":"show.ports"}\n
//   daemon  {"jsonrpc":"2.0","id":1,"result":{"rows":[...]}}\n
//   daemon  {"jsonrpc":"2.0","method":"event","params":{"time":"...","event":"session_open",...}}\n      after `monitor`
//
// The daemon begins to listen only when it is ready, so a connection means a ready daemon. docs/control.md has every method's
// parameters and results.

#include <chrono>
#include <cstddef>

namespace hairpin::control {

inline constexpr char kDefaultSocketPath[] = "/run/hairpin/control.sock";

// Bounds on what the other side may ask us to hold. A longer line ends the connection; the other two are errors in an answer.
inline constexpr std::size_t kMaxLine = 16 * 1024 * 1024;  // bytes, without the newline
inline constexpr std::size_t kMaxBatch = 1024;             // requests in one line
inline constexpr std::size_t kMaxNesting = 128;            // arrays and objects in each other; what reads them recurses

// A client waits this long for an answer, unless it is told otherwise. Events are waited for without end.
inline constexpr std::chrono::milliseconds kCallTimeout{10'000};

// Error codes: those of JSON-RPC 2.0 section 5.1, then ours. Error data may hold "path", "reason" and "hint".
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kConfigurationRefused = -32010;  // data: "path" in the document, "reason"
inline constexpr int kNotFound = -32011;              // no such port, session, ...
inline constexpr int kOperationFailed = -32012;       // the system refused; the message says what and why
inline constexpr int kConflict = -32013;              // somebody has committed since; data: "generation", "user", "time"

namespace method {
inline constexpr char kVersion[] = "version";
inline constexpr char kShowInterfaces[] = "show.interfaces";
inline constexpr char kShowPorts[] = "show.ports";
inline constexpr char kShowPortsFeatures[] = "show.ports-features";
inline constexpr char kShowPortsDrops[] = "show.ports-drops";
inline constexpr char kShowPortsRates[] = "show.ports-rates";
inline constexpr char kShowLoopGuard[] = "show.loop-guard";
inline constexpr char kClearLoopGuard[] = "clear.loop-guard";
inline constexpr char kShowMulticastGroups[] = "show.multicast-groups";
inline constexpr char kShowMulticastRouters[] = "show.multicast-routers";
inline constexpr char kShowLldp[] = "show.lldp";
inline constexpr char kShowStormControl[] = "show.storm-control";
inline constexpr char kShowMirrors[] = "show.mirrors";
inline constexpr char kShowPortsImpairment[] = "show.ports-impairment";
inline constexpr char kShowMacTable[] = "show.mac-table";
inline constexpr char kShowVxlan[] = "show.vxlan";
inline constexpr char kShowVxlanStations[] = "show.vxlan-stations";
inline constexpr char kShowVxlanEndpoints[] = "show.vxlan-endpoints";
inline constexpr char kShowArp[] = "show.arp";
inline constexpr char kShowRoutes[] = "show.routes";
inline constexpr char kShowFirewall[] = "show.firewall";
inline constexpr char kShowNatRules[] = "show.nat-rules";
inline constexpr char kShowNatPools[] = "show.nat-pools";
inline constexpr char kShowNatSubscribers[] = "show.nat-subscribers";
inline constexpr char kShowNatPortBlocks[] = "show.nat-port-blocks";
inline constexpr char kShowSessionsLimits[] = "show.sessions-limits";
inline constexpr char kShowNatMappings[] = "show.nat-mappings";
inline constexpr char kShowAlgs[] = "show.algs";
inline constexpr char kShowAlgExpectations[] = "show.alg-expectations";
inline constexpr char kShowFindings[] = "show.findings";
inline constexpr char kShowGroups[] = "show.groups";
inline constexpr char kShowLog[] = "show.log";
inline constexpr char kShowSessions[] = "show.sessions";
inline constexpr char kShowSegments[] = "show.segments";
inline constexpr char kShowSessionsSummary[] = "show.sessions-summary";
inline constexpr char kShowSessionsSynProxy[] = "show.sessions-syn-proxy";
inline constexpr char kShowCounters[] = "show.counters";
inline constexpr char kShowDrops[] = "show.drops";
inline constexpr char kShowDropsRecent[] = "show.drops-recent";
inline constexpr char kClearSessions[] = "clear.sessions";
inline constexpr char kSessionStages[] = "session.stages";
inline constexpr char kPing[] = "ping";
inline constexpr char kTraceroute[] = "traceroute";
inline constexpr char kArping[] = "arping";
inline constexpr char kClearArp[] = "clear.arp";
inline constexpr char kClearMacTable[] = "clear.mac-table";
inline constexpr char kClearVxlanStations[] = "clear.vxlan-stations";
inline constexpr char kClearCounters[] = "clear.counters";
inline constexpr char kClearLog[] = "clear.log";
inline constexpr char kTrace[] = "trace";
inline constexpr char kTraceLive[] = "trace.live";
inline constexpr char kReplayBegin[] = "replay.begin";
inline constexpr char kReplayFrames[] = "replay.frames";
inline constexpr char kReplayEnd[] = "replay.end";
inline constexpr char kTestConnectivity[] = "test.connectivity";
inline constexpr char kConfigLoad[] = "config.load";
inline constexpr char kConfigGet[] = "config.get";
inline constexpr char kConfigCheck[] = "config.check";
inline constexpr char kConfigCommit[] = "config.commit";
inline constexpr char kConfigConfirm[] = "config.confirm";
inline constexpr char kConfigHistory[] = "config.history";
inline constexpr char kConfigRollback[] = "config.rollback";
inline constexpr char kPortAdd[] = "port.add";
inline constexpr char kPortRemove[] = "port.remove";
inline constexpr char kMonitor[] = "monitor";
inline constexpr char kMonitorTraffic[] = "monitor.traffic";
inline constexpr char kCapture[] = "capture";
inline constexpr char kShowCaptures[] = "show.captures";
inline constexpr char kDebugClockAdvance[] = "debug.clock-advance";
inline constexpr char kStop[] = "stop";
inline constexpr char kEvent[] = "event";  // the daemon's notification
}  // namespace method

}  // namespace hairpin::control
