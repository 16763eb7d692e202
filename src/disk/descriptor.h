// An open file of the system, and the system's errors in our words: for the real file system alone.
#pragma once

#include "disk/file_system.h"

#include <string>
#include <string_view>
#include <utility>

namespace tegami::disk {

/// What errno says now about `what` done to `path`.
std::unexpected<Error> system_error(std::string_view what, const std::string& path);

/// Closes what it holds.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}

    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor();

    /// Negative if nothing is open.
    int get() const { return number_; }

private:
    int number_;
};

} // namespace tegami::disk
