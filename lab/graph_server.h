#pragma once
// A web page with a picture that is drawn anew each second: / is the page, /graph.svg the picture. Whoever reaches the address may look;
// there is nothing that could be changed.

#include <functional>
#include <string>

#include "net/file_descriptor.h"
#include "net/ipv4_address.h"
#include "net/numbers.h"
#include "net/result.h"

namespace hairpin::lab {

struct WebAddress {
    Ipv4Address address;
    L4Port port;  // 0: any that is free
};
// [ADDRESS:]PORT. Without an address only this machine may look.
Result<WebAddress> parse_web_address(const std::string& text);

struct WebListener {
    FileDescriptor socket;
    WebAddress at;  // with the port that it is
};
Result<WebListener> listen_for_web(const WebAddress& at);

// `picture` is asked by one thread at a time. Returns only when it cannot go on.
Result<void> serve_picture(WebListener listener, const std::string& title, const std::function<std::string()>& picture);

}  // namespace hairpin::lab
