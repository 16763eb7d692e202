// Which lines LIST and LSUB answer (RFC 9051 §6.3.9, RFC 3501 §6.3.9), from the picture of an account's mailboxes.
//
// 1. One entry for a name at most, in the order of the names.
// 2. Every attribute is accurate, asked for or not: all are at hand.
// It reads no store and writes nothing; cmd_list.cpp does.
#pragma once

#include "protocol/imap/command.h"
#include "protocol/imap/writer.h"
#include "store/mailbox_list.h"

#include <vector>

namespace tegami::imapd {

/// One line to write, and the mailbox whose STATUS follows it (null for none).
struct ListAnswer {
    imap::ListEntry entry;
    store::MailboxPtr status_of;
};

/// RFC 6154: what a mailbox is announced to be for.
imap::EnumSet<imap::SpecialUse> special_use_of(store::Role role);

/// The entry of a mailbox that exists, as LIST and SELECT show it.
imap::ListEntry list_entry(const store::MailboxList& mailboxes, const store::MailboxInfo& mailbox);

std::vector<ListAnswer> plan_list(const store::MailboxList& mailboxes, const imap::List& command);

std::vector<imap::ListEntry> plan_lsub(const store::MailboxList& mailboxes, const imap::Lsub& command);

} // namespace tegami::imapd
