#include "store/pending_commit.h"

#include <iterator>

namespace tegami::store {

PendingCommit PendingCommit::part_of(const PendingCommit& whole) {
    PendingCommit part(whole.modseq, whole.account);
    part.mailboxes = whole.mailboxes;
    part.keywords = whole.keywords;
    part.base_ = &whole;
    return part;
}

void PendingCommit::merge(PendingCommit part) {
    std::ranges::move(part.operations, std::back_inserter(operations));
    bytes += part.bytes;
    account = part.account;
    mailboxes = std::move(part.mailboxes);
    removed.merge(part.removed);
    mailbox_list |= part.mailbox_list;
    objects.merge(part.objects);
    if (part.subscribed_names) subscribed_names = std::move(part.subscribed_names);
    if (part.keywords) keywords = std::move(part.keywords);
    for (auto& [mailbox, changed] : part.changes) {
        MailboxChange& mine = change(mailbox);
        mine.appended.merge(changed.appended);
        mine.changed.merge(changed.changed);
        mine.marked.merge(changed.marked);
        mine.expunged.merge(changed.expunged);
        mine.mailbox_itself |= changed.mailbox_itself;
    }
    for (auto& [place, page] : part.pages)
        pages.insert_or_assign(place, std::move(page));
    for (auto& [place, rows] : part.unread)
        std::ranges::move(rows, std::back_inserter(unread[place]));
    for (auto& [page, count] : part.counts)
        counts.insert_or_assign(page, std::move(count));
    for (auto& [page, emails] : part.email_pages)
        email_pages.insert_or_assign(page, std::move(emails));
    for (auto& [key, value] : part.group_pages)
        group_pages.insert_or_assign(key, std::move(value));
    tail_emails.merge(part.tail_emails);
    cards.merge(part.cards);
    hashes.merge(part.hashes);
    std::ranges::move(part.done_, std::back_inserter(done_));
}

void PendingCommit::tell_done() {
    for (auto& done : std::exchange(done_, {}))
        done();
}

record::MailboxRow& PendingCommit::mailbox(MailboxId mailbox, const AccountRows& rows) {
    const auto found = mailboxes.find(mailbox);
    if (found != mailboxes.end()) return found->second;
    return mailboxes.emplace(mailbox, rows.mailboxes.at(mailbox)).first->second;
}

void PendingCommit::put(std::string key, std::string value) {
    bytes += key.size() + value.size();
    operations.emplace_back(Put{std::move(key), std::move(value)});
}

void PendingCommit::erase(std::string key) {
    bytes += key.size();
    operations.emplace_back(Delete{std::move(key)});
}

void PendingCommit::erase_range(std::string begin, std::string end) {
    bytes += begin.size() + end.size();
    operations.emplace_back(DeleteRange{std::move(begin), std::move(end)});
}

void PendingCommit::add_reference(BlobId blob, std::string tag) {
    bytes += sizeof(blob) + tag.size();
    operations.emplace_back(AddReference{blob, std::move(tag)});
}

void PendingCommit::remove_reference(BlobId blob, std::string tag) {
    bytes += sizeof(blob) + tag.size();
    operations.emplace_back(RemoveReference{blob, std::move(tag)});
}

MailboxChange& PendingCommit::change(MailboxId mailbox) {
    MailboxChange& found = changes[mailbox];
    found.mailbox = mailbox;
    return found;
}

const ViewPagePtr* PendingCommit::find_page(PagePlace place) const {
    for (const PendingCommit* at = this; at != nullptr; at = at->base_)
        if (const auto found = at->pages.find(place); found != at->pages.end()) return &found->second;
    return nullptr;
}

const CountPage* PendingCommit::find_counts(std::uint32_t page) const {
    for (const PendingCommit* at = this; at != nullptr; at = at->base_)
        if (const auto found = at->counts.find(page); found != at->counts.end()) return &found->second;
    return nullptr;
}

const std::vector<record::EmailRecord>* PendingCommit::find_emails(std::uint32_t page) const {
    for (const PendingCommit* at = this; at != nullptr; at = at->base_)
        if (const auto found = at->email_pages.find(page); found != at->email_pages.end()) return &found->second;
    return nullptr;
}

const std::string* PendingCommit::find_group_page(const std::string& key) const {
    for (const PendingCommit* at = this; at != nullptr; at = at->base_)
        if (const auto found = at->group_pages.find(key); found != at->group_pages.end()) return &found->second;
    return nullptr;
}

std::optional<std::uint32_t> PendingCommit::find_hash(std::uint64_t hash) const {
    for (const PendingCommit* at = this; at != nullptr; at = at->base_)
        if (const auto found = at->hashes.find(hash); found != at->hashes.end()) return found->second;
    return std::nullopt;
}

const std::string* PendingCommit::find_card(std::uint32_t email) const {
    for (const PendingCommit* at = this; at != nullptr; at = at->base_)
        if (const auto found = at->cards.find(email); found != at->cards.end()) return found->second;
    return nullptr;
}

std::vector<MessageRow> PendingCommit::unread_rows(PagePlace place) const {
    std::vector<MessageRow> rows;
    if (base_ != nullptr) rows = base_->unread_rows(place);
    if (const auto found = unread.find(place); found != unread.end())
        rows.insert(rows.end(), found->second.begin(), found->second.end());
    return rows;
}

std::map<std::uint32_t, record::EmailRecord> PendingCommit::tail_emails_from(std::uint32_t first) const {
    std::map<std::uint32_t, record::EmailRecord> emails(tail_emails.lower_bound(first), tail_emails.end());
    if (base_ != nullptr) emails.merge(base_->tail_emails_from(first));
    return emails;
}

} // namespace tegami::store
