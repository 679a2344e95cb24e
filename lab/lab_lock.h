#pragma once
// At most one command at a time changes a lab: the others wait. Two labs have two locks and do not disturb each other.
//
// The lock is on the lab's folder itself (/run/hairpin/labs/<lab>), which is made when there is none, so that nothing else has to
// be left on the machine for it; when it is still empty in the end, it goes again. A command that is killed lets go of the lock.

#include <string>
#include <utility>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::lab {

class LabLock {
public:
    // Waits while another command holds the lock, and says on standard error that it does.
    static Result<LabLock> take(const std::string& lab);
    LabLock(const LabLock&) = delete;
    LabLock& operator=(const LabLock&) = delete;
    LabLock(LabLock&&) noexcept = default;
    LabLock& operator=(LabLock&&) = delete;
    ~LabLock();

private:
    LabLock(std::string path, FileDescriptor folder) : path_(std::move(path)), folder_(std::move(folder)) {}
    std::string path_;
    FileDescriptor folder_;
};

}  // namespace hairpin::lab
