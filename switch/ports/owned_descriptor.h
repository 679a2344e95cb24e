#pragma once
// A file descriptor with one owner, closed with it; and an eventfd that somebody else has made, which is known to be one.

#include <utility>

namespace hairpin::l2 {

class OwnedDescriptor {
public:
    OwnedDescriptor() = default;
    explicit OwnedDescriptor(int number) : number_(number) {}
    OwnedDescriptor(OwnedDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~OwnedDescriptor();

    int get() const { return number_; }
    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    void reset() { OwnedDescriptor{std::exchange(number_, -1)}; }

private:
    int number_ = -1;
};

// A number that is added to and taken as a whole, by whoever has a descriptor of it. None where it is empty: then nothing is heard and
// nobody is told.
class EventDescriptor {
public:
    EventDescriptor() = default;
    static EventDescriptor make();
    // Of somebody else: empty where it is no eventfd. The file is his, too, so he could let us wait for it; see docs/vhost-user.md.
    static EventDescriptor accept(OwnedDescriptor descriptor);

    int get() const { return descriptor_.get(); }
    explicit operator bool() const { return static_cast<bool>(descriptor_); }
    void add_one() const;
    void take() const;

private:
    explicit EventDescriptor(OwnedDescriptor descriptor) : descriptor_(std::move(descriptor)) {}
    OwnedDescriptor descriptor_;
};

}  // namespace hairpin::l2
