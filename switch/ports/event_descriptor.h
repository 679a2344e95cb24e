#pragma once
// An eventfd: one that is made here, or one that somebody else has made and that is known to be one.

#include <utility>

#include "net/file_descriptor.h"

namespace hairpin::l2 {

// A number that is added to and taken as a whole, by whoever has a descriptor of it. None where it is empty: then nothing is heard and
// nobody is told.
class EventDescriptor {
public:
    EventDescriptor() = default;
    static EventDescriptor make();
    // Of somebody else: empty where it is no eventfd. The file is his, too, so he could let us wait for it; see docs/vhost-user.md.
    static EventDescriptor accept(FileDescriptor descriptor);

    int get() const { return descriptor_.get(); }
    explicit operator bool() const { return static_cast<bool>(descriptor_); }
    void add_one() const;
    void take() const;

private:
    explicit EventDescriptor(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}
    FileDescriptor descriptor_;
};

}  // namespace hairpin::l2
