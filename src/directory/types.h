// What the directory keeps: domains, accounts, aliases; and how it says that something did not work.
// An address here is a key: the domain in A-labels, the local part compared without regard to case.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "message/address.h"
#include "store/types.h"
#include "trust/tls_policy/mta_sts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::directory {

using message::EmailAddress;
using store::AccountId;

/// Limit: targets of one alias.
inline constexpr std::size_t kAliasTargetsMax = 1000;
/// Limit: aliases that lead to aliases, from the first to the last.
inline constexpr std::size_t kAliasDepthMax = 10;
/// Limit: recipients that one address may turn into, over all nested aliases.
inline constexpr std::size_t kFanOutMax = 5000;

/// Of a new domain: senders report what they would have held back, and hold nothing back.
inline constexpr tls_policy::StsMode kUsualStsMode = tls_policy::StsMode::testing;

/// One domain that this server receives mail for.
struct DomainSettings {
    message::Domain name;
    /// Where mail for addresses of this domain that do not exist goes; without one it is refused.
    std::optional<EmailAddress> catch_all;
    /// Splits `user+detail` into the address and its detail (RFC 5233 §1); empty switches sub-addressing off.
    std::string subaddress_separator = "+";
    /// What the domain's policy asks of other servers (RFC 8461 §5); it counts as soon as the DNS announces it.
    tls_policy::StsMode sts_mode = kUsualStsMode;

    bool operator==(const DomainSettings&) const = default;
};

/// One mailbox owner.
struct Account {
    AccountId id;
    EmailAddress address;          ///< where it receives, what it logs in with
    std::uint64_t quota_bytes = 0; ///< 0: no limit
    bool enabled = true;           ///< a disabled account receives mail but cannot log in
    Timestamp created{};
    /// Counts password changes, so that nothing remembered about an old password is believed.
    std::uint64_t credentials_version = 0;
    /// The scheme of the password's hash, such as `SSHA`, if another server made it: until the first login that shows
    /// the password.
    std::string foreign_hash{};

    bool operator==(const Account&) const = default;
};

/// An account that was removed and is kept for the retention time.
struct RemovedAccount {
    Account account;
    Timestamp removed{};
    bool erasing = false; ///< it cannot come back: its mail is going

    bool operator==(const RemovedAccount&) const = default;
};

/// An address that stands for others, here or elsewhere.
struct Alias {
    EmailAddress address;
    std::vector<EmailAddress> targets;

    bool operator==(const Alias&) const = default;
};

enum class ErrorCode : std::uint8_t {
    exists,      ///< what was to be added is there already
    not_found,   ///< what was named is not there
    invalid,     ///< the request makes no sense as it is
    in_use,      ///< cannot be removed while something depends on it
    unavailable, ///< the store cannot answer now: try later
};

/// An expected failure; `message` is a plain sentence for the operator and never contains a secret.
struct Error {
    ErrorCode code;
    std::string message;

    bool operator==(const Error&) const = default;
};

/// Reads one kind of record; nothing if it is damaged.
template <class T>
using Decoder = std::optional<T> (*)(std::string_view);

template <class T = void>
using DirectoryResult = Result<T, Error>;

/// Whether the local part has characters that address_key() leaves out.
bool has_ignorable(std::string_view local_part);

/// The octets that are equal for two spellings of one address: `domain NUL local part`, case folded. Sorts by domain.
std::string address_key(const EmailAddress& address);

} // namespace tegami::directory
