#pragma once
// Where the labs of somebody who is not root live: a user namespace in which that user is root, with a mount namespace whose /run
// holds what labs keep there. Inside it all of lab/ works as for root and knows nothing of it.
//
//   hairpin lab up x ──┐ no enclave yet: a process that only holds the two namespaces (the holder), then
//                      └ setns into both, and on as root: /run/netns is a folder of the enclave's own, /run/hairpin is
//   hairpin lab exec ... setns, and on                              $XDG_RUNTIME_DIR/hairpin of the user
//   hairpin --lab x ...  no setns: the control socket lies in $XDG_RUNTIME_DIR/hairpin, where it is reached from outside as well
//   hairpin lab down x   the last lab is gone: the holder ends, and with it the namespaces
//
// Of the user ids only the user's own is mapped, as 0, so no helper program with privileges and no /etc/subuid are wanted. A server that
// gives root away would fail on that (setuid to an id that does not exist): in the enclave's /etc/passwd and /etc/group all names are
// names of the one user that there is. Setting supplementary groups remains forbidden.
//
// One enclave a user, of which every lab of theirs is part. For root nothing of this happens.

#include <string>
#include <utility>

#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::lab {

enum class EnclaveEntry { make, if_there };

// While it lives, this process stands in the user's enclave, which is not taken away meanwhile. At its end an enclave without labs is.
// The process remains inside it.
class Enclave {
public:
    // For root, and with `if_there` for somebody who has none, nothing happens. An error is what the system forbids, and what would allow it.
    static Result<Enclave> enter(EnclaveEntry entry);
    Enclave(const Enclave&) = delete;
    Enclave& operator=(const Enclave&) = delete;
    Enclave(Enclave&&) noexcept = default;
    Enclave& operator=(Enclave&&) = delete;
    ~Enclave();

    bool is_entered() const { return static_cast<bool>(folder_); }

private:
    Enclave() = default;
    Enclave(std::string path, FileDescriptor folder) : path_(std::move(path)), folder_(std::move(folder)) {}
    std::string path_;       // the user's runtime folder, as it is called outside
    FileDescriptor folder_;  // the same, with a shared lock on it
};

// Where this user's labs are for somebody who is not in the enclave: /run/hairpin/labs, or what an enclave sees there.
std::string labs_folder_from_outside();

}  // namespace hairpin::lab
