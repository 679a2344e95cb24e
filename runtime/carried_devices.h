#pragma once
// What has been passed to ports that a commit changes. A port whose settings differ is another port, but whoever passed its device is not
// asked for it again: it is taken from the old port and given to the new one of that name. What nobody takes is closed at the end.

#include <map>
#include <string>

#include "switch/ports/tap_device.h"

namespace hairpin::runtime {

class Worker;

class CarriedDevices {
public:
    explicit CarriedDevices(Worker& worker) : worker_(worker) {}

    void take_from(const std::string& port);
    void give_to(const std::string& port);

private:
    Worker& worker_;
    std::map<std::string, l2::TapDevice> devices_;
};

}  // namespace hairpin::runtime
