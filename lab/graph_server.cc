#include "lab/graph_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <mutex>

#include "lab/xml_text.h"

namespace hairpin::lab {
namespace {

constexpr int kThreads = 4;
constexpr int kBacklog = 16;

// Where a script may not run, the picture still stands there; it is reloaded by hand then.
constexpr const char* kPage = R"(<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{0}</title></head>
<body style="font-family: sans-serif">
<div id="graph"><img src="graph.svg" alt="the lab {0}"></div>
<p id="trouble"></p>
<script>
async function draw() {{
    let trouble = "";
    try {{
        const answer = await fetch("graph.svg", {{cache: "no-store"}});
        if (!answer.ok) throw new Error(answer.statusText);
        document.getElementById("graph").innerHTML = await answer.text();
    }} catch (error) {{
        trouble = "This picture is old: hairpin lab graph does not answer. " + error;
    }}
    document.getElementById("trouble").textContent = trouble;
    setTimeout(draw, 1000);
}}
draw();
</script>
</body>
</html>
)";

// The library opens sockets by itself, where two programs may listen at one port (SO_REUSEPORT); ours is open already, and alone.
class PageServer : public httplib::Server {
public:
    void take(FileDescriptor listener) { svr_sock_ = listener.release(); }
};

}  // namespace

Result<WebAddress> parse_web_address(const std::string& text) {
    const auto wrong = [&] { return failure(fmt::format("\"{}\" is no [ADDRESS:]PORT, such as 8080 or 192.0.2.1:8080", text)); };
    const std::size_t colon = text.rfind(':');
    const std::string host = colon == std::string::npos ? "" : text.substr(0, colon);
    const std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (port.empty() || error != std::errc{} || end != port.data() + port.size()) return wrong();
    const auto address = Ipv4Address::parse(host.empty() ? "127.0.0.1" : host);
    if (!address) return wrong();
    return WebAddress{.address = *address, .port = L4Port{number}};
}

Result<WebListener> listen_for_web(const WebAddress& at) {
    const std::string address = at.address.to_string();
    const auto failed = [&](const char* tried) {
        const int answer = errno;
        return failure(fmt::format("web page at {}:{}: {}: {}{}", address, at.port.number(), tried, std::strerror(answer),
                                   answer == EADDRINUSE ? "; another program listens there, take another PORT" : ""));
    };
    FileDescriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket) return failed("socket");
    const int yes = 1;  // connections of an earlier one that are not forgotten yet do not keep us away
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) return failed("SO_REUSEADDR");
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(at.port.number());
    if (::inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1) return failed("inet_pton");
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) return failed("bind");
    if (::listen(socket.get(), kBacklog) != 0) return failed("listen");
    socklen_t length = sizeof place;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&place), &length) != 0) return failed("getsockname");
    return WebListener{.socket = std::move(socket), .at = {.address = at.address, .port = L4Port{ntohs(place.sin_port)}}};
}

Result<void> serve_picture(WebListener listener, const std::string& title, const std::function<std::string()>& picture) {
    const std::string page = fmt::format(fmt::runtime(kPage), xml_text(title));
    std::mutex one_at_a_time;
    PageServer server;
    server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server.set_keep_alive_max_count(1);  // a browser that only keeps a connection holds no thread
    server.set_default_headers({{"Cache-Control", "no-store"}});
    server.Get("/", [&](const httplib::Request&, httplib::Response& response) { response.set_content(page, "text/html"); });
    server.Get("/graph.svg", [&](const httplib::Request&, httplib::Response& response) {
        const std::lock_guard lock{one_at_a_time};
        response.set_content(picture(), "image/svg+xml");
    });
    server.take(std::move(listener.socket));
    if (!server.listen_after_bind()) return failure("the web page cannot be listened at any more");
    return {};
}

}  // namespace hairpin::lab
