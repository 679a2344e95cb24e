#pragma once
// The plugin's socket: HTTP over a Unix socket, by default /run/docker/plugins/hairpin.sock, where the engine looks for a driver called hairpin.
// systemd may have opened it (hairpin-docker.socket): then the engine waits, instead of finding nobody, while we begin.

#include <string>

#include "net/result.h"
#include "runtime/file_descriptor.h"

namespace hairpin::docker {

class Driver;

// A listening socket: the one that systemd has passed (sd_listen_fds(3)), or one made at this path.
Result<runtime::FileDescriptor> listen_at(const std::string& path);

// Answers for ever; an Error when it cannot begin. A connection carries one request: one that stays open would keep a thread from others.
Result<void> serve(runtime::FileDescriptor listener, Driver& driver);

}  // namespace hairpin::docker
