// The part of verify.h that walks one account domain.
//
// 1. Records come in the order of their keys, so deltas (D) before pages (P); some emails (e) come last of all.
// 2. What is remembered until the end: deltas, one number for each email, and the account's names.
#pragma once

#include "store/engine/engine.h"
#include "store/recovery/record_table.h"
#include "store/recovery/verify.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace tegami::store {

class AccountCheck {
public:
    /// `problem` is told each finding.
    AccountCheck(Domain domain, std::function<void(std::string)> problem);

    /// The next record.
    void take(const Row& row);
    /// After the last one: what only shows in the whole. `version` is the domain's.
    void finish(Version version);

    /// The blobs that emails refer to.
    const std::map<std::uint32_t, BlobRef>& blobs() const { return blobs_; }

    /// An email by the message that has it: "a/1 email 5 (message 7 of INBOX)".
    std::string describe(std::uint32_t email) const;

    std::uint64_t mailboxes() const { return mailboxes_.size(); }

    std::uint64_t messages() const { return messages_; }

private:
    struct Found {
        record::MailboxRow row;
        std::map<std::uint32_t, std::vector<record::Delta>> deltas; // by page, until the page comes
        std::uint64_t delta_count = 0;
        record::MailboxRow sums;
        std::uint32_t uid_highest = 0;
        Modseq modseq_highest;
    };

    void see(const Row& row, record::MailboxRow& mailbox);
    void see(const Row& row, record::DeltaRow& delta);
    void see(const Row& row, record::MessagesRow& messages);
    void see(const Row& row, record::VanishedRow& gone);
    void see(const Row& row, const record::EmailsRow& emails);
    void see(const Row& row, const record::CountsRow& counts);
    void see(const Row& row, const record::NameRow& name);

    /// All others only have to be readable.
    template <class Other>
    void see(const Row&, const Other&) {}

    void add_page(Found& mailbox, PageColumns columns, std::uint32_t page);
    void add_deltas_below(Found& mailbox, std::uint64_t page);
    void add_rows(const PageColumns& columns, MailboxId mailbox);
    void check_mailbox(MailboxId id, Found& mailbox, Version version);
    void check_counts();
    void check_rows();

    const Domain domain_;
    const std::function<void(std::string)> problem_;
    std::optional<record::AccountRow> account_;
    std::map<MailboxId, Found> mailboxes_;
    std::map<std::pair<MailboxId, std::string>, MailboxId> names_;
    std::map<std::uint32_t, BlobRef> blobs_;

    /// The rows of an email, in mailboxes and expunged.
    struct EmailRows {
        std::uint32_t count = 0;
        std::uint32_t size = 0;
        std::uint32_t uid = 0; ///< of the first one
        MailboxId mailbox;
    };

    std::unordered_map<std::uint32_t, EmailRows> rows_;
    std::map<std::uint32_t, std::uint32_t> counts_; // as M and m say, where not 1
    std::uint64_t keywords_ = 0;
    std::uint64_t messages_ = 0;
};

} // namespace tegami::store
