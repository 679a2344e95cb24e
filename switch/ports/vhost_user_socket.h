#pragma once
// Where a front-end is met, by a path in the file system: we listen there (mode server), or it does (mode client) and we try once a second.
// In both modes either side may end and begin again, and is met again.
//
// A server's socket is nobody's but the owner's and the group's (0660) from the first moment on. One that a daemon left behind which is gone is
// taken over; one where somebody answers is not, nor any other file. It is removed with its owner, unless it is another's by then.

#include <sys/types.h>

#include <string>

#include "net/file_descriptor.h"
#include "net/result.h"
#include "switch/settings.h"

namespace hairpin::l2 {

class VhostUserSocket {
public:
    static Result<VhostUserSocket> open(const VhostUserSettings& settings);
    VhostUserSocket(VhostUserSocket&& other) noexcept;
    VhostUserSocket& operator=(VhostUserSocket&&) = delete;
    ~VhostUserSocket();

    // Readable when it is worth to call meet().
    int descriptor() const { return waits_.get(); }
    // A non-blocking connection, or none as yet. A client that has one does not look for another until seek().
    FileDescriptor meet();
    // A client's: the connection has gone.
    void seek();

private:
    explicit VhostUserSocket(std::string path) : path_(std::move(path)) {}
    Result<void> listen();
    Result<void> watch_the_clock();
    FileDescriptor try_to_connect() const;

    std::string path_;
    bool is_server_ = false;
    FileDescriptor waits_;  // a listening socket, or a timer
    dev_t device_ = 0;      // of what a server has made
    ino_t inode_ = 0;
};

}  // namespace hairpin::l2
