#include "extraction/pipe.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tegami::extraction {

bool write_octets(int pipe, std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t written = ::write(pipe, octets.data(), octets.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool read_octets(int pipe, char* into, std::size_t size) {
    while (size > 0) {
        const ssize_t got = ::read(pipe, into, size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        into += got;
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

bool write_number(int pipe, std::uint32_t number) {
    char octets[sizeof number];
    std::memcpy(octets, &number, sizeof number);
    return write_octets(pipe, {octets, sizeof octets});
}

std::optional<std::uint32_t> read_number(int pipe) {
    std::uint32_t number = 0;
    char octets[sizeof number];
    if (!read_octets(pipe, octets, sizeof octets)) return std::nullopt;
    std::memcpy(&number, octets, sizeof number);
    return number;
}

} // namespace tegami::extraction
