// Who asks for something to be managed, and what that one may do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tegami::admin {

enum class Access : std::uint8_t { read, change };

class Caller {
public:
    /// Whoever can open the store or the socket beside it, which the
    /// system allows the server's user alone: may do everything.
    static Caller local_root() { return Caller("local root", true); }

    /// Somebody who has not said who they are: may do nothing.
    static Caller nobody() { return Caller("nobody", false); }

    /// For the log.
    const std::string& name() const { return name_; }

    /// Whether this access to a domain, an account (by its address) or the whole server (empty) is allowed.
    bool may(Access, std::string_view) const { return everything_; }

private:
    Caller(std::string name, bool everything) : name_(std::move(name)), everything_(everything) {}

    std::string name_;
    bool everything_;
};

} // namespace tegami::admin
