#include "app/command_line/question.h"

#include "app/command_line/terminal.h"
#include "base/ascii.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>

namespace tegami::app {

namespace {

/// Limit: octets of an answer; the rest of a longer line answers what comes next.
constexpr std::size_t kAnswerBytesMax = 1024;

} // namespace

std::optional<std::string> ask_line(std::string_view question, std::string_view proposal) {
    print_line(proposal.empty() ? std::string(question) : fmt::format("{} [{}]", question, proposal));
    std::fflush(stdout);
    std::array<char, kAnswerBytesMax> line{};
    if (!std::fgets(line.data(), static_cast<int>(line.size()), stdin)) return std::nullopt;
    const std::string_view answer = ascii::trim(line.data());
    return std::string(answer.empty() ? proposal : answer);
}

} // namespace tegami::app
