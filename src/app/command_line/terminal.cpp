#include "app/command_line/terminal.h"

#include "base/visible.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace tegami::app {

namespace {

bool output_is_json = false;

std::FILE* lines_go_to() {
    return output_is_json ? stderr : stdout;
}

} // namespace

void print_line(std::string_view text) {
    fmt::print(lines_go_to(), "{}\n", visible(text));
}

void flush_output() {
    std::fflush(stdout);
}

void print_gap() {
    fmt::print(lines_go_to(), "\n");
}

void leave_output_to_json() {
    output_is_json = true;
}

void print_json(const json::value& value) {
    fmt::print("{}\n", admin::write_json(value));
}

int complain(int status, std::string_view message) {
    std::string line(message);
    std::ranges::replace(line, '\n', ' ');
    fmt::print(stderr, "tegami: {}\n", visible(line));
    return status;
}

bool has_terminal() {
    return ::isatty(STDERR_FILENO) == 1;
}

void show_passing_line(std::string_view text) {
    if (has_terminal()) fmt::print(stderr, "\r\x1b[K{}", visible(text));
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto octet = static_cast<unsigned char>(text[at]);
        if ((octet & 0xc0) == 0x80) continue;
        const auto next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0;
        // U+2E80 to U+A4FF, U+AC00 to U+D7FF, U+F900 to U+FAFF, U+FF00 to U+FF3F, and beyond U+1F000 are as wide as two.
        const bool wide = (octet == 0xe2 && next >= 0xba) || (octet >= 0xe3 && octet <= 0xe9) ||
                          (octet == 0xea && (next <= 0x93 || next >= 0xb0)) || octet == 0xeb || octet == 0xec ||
                          (octet == 0xed && next <= 0x9f) || (octet == 0xef && (next == 0xa4 || next == 0xbc)) ||
                          octet == 0xf0;
        columns += wide ? 2 : 1;
    }
    return columns;
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::vector<std::string>> shown;
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        auto& cells = shown.emplace_back();
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column) {
            cells.push_back(visible(row[column]));
            widths[column] = std::max(widths[column], columns_of(cells.back()));
        }
    }
    for (const auto& row : shown) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column)
            line += row[column] + std::string(widths[column] - columns_of(row[column]) + 2, ' ');
        while (line.ends_with(' '))
            line.pop_back();
        print_line(line);
    }
}

std::string shortened(std::string_view text) {
    constexpr std::size_t kCharactersMax = 60;
    std::size_t characters = 0;
    std::string whole = visible(text);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        const bool continues = (static_cast<unsigned char>(whole[at]) & 0xc0) == 0x80;
        if (!continues && characters++ == kCharactersMax) return whole.substr(0, at) + "…";
    }
    return whole;
}

} // namespace tegami::app
