// Who asks for something to be managed, and what that one may do.
#pragma once

#include "directory/roles.h"
#include "message/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::admin {

/// What an operation asks of who calls it. An administrator may do everything; an auditor `domains` and `read`; a domain
/// administrator `domains`, and `read` and `change` where the subject is one of their domains or in one.
enum class Access : std::uint8_t {
    own,     ///< nothing but to be signed in: the operation is about what is the caller's, or what they administer
    domains, ///< to administer or audit anything: the operation leaves out domains of others
    read,
    change,
    mail, ///< administrators only: it gives or takes what is in mailboxes
};

/// "own".
std::string_view to_string(Access access);

class Caller {
public:
    /// Whoever can open the store or the socket beside it, which the
    /// system allows the server's user alone: may do everything.
    static Caller local_root();

    /// Somebody who has not said who they are: may do nothing.
    static Caller nobody();

    /// Somebody with an account here; `from` is the address that they ask from.
    static Caller somebody(message::EmailAddress address, directory::Role role, std::string from);

    /// For the log.
    const std::string& name() const { return name_; }

    /// Where the request came from: the address of a client, or "local".
    const std::string& from() const { return from_; }

    /// The account; nothing for the local root and for nobody.
    const std::optional<message::EmailAddress>& address() const { return address_; }

    bool is_local_root() const { return kind_ == Kind::root; }

    /// Whose role is user, and nobody.
    bool is_user() const { return kind_ == Kind::user || kind_ == Kind::nobody; }

    /// Nothing but their domains.
    bool is_domain_administrator() const { return kind_ == Kind::domain_administrator; }

    /// "administrator"; of the local root, too.
    std::string_view role() const;

    /// Of a domain administrator.
    const std::vector<message::Domain>& domains() const { return domains_; }

    /// Whether this access to a domain, an account (by its address) or the whole server (empty) is allowed.
    bool may(Access access, std::string_view subject) const;

    /// Whether this access is allowed to anything; `has_subject`: an operation names a domain or an account.
    bool may_call(Access access, bool has_subject) const;

    /// Whether what happens to mail of this domain is for the caller to see.
    bool oversees(const message::Domain& domain) const;
    /// The same of all domains.
    bool oversees_everything() const;

    /// Whether the caller may see what letters are about: an auditor may not.
    bool sees_subjects() const { return kind_ != Kind::auditor; }

private:
    enum class Kind : std::uint8_t { nobody, user, auditor, domain_administrator, administrator, root };

    Caller(Kind kind, std::string name, std::string from)
        : kind_(kind), name_(std::move(name)), from_(std::move(from)) {}

    Kind kind_;
    std::string name_;
    std::string from_;
    std::optional<message::EmailAddress> address_;
    std::vector<message::Domain> domains_;
};

} // namespace tegami::admin
