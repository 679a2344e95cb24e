#pragma once
// The engine's contract with a network driver that is a plugin: which path asks for what, and how it is answered. A request is a POST whose body is
// JSON or empty; an answer has the status 200 and is JSON; what could not be done is {"Err":"a sentence"}. A path that is none is 404, which the
// engine takes for "this driver has nothing to do there".

#include <span>
#include <string>
#include <string_view>

namespace hairpin::docker {

class Driver;

struct Answer {
    int status = 200;
    std::string body;
};
inline constexpr char kContentType[] = "application/vnd.docker.plugins.v1.2+json";
inline constexpr std::size_t kLongestBody = 1024 * 1024;  // bytes of a request

Answer answer(Driver& driver, std::string_view path, const std::string& body);

}  // namespace hairpin::docker
