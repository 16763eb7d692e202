#include "simulation/letter.h"

#include "base/random.h"

#include <fmt/format.h>

#include <charconv>

namespace tegami::simulation {

namespace {

constexpr std::string_view kDomain = "@letters.test";
constexpr std::size_t kLineBytes = 76;

} // namespace

std::string letter_id(std::uint32_t number) {
    return fmt::format("{}{}", number, kDomain);
}

std::optional<std::uint32_t> letter_number(std::string_view message_id) {
    if (!message_id.ends_with(kDomain)) return std::nullopt;
    message_id.remove_suffix(kDomain.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(message_id.data(), message_id.data() + message_id.size(), number);
    if (error != std::errc{} || end != message_id.data() + message_id.size()) return std::nullopt;
    return number;
}

std::string letter_text(const Letter& letter, const std::string& from) {
    std::string text = fmt::format("From: {}\r\nTo: somebody@a.test\r\nSubject: Letter {}\r\n"
                                   "Date: Mon, 1 Jan 2001 10:00:00 +0000\r\nMessage-ID: <{}>\r\n\r\n",
                                   from, letter.number, letter_id(letter.number));
    if (letter.number % 7 == 0) text += ".\r\n..two dots\r\n";
    const std::size_t end = text.size() + letter.size;
    if (letter.number % 2 == 0) {
        while (text.size() < end)
            text += fmt::format("Line {} of letter {}, which says little and repeats itself.\r\n", end - text.size(),
                                letter.number);
        return text;
    }
    SeededRandom random(letter.number);
    while (text.size() < end)
        text += random.token(kLineBytes) + "\r\n";
    return text;
}

} // namespace tegami::simulation
