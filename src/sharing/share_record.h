// What an account keeps, as objects, of mailboxes that others share with it.
#pragma once

#include "base/clock.h"
#include "store/access.h"
#include "store/ids.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::sharing {

/// ObjectKind::share: this account shares something, or did when it was written.
struct ShareRecord {
    store::AccountId owner;

    bool operator==(const ShareRecord&) const = default;
};

/// ObjectKind::share_news: what one may do in a mailbox of another account has changed (RFC 9670 §3).
struct ShareNews {
    store::AccountId owner;
    store::MailboxId mailbox;
    std::string name; ///< of the mailbox, the whole one, as it was then
    store::AccountId changed_by;
    store::Rights before;
    store::Rights after;
    Timestamp time{};

    bool operator==(const ShareNews&) const = default;
};

std::string encode(const ShareRecord& share);
std::string encode(const ShareNews& news);
// Nothing for what the functions above do not write.
std::optional<ShareRecord> decode_share(std::string_view octets);
std::optional<ShareNews> decode_share_news(std::string_view octets);

} // namespace tegami::sharing
