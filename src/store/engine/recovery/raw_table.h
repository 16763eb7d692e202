// Reads the rows of a RocksDB table without its index, for tables that were cut or whose end is damaged: blocks follow
// one another from the start of the file, and where one ends is where its checksum (XXH3) matches.
//
// It reads up to the first octets that are no block of rows; what follows them it cannot find.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tegami::store::rocks {

struct RawRow {
    std::string_view key;
    std::string_view value;
    std::uint64_t sequence; ///< the number of the write that made it
    bool deleted;
};

/// Calls `take` with each row in the order of the table; returns how many octets of the table were read.
std::uint64_t read_raw_table(std::string_view octets, const std::function<void(const RawRow&)>& take);

} // namespace tegami::store::rocks
