// For tests of parsers that are fed bytes as they arrive.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tegami::testing {

/// Calls f(pieces) with `bytes` whole, cut in two at every place, and byte by byte: a parser must give the same
/// result each time, because a network may cut a stream anywhere.
template <class F>
void for_every_split(std::string_view bytes, F&& f) {
    f(std::vector<std::string_view>{bytes});
    for (std::size_t cut = 1; cut < bytes.size(); ++cut)
        f(std::vector<std::string_view>{bytes.substr(0, cut), bytes.substr(cut)});
    std::vector<std::string_view> octets;
    for (std::size_t at = 0; at < bytes.size(); ++at)
        octets.push_back(bytes.substr(at, 1));
    f(octets);
}

} // namespace tegami::testing
