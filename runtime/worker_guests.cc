// Ports that are guests of virtual machines. They come and go by themselves, and are watched all the time.

#include "runtime/worker.h"
#include "switch/ports/vhost_user_port.h"

namespace hairpin::runtime {

l2::VhostUserPort* guest_of(const Worker::PortEntry& entry) {
    if (!std::holds_alternative<l2::VhostUserSettings>(entry.settings.device)) return nullptr;
    return static_cast<l2::VhostUserPort*>(entry.port.get());
}

void Worker::follow_guest(PortEntry& entry, l2::VhostUserPort& guest) {
    if (!guest.has_news()) return;
    entry.was_attached = guest.attached();
    if (observer_ == nullptr) return;
    if (entry.was_attached)
        observer_->port_changed(entry.settings.name, "attached", "the guest's driver has begun");
    else
        observer_->port_changed(entry.settings.name, "detached", guest.why_detached());
}

}  // namespace hairpin::runtime
