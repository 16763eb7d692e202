// The decisions at accept time: may this client send as this sender, do we take mail for this recipient from it, and do
// we take this message.
//
// 1. Nobody relays through us without having logged in or being of a trusted network (RFC 5321 §7.9).
// 2. A refusal is a reply that names its reason; a temporary fault of ours is 4xx, never 5xx.
#pragma once

#include "async/awaitable.h"
#include "directory/lookup.h"
#include "ingest/intake.h"
#include "protocol/smtp/reply.h"
#include "reception/client.h"
#include "store/store.h"
#include "trust/srs/rewriter.h"
#include "verification/examination.h"

#include <optional>
#include <set>
#include <vector>

namespace tegami::reception {

/// A recipient that was accepted, and where a copy goes for it.
struct AcceptedRecipient {
    message::EmailAddress address;
    std::vector<directory::LocalRecipient> accounts;
    std::vector<message::EmailAddress> remote;
    bool for_server = false; ///< the server itself reads it
};

/// Loop detection (RFC 5321 §6.3): Received fields that a message may have when it comes.
inline constexpr std::size_t kHopsMax = 50;

/// A message that has come whole, with what was agreed before it came.
struct Offer {
    Client client;
    std::optional<message::EmailAddress> reverse_path;
    /// The recipient, if there is one only: it stands in the trace field.
    std::optional<message::EmailAddress> only_recipient;
    /// For the trace field: our name, the message's journey, the time.
    std::string host_name;
    std::string journey;
    Timestamp time;
    /// Whose ARC seals count.
    std::set<message::Domain> trusted_sealers;
    /// What SPF found is to have a field of its own (RFC 7208 §9.1).
    bool received_spf = false;
    /// Both outlive the call.
    const ingest::Letter* letter = nullptr;
    const verification::Finding* finding = nullptr; ///< who really sent it, if that was examined
};

/// What goes in front of a message that is taken: whole fields.
struct Front {
    std::string octets;
    /// Octets at its beginning that are for final delivery only (Return-Path, BIMI-Location): relay/ leaves them out.
    std::size_t for_mailboxes_bytes = 0;
    /// It is suspicious: copies in mailboxes here belong into Junk.
    bool junk = false;
};

template <class T = void>
using Verdict = Result<T, smtp::Reply>;

class Reception {
public:
    /// All outlive it. `return_paths`: of letters that we have passed on (SRS).
    Reception(directory::Lookup& directory, store::Store& store, const srs::Rewriter& return_paths, const Clock& clock)
        : directory_(directory), store_(store), return_paths_(return_paths), clock_(clock) {}

    /// For MAIL. Nothing for "<>", the sender of reports.
    async::Awaitable<Verdict<>> check_sender(Client client, std::optional<message::EmailAddress> reverse_path);
    /// For RCPT. `declared_bytes` (0 if unknown) is held against the accounts' quotas. What comes to a return path that
    /// we have rewritten goes to whom it stands for.
    async::Awaitable<Verdict<AcceptedRecipient>> check_recipient(Client client, message::EmailAddress recipient,
                                                                 std::uint64_t declared_bytes);
    /// For the end of DATA: does the message go round in a circle, is a user's From the user's own, and does the domain
    /// that a stranger's letter names as its author's ask to refuse it (DMARC)?
    async::Awaitable<Verdict<Front>> decide(Offer offer);

private:
    async::Awaitable<Verdict<>> check_authors(Client client, const ingest::Letter* letter);
    async::Awaitable<Verdict<bool>> is_ours(message::EmailAddress address);
    async::Awaitable<Verdict<>> check_field(Client client, const ingest::Letter* letter, std::string name);
    async::Awaitable<Verdict<>> check_quota(directory::LocalRecipient recipient, std::uint64_t bytes);

    directory::Lookup& directory_;
    store::Store& store_;
    const srs::Rewriter& return_paths_;
    const Clock& clock_;
};

} // namespace tegami::reception
