// Which of our mailboxes the mailboxes of another IMAP server become: levels, prefixes of namespaces (RFC 2342), modified
// UTF-7, and what a mailbox is for (RFC 6154). Mailboxes of other users are passed over.
#pragma once

#include "transfer/imap_response.h"

#include <string>
#include <vector>

namespace tegami::transfer {

struct ImapMailbox {
    std::string wire_name; ///< for the other server
    std::string mailbox;   ///< ours: UTF-8, "/" between levels
    /// It shows messages of other mailboxes, too (\All): those met in none of them are taken.
    bool is_view = false;
};

struct ImapMailboxes {
    std::vector<ImapMailbox> mailboxes;   ///< views come last
    std::vector<std::string> subscribed;  ///< our names
    std::vector<std::string> passed_over; ///< names of mailboxes of others, and of ones that only show what is flagged
    std::vector<std::string> unnameable;  ///< names that no mailbox of ours can have
};

/// `listed` is what LIST and LSUB gave; `speaks_utf8`: names are UTF-8 (RFC 6855 §3).
ImapMailboxes plan_mailboxes(const std::vector<ImapListed>& listed, const ImapNamespaces& namespaces, bool speaks_utf8);

} // namespace tegami::transfer
