#pragma once
// A line that people typed, or wrote into a file, taken apart into words.
//
//   set gateway firewall rule 3 name "Web server"   # and why      -> set  gateway  firewall  rule  3  name  Web server
//   address [ 192.0.2.1/24 192.0.2.2/24 ];                         -> address  [  192.0.2.1/24  192.0.2.2/24  ]  ;
//
// Words end at white space. Each of { } [ ] ; | is a word of its own, and # begins a comment that ends with the line. Within "quotes" all
// these are plain characters; there \" is a quote and \\ a backslash. Before anything else, and outside quotes, a backslash is itself.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace hairpin::config {

inline constexpr std::string_view kSpace = " \t\n\r\v\f";

struct Token {
    std::string text;   // without its quotes
    std::size_t begin;  // bytes of the line, quotes included: [begin, end)
    std::size_t end;
    bool quoted = false;   // any part of it was in quotes: it is no bracket, brace, semicolon or pipe
    bool comment = false;  // text is what stands between /* and */

    bool is(std::string_view mark) const { return !quoted && !comment && text == mark; }
    bool operator==(const Token&) const = default;
};

struct TokenError {
    std::size_t begin;  // the byte that is wrong: of a quote that is not closed, the quote
    std::string message;
};

// In curly text a /* comment */ belongs to what follows it, and becomes a token.
enum class Comments : std::uint8_t { dropped, blocks_kept };

tl::expected<std::vector<Token>, TokenError> tokenize(std::string_view line, Comments comments = Comments::dropped);

// As it must be typed to become this one word: in quotes where it needs them.
std::string quoted(std::string_view word);
// Several, with spaces between.
std::string quoted(std::span<const std::string> words);

}  // namespace hairpin::config
