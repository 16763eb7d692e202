// Small whole files beside the store: configuration, certificates,
// what a backup is restored to. Mail goes through file_system.h.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::disk {

struct Owner {
    unsigned uid = 0;
    std::string name; ///< of the user; the number if there is none with it
};

/// Who owns what this path leads to; nothing if it is not there or we may not look.
std::optional<Owner> owner_of(const std::string& path);

// Errors below are sentences without the path that was given. One about permissions says whose it is.

/// The whole file.
Result<std::string, std::string> read_file(const std::string& path, std::size_t bytes_max);

/// The whole file, which must not be open to everybody: no permissions for others (mode 0640 or less).
Result<std::string, std::string> read_secret_file(const std::string& path, std::size_t bytes_max);

/// Everything that comes from standard input, or another open file; the same errors.
Result<std::string, std::string> read_all(int descriptor, std::size_t bytes_max);

/// Writes a file that must not exist yet, with these permissions, and syncs it and its name.
Result<void, std::string> create_file(const std::string& path, std::string_view text, unsigned mode);

/// Makes a directory and its missing parents, and syncs their names; the last one gets the permissions if it is new.
Result<void, std::string> make_directory(const std::string& path, unsigned mode);

} // namespace tegami::disk
