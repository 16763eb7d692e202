#include "admin/caller.h"

#include <algorithm>
#include <utility>

namespace tegami::admin {

namespace {

/// The domain that is named, or that the address is in.
std::optional<message::Domain> domain_of(std::string_view subject) {
    if (subject.contains('@')) {
        auto address = message::parse_email_address(subject);
        if (!address) return std::nullopt;
        return std::move(address->domain);
    }
    return message::Domain::parse(subject);
}

} // namespace

std::string_view to_string(Access access) {
    switch (access) {
    case Access::own: return "own";
    case Access::domains: return "domains";
    case Access::read: return "read";
    case Access::change: return "change";
    case Access::mail: return "mail";
    }
    std::unreachable();
}

Caller Caller::local_root() {
    return {Kind::root, "local root", "local"};
}

Caller Caller::nobody() {
    return {Kind::nobody, "nobody", ""};
}

Caller Caller::somebody(message::EmailAddress address, directory::Role role, std::string from) {
    const auto kind = [&] {
        switch (role.kind) {
        case directory::RoleKind::user: return Kind::user;
        case directory::RoleKind::auditor: return Kind::auditor;
        case directory::RoleKind::domain_administrator: return Kind::domain_administrator;
        case directory::RoleKind::administrator: return Kind::administrator;
        }
        std::unreachable();
    }();
    Caller caller(kind, address.to_string(), std::move(from));
    caller.address_ = std::move(address);
    caller.domains_ = std::move(role.domains);
    return caller;
}

std::string_view Caller::role() const {
    switch (kind_) {
    case Kind::nobody: return "nobody";
    case Kind::user: return "user";
    case Kind::auditor: return "auditor";
    case Kind::domain_administrator: return "domain-administrator";
    case Kind::administrator:
    case Kind::root: return "administrator";
    }
    std::unreachable();
}

bool Caller::may(Access access, std::string_view subject) const {
    switch (kind_) {
    case Kind::nobody: return false;
    case Kind::user: return access == Access::own;
    case Kind::auditor: return access == Access::own || access == Access::domains || access == Access::read;
    case Kind::domain_administrator: break;
    case Kind::administrator:
    case Kind::root: return true;
    }
    if (access == Access::own || access == Access::domains) return true;
    if (access == Access::mail) return false;
    const auto domain = domain_of(subject);
    return domain && oversees(*domain);
}

bool Caller::may_call(Access access, bool has_subject) const {
    const bool of_domains = access == Access::read || access == Access::change;
    return kind_ == Kind::domain_administrator && of_domains ? has_subject : may(access, "");
}

bool Caller::oversees(const message::Domain& domain) const {
    return oversees_everything() || std::ranges::find(domains_, domain) != domains_.end();
}

bool Caller::oversees_everything() const {
    return kind_ == Kind::root || kind_ == Kind::administrator || kind_ == Kind::auditor;
}

} // namespace tegami::admin
