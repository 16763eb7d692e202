// Which files a confined process may still reach. Data alone: confine.h carries it out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::sandbox {

enum class Access : std::uint8_t {
    read,  ///< look at it
    write, ///< change, make and remove what is in it, too
};

struct Rule {
    std::string path; ///< absolute; a folder with all below it, or a single file; one that is not there is left out
    Access access = Access::read;

    bool operator==(const Rule&) const = default;
};

struct Rules {
    std::vector<Rule> files;
    /// Programs may be started, by this process and those that it makes. They keep its limits, so what they need must be
    /// among the files; /usr and /lib are. Without it execve fails for all of them.
    bool helpers = false;
    /// Sockets may be made; without it none can be had at all.
    bool network = true;
    /// Other processes may be made, signalled and changed. Without it there is no thread besides those there are, either.
    bool processes = true;
};

/// What a program that resolves names, verifies certificates and tells local time reads of a system.
std::vector<Rule> system_files();

/// The folder in which a file lies that others replace by renaming a new one over it, and, where the file or its folder
/// is a symbolic link, that of its target: renewed certificates are such files.
std::vector<Rule> folder_of(std::string_view file);

} // namespace tegami::sandbox
