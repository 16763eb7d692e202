// What a mailbox name means to the user of a session: the account it is in, the mailbox, and what the user may do with
// it (RFC 4314). Every command that names a mailbox asks here; nothing else looks a name up.
//
// Mailboxes of other accounts that are shared with the user are below "Other Users/", each below the address of its owner (RFC 2342).
// What the user has no right to is not there, whatever the account has.
#pragma once

#include "async/awaitable.h"
#include "base/result.h"
#include "protocol/imap/mailbox_name.h"
#include "service/imapd/completion.h"
#include "store/access.h"
#include "store/account.h"

#include <memory>
#include <string>

namespace tegami::imapd {

struct Session;
using store::Right;
using store::Rights;

/// What the names of other accounts' mailboxes begin with.
inline constexpr std::string_view kOthersPrefix = "Other Users/";

/// A name, resolved.
struct NamedMailbox {
    store::AccountPtr account; ///< never null: where the mailbox is, or would be made
    std::string name;          ///< within that account, UTF-8
    store::MailboxPtr mailbox; ///< null if there is none of this name that the user may know of
    Rights rights;             ///< in it; of a name that is no mailbox: Right::create, or none
    bool is_own = true;        ///< the account is the user's
};

/// After login.
async::Awaitable<NamedMailbox> resolve(Session* session, imap::MailboxName name);

/// The mailbox of this name if it can hold messages and the user has the right; else the answer to the command, with
/// `missing_code` if there is no such mailbox.
async::Awaitable<Result<NamedMailbox, Completion>> resolve_for(Session* session, imap::MailboxName name, Right needed,
                                                               std::string missing_code);

/// All mailboxes that the user sees, under the names that they have for the user. Ids of those of others are made up, for this list alone.
async::Awaitable<std::shared_ptr<const store::MailboxList>> visible_mailboxes(Session* session);

/// What the objects of an account are numbered from for its user (RFC 8474): those of others must not have the ids of own ones.
std::uint64_t object_base(const Session& session, const store::Account& account);

/// The flags among these that somebody with these rights may change (RFC 4314 §4), keywords only with `w`.
store::Flags changeable_flags(Rights rights);

/// The answer to a command for which the user lacks a right.
Completion not_permitted();

} // namespace tegami::imapd
