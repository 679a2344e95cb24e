#pragma once
// The plugin's socket: HTTP over a Unix socket, by default /run/docker/plugins/hairpin.sock, where the engine looks for a driver called hairpin.
// systemd may have opened it (hairpin-docker.socket): then the engine waits, instead of finding nobody, while we begin.

#include <string>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::docker {

class Driver;

// A listening socket: the one that systemd has passed (sd_listen_fds(3)), or one made at this path.
Result<FileDescriptor> listen_at(const std::string& path);

// Answers for ever; an Error when it cannot begin. A connection carries one request: one that stays open would keep a thread from others.
Result<void> serve(FileDescriptor listener, Driver& driver);

}  // namespace hairpin::docker
