// What a mailbox name means to the user of a session: the account it is in, the mailbox, and what the user may do with
// it. Every command that names a mailbox asks here; nothing else looks a name up.
#pragma once

#include "base/result.h"
#include "protocol/imap/mailbox_name.h"
#include "service/imapd/completion.h"
#include "store/account.h"

#include <string>

namespace tegami::imapd {

struct Session;

/// What commands ask for, of the rights of RFC 4314 §2.1.
enum class Right : std::uint8_t {
    read,   ///< r: select it, see its counts
    write,  ///< s, w, t, e: change flags, expunge
    insert, ///< i: append and copy to it
    create, ///< k: make it, if it does not exist
    remove, ///< x: delete or rename it
};
using Rights = imap::EnumSet<Right>;

/// What the owner of an account may do with everything in it.
inline constexpr Rights kAllRights{Right::read, Right::write, Right::insert, Right::create, Right::remove};

/// A name, resolved.
struct NamedMailbox {
    store::AccountPtr account; ///< never null: where the mailbox is, or would be made
    std::string name;          ///< within that account, UTF-8
    store::MailboxPtr mailbox; ///< null if there is none of this name
    Rights rights;
};

/// After login.
NamedMailbox resolve(const Session& session, const imap::MailboxName& name);

/// The mailbox of this name if it can hold messages and the user has the right; else the answer to the command, with
/// `missing_code` if there is no such mailbox.
Result<NamedMailbox, Completion> resolve_for(const Session& session, const imap::MailboxName& name, Right needed,
                                             std::string_view missing_code);

/// The answer to a command for which the user lacks a right.
Completion not_permitted();

} // namespace tegami::imapd
