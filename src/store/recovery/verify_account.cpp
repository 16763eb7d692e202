#include "store/recovery/verify_account.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

AccountCheck::AccountCheck(Domain domain, std::function<void(std::string)> problem)
    : domain_(domain), problem_(std::move(problem)) {}

void AccountCheck::take(const Row& row) {
    const RecordKind* const kind = find_record_kind(DomainKind::account, row.key);
    const bool first = kind != nullptr && kind->letter == 'A';
    if (!first && !account_)
        return problem_(fmt::format("record {} belongs to no account", record_name(domain_, row.key)));
    if (kind != nullptr && kind->letter == 'K') ++keywords_; // what its word is does not matter here
    auto record = kind == nullptr ? std::nullopt : kind->decode(account_.value_or(record::AccountRow()), row);
    if (!record) return problem_(damaged_record_text(domain_, row.key));
    if (first) {
        account_ = std::get<record::AccountRow>(*record);
        return;
    }
    if (kind->owner == Owner::mailbox && kind->letter != 'B' &&
        !mailboxes_.contains(MailboxId(record::number32(row.key, 1))))
        return problem_(fmt::format("record {} belongs to no mailbox", record_name(domain_, row.key)));
    std::visit([&](auto& one) { see(row, one); }, *record);
}

void AccountCheck::see(const Row&, record::MailboxRow& mailbox) {
    const MailboxId id = mailbox.id;
    mailboxes_[id].row = std::move(mailbox);
}

void AccountCheck::see(const Row&, record::DeltaRow& delta) {
    Found& mailbox = mailboxes_.at(delta.mailbox);
    ++mailbox.delta_count;
    mailbox.deltas[delta.delta.uid.value >> account_->page_bits].push_back(std::move(delta.delta));
}

void AccountCheck::see(const Row&, record::MessagesRow& messages) {
    Found& mailbox = mailboxes_.at(messages.mailbox);
    add_deltas_below(mailbox, messages.page);
    add_page(mailbox, std::move(messages.columns), messages.page);
}

void AccountCheck::see(const Row&, record::VanishedRow& gone) {
    add_rows(gone.vanished.rows, gone.mailbox);
}

void AccountCheck::see(const Row& row, const record::EmailsRow& emails) {
    for (const record::EmailRecord& email : emails.emails) {
        if (email.id >= account_->next_email)
            problem_(fmt::format("record {}: email {} is not given out yet", record_name(domain_, row.key), email.id));
        if (!blobs_.emplace(email.id, email.blob).second)
            problem_(fmt::format("record {}: email {} is there twice", record_name(domain_, row.key), email.id));
    }
}

void AccountCheck::see(const Row& row, const record::CountsRow& counts) {
    const bool single = row.key.front() == 'm';
    for (std::uint32_t at = 0; at < counts.rows.size(); ++at)
        if (single || counts.rows[at] != 1) counts_[counts.first_email + at] = counts.rows[at];
}

void AccountCheck::see(const Row&, const record::NameRow& name) {
    names_.emplace(std::pair{name.parent, name.level}, name.mailbox);
}

void AccountCheck::add_rows(const PageColumns& columns, MailboxId mailbox) {
    const auto where = [&] {
        return fmt::format("{}/{} mailbox {}", static_cast<char>(domain_.kind), domain_.id, mailbox.value);
    };
    for (std::size_t at = 0; at < columns.count(); ++at) {
        EmailRows& rows = rows_[columns.email[at]];
        const std::uint32_t uid = columns.first_uid + columns.offset[at];
        if (rows.count++ == 0)
            rows.size = columns.size[at], rows.uid = uid, rows.mailbox = mailbox;
        else if (rows.size != columns.size[at])
            problem_(fmt::format("{}: message {} has another size than its other copies", where(), uid));
    }
    for (const KeywordSet& set : columns.keyword_sets)
        if (!set.empty() && set.back() >= keywords_) problem_(where() + ": a keyword is not in the table");
}

void AccountCheck::add_page(Found& mailbox, PageColumns columns, std::uint32_t page) {
    if (const auto deltas = mailbox.deltas.find(page); deltas != mailbox.deltas.end()) {
        columns = record::overlay(std::move(columns), deltas->second);
        mailbox.deltas.erase(deltas);
    }
    record::MailboxRow& sums = mailbox.sums;
    for (std::size_t at = 0; at < columns.count(); ++at) {
        const MessageRow row = columns.row(at);
        ++sums.messages;
        if (!row.flags.has(Flag::seen)) ++sums.unseen;
        if (row.flags.has(Flag::deleted)) ++sums.deleted;
        if (row.uid >= mailbox.row.first_recent) ++sums.recent;
        sums.size_bytes += row.size_bytes;
        mailbox.uid_highest = std::max(mailbox.uid_highest, row.uid.value);
        mailbox.modseq_highest = std::max(mailbox.modseq_highest, row.modseq);
    }
    messages_ += columns.count();
    add_rows(columns, mailbox.row.id);
}

void AccountCheck::add_deltas_below(Found& mailbox, std::uint64_t page) {
    while (!mailbox.deltas.empty() && mailbox.deltas.begin()->first < page) {
        const std::uint32_t number = mailbox.deltas.begin()->first;
        add_page(mailbox, PageColumns{.first_uid = number << account_->page_bits}, number);
    }
}

void AccountCheck::check_mailbox(MailboxId id, Found& mailbox, Version version) {
    const std::string where = fmt::format("{}/{} mailbox {}", static_cast<char>(domain_.kind), domain_.id, id.value);
    add_deltas_below(mailbox, std::uint64_t{1} << 32);
    const record::MailboxRow& row = mailbox.row;
    const auto differs = [&](std::string_view what, std::uint64_t counted, std::uint64_t said) {
        if (counted != said) problem_(fmt::format("{}: {} {}, but its row says {}", where, counted, what, said));
    };
    differs("messages", mailbox.sums.messages, row.messages);
    differs("unseen messages", mailbox.sums.unseen, row.unseen);
    differs("deleted messages", mailbox.sums.deleted, row.deleted);
    differs("recent messages", mailbox.sums.recent, row.recent);
    differs("octets", mailbox.sums.size_bytes, row.size_bytes);
    if (mailbox.uid_highest >= row.uid_next.value)
        problem_(fmt::format("{}: message {} has a UID that is not given out yet", where, mailbox.uid_highest));
    if (std::max(mailbox.modseq_highest, row.highest_modseq) > version)
        problem_(fmt::format("{}: a modseq is above the account's version", where));
    if (mailbox.delta_count > row.deltas)
        problem_(fmt::format("{}: {} deltas, but its row says at most {}", where, mailbox.delta_count, row.deltas));
    if (row.parent.value != 0 && !mailboxes_.contains(row.parent))
        problem_(fmt::format("{}: its parent {} does not exist", where, row.parent.value));
    const auto name = names_.find({row.parent, row.level});
    const bool named = name != names_.end() && name->second == id;
    if (!row.removed && !named) problem_(fmt::format("{}: the name index does not lead to it", where));
}

void AccountCheck::check_counts() {
    const std::string where = fmt::format("{}/{}", static_cast<char>(domain_.kind), domain_.id);
    for (const auto& [email, blob] : blobs_) {
        const auto rows = rows_.find(email);
        const std::uint32_t counted = rows == rows_.end() ? 0 : rows->second.count;
        const auto count = counts_.find(email);
        const std::uint32_t said = count == counts_.end() ? 1 : count->second;
        if (said >= record::kRowsUnknown)
            problem_(fmt::format("{}: it is not known how many rows email {} has", where, email));
        else if (counted != said)
            problem_(fmt::format("{}: email {} has {} rows, but its count says {}", where, email, counted, said));
        if (rows != rows_.end() && rows->second.size != blob.size)
            problem_(fmt::format("{}: email {} has another size than its octets", where, email));
    }
}

std::string AccountCheck::describe(std::uint32_t email) const {
    const std::string name = fmt::format("{}/{} email {}", static_cast<char>(domain_.kind), domain_.id, email);
    const auto rows = rows_.find(email);
    if (rows == rows_.end()) return name;
    const auto mailbox = mailboxes_.find(rows->second.mailbox);
    return fmt::format("{} (message {} of {})", name, rows->second.uid,
                       mailbox == mailboxes_.end() ? "a mailbox that is lost" : mailbox->second.row.level);
}

void AccountCheck::check_rows() {
    for (const auto& [email, rows] : rows_)
        if (!blobs_.contains(email)) problem_(describe(email) + " has no record");
}

void AccountCheck::finish(Version version) {
    if (!account_ || account_->removed) return; // what is being removed may be incomplete
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;
    for (auto& [id, mailbox] : mailboxes_) {
        check_mailbox(id, mailbox, version);
        bytes += mailbox.sums.size_bytes;
        messages += mailbox.sums.messages;
    }
    if (bytes != account_->bytes || messages != account_->messages)
        problem_(fmt::format("{}/{}: {} messages of {} octets, but the account's row says {} of {}",
                             static_cast<char>(domain_.kind), domain_.id, messages, bytes, account_->messages,
                             account_->bytes));
    for (const auto& [name, id] : names_)
        if (const auto mailbox = mailboxes_.find(id); mailbox == mailboxes_.end() || mailbox->second.row.removed)
            problem_(fmt::format("{}/{}: the name index leads to mailbox {}, which does not exist",
                                 static_cast<char>(domain_.kind), domain_.id, id.value));
    check_counts();
    check_rows();
}

} // namespace tegami::store
