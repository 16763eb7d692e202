// Where mail for an address goes and who may send as whom: what the way of a message asks the directory.
// May be called from any thread.
#pragma once

#include "async/awaitable.h"
#include "directory/types.h"

#include <string>
#include <variant>
#include <vector>

namespace tegami::directory {

/// One account that a recipient address leads to.
struct LocalRecipient {
    AccountId account;
    EmailAddress address; ///< the account's own address
    std::string detail;   ///< what followed the separator in `user+detail`; empty without

    bool operator==(const LocalRecipient&) const = default;
};

/// The address is ours: these accounts get a copy, `remote` is sent on, and the server itself reads it if it is for
/// reports about our domains (message/report_names.h). Never all empty.
struct Local {
    std::vector<LocalRecipient> accounts;
    std::vector<EmailAddress> remote;
    bool for_server = false;

    bool operator==(const Local&) const = default;
};

/// The domain is not one of ours: relay, for those who may.
struct NotLocalDomain {
    bool operator==(const NotLocalDomain&) const = default;
};

/// The domain is ours and has no such address: 550 5.1.1.
struct UnknownUser {
    bool operator==(const UnknownUser&) const = default;
};

using Resolution = std::variant<Local, NotLocalDomain, UnknownUser>;

/// Limit: addresses that addresses_of() tells of one account.
inline constexpr std::size_t kOwnAddressesMax = 100;

class Lookup {
public:
    virtual ~Lookup() = default;

    /// Where mail for this recipient goes: exact account or alias (nested, RFC 5321 §3.9.1), the address without its
    /// sub-address, the postmaster (RFC 5321 §4.5.1), the domain's catch-all; in this order. The addresses for reports
    /// exist in every domain; an account or alias of such a name gets the reports, too.
    virtual async::Awaitable<DirectoryResult<Resolution>> resolve(EmailAddress recipient) = 0;
    /// True if the account may write this address into From and MAIL: its own, one with a sub-address of its own, or
    /// an alias that leads to it.
    virtual async::Awaitable<DirectoryResult<bool>> may_send_as(AccountId account, EmailAddress address) = 0;
    /// The account's own address, first, and the aliases that lead to it and nobody else, by address; at most
    /// kOwnAddressesMax. Reads all aliases there are. Empty if there is no such account.
    virtual async::Awaitable<DirectoryResult<std::vector<EmailAddress>>> addresses_of(AccountId account) = 0;
    /// What `RCPT TO:<Postmaster>` means (RFC 5321 §4.5.1).
    virtual EmailAddress bare_postmaster() const = 0;
};

} // namespace tegami::directory
