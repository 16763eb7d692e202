// Making the picture of a damaged account whole.
#include "base/bytes.h"
#include "message/card.h"
#include "store/recovery/repair_account.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

namespace {

/// How far UIDs move on where commits may be lost.
constexpr std::uint32_t kUidsSkipped = 10'000;
constexpr std::pair<const char*, Role> kRoles[] = {{"INBOX", Role::inbox}, {"Drafts", Role::drafts},
                                                   {"Sent", Role::sent},   {"Junk", Role::junk},
                                                   {"Trash", Role::trash}, {"Archive", Role::archive}};

Role role_of(std::string_view name) {
    for (const auto& [known, role] : kRoles)
        if (name == known) return role;
    return Role::none;
}

/// A blob's id begins with the moment it was made.
Timestamp moment_of(BlobId blob) {
    bytes::Reader reader(std::string_view(reinterpret_cast<const char*>(blob.octets.data()), blob.octets.size()));
    return Timestamp(Duration(static_cast<std::int64_t>(reader.big_endian<std::uint64_t>())));
}

std::string text_of(const std::vector<message::HeaderAddress>& addresses) {
    for (const message::HeaderAddress& address : addresses)
        if (address.kind == message::HeaderAddress::Kind::mailbox) return address.local_part + '@' + address.domain;
    return {};
}

} // namespace

async::Awaitable<StoreResult<>> AccountRepair::rebuild() {
    restore_account();
    restore_emails();
    restore_mailboxes();
    restore_names();
    CO_TRY_VOID(co_await drop_lost());
    recover_orphans();
    restore_keywords();
    count();
    co_return StoreResult<>{};
}

void AccountRepair::restore_account() {
    if (account_) return;
    result_.notes.emplace_back("the account's own record was lost; its quota is what the directory says");
    account_ = record::AccountRow();
    account_->created = clock_->now();
    if (const auto quota = options_->quota_bytes.find(result_.id); quota != options_->quota_bytes.end())
        account_->quota.bytes_max = quota->second;
}

void AccountRepair::restore_emails() {
    for (const auto& [id, blob] : references_) {
        if (emails_.contains(id)) continue;
        const auto thread = threads_.find(id);
        emails_[id] = {.id = id,
                       .thread = thread == threads_.end() ? id : thread->second,
                       .blob = blob,
                       .internal_date = moment_of(blob.id)};
        claimed_.insert(blob.id);
    }
    if (!emails_.empty()) account_->next_email = std::max(account_->next_email, emails_.rbegin()->first + 1);
}

void AccountRepair::restore_mailboxes() {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_->now().time_since_epoch()).count();
    // Without messages and without a name there is nothing to keep.
    std::erase_if(boxes_, [&](const auto& entry) {
        return !entry.second.row && entry.second.messages.empty() && !names_.contains(entry.first);
    });
    for (const auto& [id, name] : names_)
        boxes_.try_emplace(id);
    for (auto& [id, box] : boxes_) {
        account_->next_mailbox = std::max(account_->next_mailbox, id.value + 1);
        if (box.row) account_->last_uid_validity = std::max(account_->last_uid_validity, box.row->uid_validity.value);
    }
    for (auto& [id, box] : boxes_) {
        if (!box.row) {
            record::MailboxRow row{.id = id};
            const auto name = names_.find(id);
            if (name != names_.end()) row.parent = name->second.first;
            row.level = name == names_.end() ? fmt::format("{} {}", kRecoveredMailbox, id.value) : name->second.second;
            if (row.parent.value == 0) row.role = role_of(row.level);
            row.subscribed = true;
            account_->last_uid_validity = std::max(account_->last_uid_validity + 1, static_cast<std::uint32_t>(now));
            row.uid_validity = UidValidity(account_->last_uid_validity);
            box.row = row;
            result_.notes.push_back(fmt::format("the record of mailbox {} was lost; clients load it anew", row.level));
        }
        box.row->uid_next = std::max(box.row->uid_next, Uid(box.uid_highest + 1));
        if (options_->commits_lost) box.row->uid_next = Uid(box.row->uid_next.value + kUidsSkipped);
    }
}

std::string AccountRepair::free_level(MailboxId parent, const std::string& level) const {
    for (int attempt = 1;; ++attempt) {
        const std::string wanted = attempt == 1 ? level : fmt::format("{} {}", level, attempt);
        const bool taken = std::ranges::any_of(boxes_, [&](const auto& entry) {
            const auto& row = entry.second.row;
            return row && !row->removed && row->parent == parent && row->level == wanted;
        });
        if (!taken) return wanted;
    }
}

/// Every mailbox has a parent that exists and a name of its own, every role one mailbox, and there is an INBOX.
void AccountRepair::restore_names() {
    for (auto& [id, box] : boxes_) {
        record::MailboxRow& row = *box.row;
        MailboxId at = row.parent;
        for (std::size_t depth = 0; at.value != 0 && boxes_.contains(at) && depth <= boxes_.size(); ++depth)
            at = boxes_.at(at).row->parent;
        if (at.value != 0) row.parent = MailboxId(); // it leads nowhere, or in a circle
    }
    std::set<std::pair<MailboxId, std::string>> names;
    std::set<Role> roles;
    for (auto& [id, box] : boxes_) {
        record::MailboxRow& row = *box.row;
        if (row.removed) continue;
        if (!names.emplace(row.parent, row.level).second) {
            row.level = free_level(row.parent, row.level);
            names.emplace(row.parent, row.level);
        }
        if (row.role != Role::none && !roles.insert(row.role).second) row.role = Role::none;
    }
    if (!roles.contains(Role::inbox)) boxes_.at(top_mailbox("INBOX", Role::inbox)).row->role = Role::inbox;
}

MailboxId AccountRepair::top_mailbox(const std::string& name, Role role) {
    for (const auto& [id, box] : boxes_)
        if (!box.row->removed && box.row->selectable && box.row->parent.value == 0 && box.row->level == name) return id;
    const MailboxId id(account_->next_mailbox++);
    record::MailboxRow row{.id = id, .level = free_level(MailboxId(), name), .role = role, .subscribed = true};
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_->now().time_since_epoch()).count();
    account_->last_uid_validity = std::max(account_->last_uid_validity + 1, static_cast<std::uint32_t>(now));
    row.uid_validity = UidValidity(account_->last_uid_validity);
    boxes_[id].row = row;
    return id;
}

std::string AccountRepair::name_of(MailboxId mailbox) const {
    std::string name;
    while (mailbox.value != 0 && boxes_.contains(mailbox)) {
        const record::MailboxRow& row = *boxes_.at(mailbox).row;
        name = name.empty() ? row.level : row.level + '/' + name;
        mailbox = row.parent;
    }
    return name;
}

async::Awaitable<StoreResult<LostMessage>> AccountRepair::describe(MailboxId mailbox, std::uint32_t uid,
                                                                   std::uint32_t email) {
    LostMessage lost{.mailbox = name_of(mailbox), .uid = uid, .reason = "its record is lost"};
    const auto record = emails_.find(email);
    if (record == emails_.end()) co_return lost;
    lost.reason = "its octets cannot be read";
    StoreResult<std::string> octets = co_await engine_->read_card(record->second.blob.id);
    if (!octets && octets.error().code == ErrorCode::unavailable) co_return failure(octets.error());
    const auto known = options_->lost_cards.find(record->second.blob.id);
    if (!octets && known != options_->lost_cards.end()) octets = known->second;
    if (!octets) co_return lost;
    const auto card = message::decode_card(*octets);
    if (!card) co_return lost;
    lost.subject = card->envelope.subject.value_or("");
    lost.from = text_of(card->envelope.from);
    lost.date = card->envelope.date.value_or("");
    co_return lost;
}

/// Takes out rows whose message cannot be read and says which they were.
async::Awaitable<StoreResult<>> AccountRepair::drop_lost() {
    const auto is_lost = [&](std::uint64_t email) {
        const auto id = static_cast<std::uint32_t>(email);
        return !emails_.contains(id) || unreadable_.contains(id);
    };
    // What is known to be expunged stays so, even if the page or delta that said it is lost: UIDs are never used again.
    for (const auto& [key, vanished] : vanished_)
        if (const auto box = boxes_.find(MailboxId(record::number32(key, 1))); box != boxes_.end())
            for (const std::uint16_t offset : vanished.rows.offset)
                box->second.messages.erase(vanished.rows.first_uid + offset);
    for (auto& [id, box] : boxes_) {
        for (auto at = box.messages.begin(); at != box.messages.end();) {
            if (!is_lost(at->second.email.value)) {
                ++at;
                continue;
            }
            CO_TRY(LostMessage lost,
                   co_await describe(id, at->first, static_cast<std::uint32_t>(at->second.email.value)));
            result_.lost.push_back(std::move(lost));
            at = box.messages.erase(at);
        }
    }
    for (auto at = vanished_.begin(); at != vanished_.end();) {
        PageColumns kept{.first_uid = at->second.rows.first_uid};
        for (std::size_t row = 0; row < at->second.rows.count(); ++row)
            if (!is_lost(at->second.rows.email[row])) kept.push_back(at->second.rows.row(row));
        at->second.rows = std::move(kept);
        at = at->second.rows.count() == 0 ? vanished_.erase(at) : std::next(at);
    }
    for (const auto& [email, blob] : unreadable_)
        emails_.erase(email);
    co_return StoreResult<>{};
}

/// Emails without a row in a mailbox come back, unless all their rows are known to be expunged: where they were is not
/// known, so they get new places.
void AccountRepair::recover_orphans() {
    std::set<std::uint32_t> placed;
    std::map<std::uint32_t, std::uint32_t> expunged;
    for (const auto& [id, box] : boxes_)
        for (const auto& [uid, message] : box.messages)
            placed.insert(static_cast<std::uint32_t>(message.email.value));
    for (const auto& [key, vanished] : vanished_)
        for (const std::uint32_t email : vanished.rows.email)
            ++expunged[email];
    for (const auto& [email, rows] : expunged) {
        const auto said = said_.find(email);
        if (rows >= (said == said_.end() ? 1 : said->second)) placed.insert(email);
    }
    for (const auto& [id, email] : emails_) {
        if (placed.contains(id)) continue;
        Box& box = boxes_.at(top_mailbox(kRecoveredMailbox, Role::none));
        const Uid uid = box.row->uid_next;
        box.row->uid_next = uid.next();
        const auto saved = std::chrono::duration_cast<std::chrono::seconds>(email.internal_date.time_since_epoch());
        box.messages[uid.value] = {.uid = uid,
                                   .email = EmailId(id),
                                   .modseq = version_.next(),
                                   .size_bytes = static_cast<std::uint32_t>(email.blob.size),
                                   .saved = static_cast<std::uint32_t>(std::max<std::int64_t>(0, saved.count()))};
        ++result_.recovered;
    }
}

/// Ids of keywords count from 0 without a gap.
void AccountRepair::restore_keywords() {
    std::size_t count = keywords_.empty() ? 0 : keywords_.rbegin()->first + std::size_t{1};
    const auto see = [&](const KeywordSet& set) {
        if (!set.empty()) count = std::max(count, set.back() + std::size_t{1});
    };
    for (const auto& [id, box] : boxes_)
        for (const auto& [uid, message] : box.messages)
            see(message.keywords);
    for (const auto& [key, vanished] : vanished_)
        std::ranges::for_each(vanished.rows.keyword_sets, see);
    for (std::size_t id = 0; id < count; ++id)
        keywords_.try_emplace(static_cast<std::uint16_t>(id), fmt::format("$Lost{}", id));
}

void AccountRepair::count() {
    account_->bytes = 0;
    account_->messages = 0;
    account_->log_floor = version_.next();
    counts_.clear();
    for (const auto& [key, vanished] : vanished_)
        for (const std::uint32_t email : vanished.rows.email)
            ++counts_[email];
    for (auto& [id, box] : boxes_) {
        record::MailboxRow& row = *box.row;
        row.messages = row.unseen = row.deleted = row.recent = row.deltas = row.tail_deltas = 0;
        row.size_bytes = 0;
        row.highest_modseq = row.change_floor = version_.next();
        row.first_recent = std::min(row.first_recent, row.uid_next);
        for (auto& [uid, message] : box.messages) {
            // All copies of a message have the size of its octets.
            const auto size = emails_.at(static_cast<std::uint32_t>(message.email.value)).blob.size;
            message.size_bytes = static_cast<std::uint32_t>(size);
            message.modseq = std::min(message.modseq, version_.next());
            ++row.messages;
            row.unseen += message.flags.has(Flag::seen) ? 0 : 1;
            row.deleted += message.flags.has(Flag::deleted) ? 1 : 0;
            row.recent += message.uid >= row.first_recent ? 1 : 0;
            row.size_bytes += message.size_bytes;
            ++counts_[static_cast<std::uint32_t>(message.email.value)];
        }
        account_->messages += row.messages;
        account_->bytes += row.size_bytes;
    }
}

} // namespace tegami::store
