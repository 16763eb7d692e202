// What an account keeps in memory of its records, as far as they can
// be read: its own row, mailboxes, subscribed names and keywords.
//
// 1. Without its own row (A) an account cannot be opened: nobody knows which ids are free.
// 2. A mailbox whose row (B) cannot be read gets a row that only has its name, from the name index (N), so that the
//    ones below it keep theirs. It is in `damaged`: no operation touches it, and nothing writes over its record.
// 3. A keyword whose record (K) cannot be read has an empty name, and its id is taken.
#pragma once

#include "store/account_records.h"
#include "store/record_reader.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace tegami::store {

struct AccountRows {
    Domain domain;
    Version version; ///< of the domain; all that is here belongs to it
    record::AccountRow account;
    std::map<MailboxId, record::MailboxRow> mailboxes; ///< also those whose removal is not at its end
    std::set<MailboxId> damaged;
    std::set<std::string> subscribed_names;
    std::shared_ptr<const KeywordNames> keywords = std::make_shared<KeywordNames>();

    /// Errors: not_found (also: removed), damaged.
    StoreResult<const record::MailboxRow*> find(MailboxId mailbox) const;
    /// As find(); invalid if it only holds inferiors.
    StoreResult<const record::MailboxRow*> find_selectable(MailboxId mailbox) const;
    /// The mailbox of a canonical name; 0 if there is none.
    MailboxId find_name(std::string_view name) const;
    /// The mailbox under `parent` with this last level; 0 if there is none.
    MailboxId find_child(MailboxId parent, std::string_view level) const;
    std::string name_of(MailboxId mailbox) const;
    bool has_children(MailboxId mailbox) const;
    /// True also for the mailbox itself.
    bool is_below(MailboxId mailbox, MailboxId ancestor) const;
    bool has_role(Role role) const;
};

/// Reads them at one version. Errors: not_found; damaged (rule 1); conflict (a commit came in between).
async::Awaitable<StoreResult<AccountRows>> read_account_rows(Engine* engine, Domain domain, Log* log);

} // namespace tegami::store
