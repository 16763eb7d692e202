// How the text of DATA is read, told in the simplest way: the whole text at once, line by line.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace tegami::smtp {

struct ReadText {
    std::string message; // empty if faulty
    bool faulty = false;
    bool ended = false;
    std::size_t used = 0;

    bool operator==(const ReadText&) const = default;

    friend std::ostream& operator<<(std::ostream& out, const ReadText& text) {
        return out << text.message.size() << " octets, faulty " << text.faulty << ", ended " << text.ended << ", used "
                   << text.used;
    }
};

inline ReadText read_whole(std::string_view text) {
    ReadText read;
    std::string_view rest = text;
    for (;;) {
        const std::size_t end = rest.find("\r\n");
        std::string_view line = rest.substr(0, end);
        const bool complete = end != std::string_view::npos;
        // The last octet of an unfinished line may be half of a line end, or the dot that will end everything.
        if (!complete && line.ends_with('\r')) line.remove_suffix(1);
        if (line == "." && complete) {
            read.ended = true;
            read.used = text.size() - rest.size() + 3;
            break;
        }
        if (line.contains('\r') || line.contains('\n')) read.faulty = true;
        if (line.starts_with('.')) line.remove_prefix(1);
        read.message += line;
        if (!complete) {
            read.used = text.size();
            break;
        }
        read.message += "\r\n";
        rest.remove_prefix(end + 2);
    }
    if (read.faulty) read.message.clear();
    return read;
}

} // namespace tegami::smtp
