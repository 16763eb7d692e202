// The decisions at accept time: may this client send as this sender, and do we take mail for this recipient from it.
//
// 1. Nobody relays through us without having logged in or being of a trusted network (RFC 5321 §7.9).
// 2. A refusal is a reply that names its reason; a temporary fault of ours is 4xx, never 5xx.
#pragma once

#include "async/awaitable.h"
#include "directory/directory.h"
#include "protocol/smtp/reply.h"
#include "reception/client.h"
#include "store/store.h"

#include <optional>
#include <vector>

namespace tegami::reception {

/// A recipient that was accepted, and where a copy goes for it.
struct AcceptedRecipient {
    message::EmailAddress address;
    std::vector<directory::LocalRecipient> accounts;
    std::vector<message::EmailAddress> remote;
};

template <class T = void>
using Verdict = Result<T, smtp::Reply>;

class Reception {
public:
    /// Both outlive it.
    Reception(directory::Directory& directory, store::Store& store) : directory_(directory), store_(store) {}

    /// For MAIL. Nothing for "<>", the sender of reports.
    async::Awaitable<Verdict<>> check_sender(Client client, std::optional<message::EmailAddress> reverse_path);
    /// For RCPT. `declared_bytes` (0 if unknown) is held against the accounts' quotas.
    async::Awaitable<Verdict<AcceptedRecipient>> check_recipient(Client client, message::EmailAddress recipient,
                                                                 std::uint64_t declared_bytes);

private:
    async::Awaitable<Verdict<>> check_quota(directory::LocalRecipient recipient, std::uint64_t bytes);

    directory::Directory& directory_;
    store::Store& store_;
};

} // namespace tegami::reception
