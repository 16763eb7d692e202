// Making the picture of a damaged account whole.
#include "base/bytes.h"
#include "message/card.h"
#include "store/recovery/account_picture.h"

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

class PictureMender {
public:
    PictureMender(Engine* engine, Clock* clock, const RepairOptions* options, AccountPicture* picture,
                  RepairedAccount* told)
        : engine_(engine), clock_(clock), options_(options), picture_(picture), told_(told) {}

    async::Awaitable<StoreResult<>> run();

private:
    void restore_account();
    void restore_emails();
    void restore_mailboxes();
    void restore_names();
    MailboxId top_mailbox(const std::string& name, Role role);
    std::string free_level(MailboxId parent, const std::string& level) const;
    async::Awaitable<StoreResult<>> drop_lost();
    async::Awaitable<StoreResult<LostMessage>> describe(MailboxId mailbox, std::uint32_t uid, std::uint32_t email);
    void recover_orphans();
    void restore_keywords();
    void count();
    std::string name_of(MailboxId mailbox) const;

    Engine* const engine_;
    Clock* const clock_;
    const RepairOptions* const options_;
    AccountPicture* const picture_;
    RepairedAccount* const told_;
};

async::Awaitable<StoreResult<>> PictureMender::run() {
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

void PictureMender::restore_account() {
    if (picture_->account) return;
    told_->notes.emplace_back("the account's own record was lost; its quota is what the directory says");
    picture_->account = record::AccountRow();
    picture_->account->created = clock_->now();
    if (const auto quota = options_->quota_bytes.find(told_->id); quota != options_->quota_bytes.end())
        picture_->account->quota.bytes_max = quota->second;
}

void PictureMender::restore_emails() {
    for (const auto& [id, blob] : picture_->references) {
        if (picture_->emails.contains(id)) continue;
        const auto thread = picture_->threads.find(id);
        picture_->emails[id] = {.id = id,
                                .thread = thread == picture_->threads.end() ? id : thread->second,
                                .blob = blob,
                                .internal_date = moment_of(blob.id)};
    }
    if (!picture_->emails.empty())
        picture_->account->next_email = std::max(picture_->account->next_email, picture_->emails.rbegin()->first + 1);
}

void PictureMender::restore_mailboxes() {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_->now().time_since_epoch()).count();
    // Without messages and without a name there is nothing to keep.
    std::erase_if(picture_->boxes, [&](const auto& entry) {
        return !entry.second.row && entry.second.messages.empty() && !picture_->names.contains(entry.first);
    });
    for (const auto& [id, name] : picture_->names)
        picture_->boxes.try_emplace(id);
    for (auto& [id, box] : picture_->boxes) {
        picture_->account->next_mailbox = std::max(picture_->account->next_mailbox, id.value + 1);
        if (box.row)
            picture_->account->last_uid_validity =
                std::max(picture_->account->last_uid_validity, box.row->uid_validity.value);
    }
    for (auto& [id, box] : picture_->boxes) {
        if (!box.row) {
            record::MailboxRow row{.id = id};
            const auto name = picture_->names.find(id);
            if (name != picture_->names.end()) row.parent = name->second.first;
            row.level =
                name == picture_->names.end() ? fmt::format("{} {}", kRecoveredMailbox, id.value) : name->second.second;
            if (row.parent.value == 0) row.role = role_of(row.level);
            row.subscribed = true;
            picture_->account->last_uid_validity =
                std::max(picture_->account->last_uid_validity + 1, static_cast<std::uint32_t>(now));
            row.uid_validity = UidValidity(picture_->account->last_uid_validity);
            box.row = row;
            told_->notes.push_back(fmt::format("the record of mailbox {} was lost; clients load it anew", row.level));
        }
        box.row->uid_next = std::max(box.row->uid_next, Uid(box.uid_highest + 1));
        if (options_->commits_lost) box.row->uid_next = Uid(box.row->uid_next.value + kUidsSkipped);
    }
}

std::string PictureMender::free_level(MailboxId parent, const std::string& level) const {
    for (int attempt = 1;; ++attempt) {
        const std::string wanted = attempt == 1 ? level : fmt::format("{} {}", level, attempt);
        const bool taken = std::ranges::any_of(picture_->boxes, [&](const auto& entry) {
            const auto& row = entry.second.row;
            return row && !row->removed && row->parent == parent && row->level == wanted;
        });
        if (!taken) return wanted;
    }
}

/// Every mailbox has a parent that exists and a name of its own, every role one mailbox, and there is an INBOX.
void PictureMender::restore_names() {
    for (auto& [id, box] : picture_->boxes) {
        record::MailboxRow& row = *box.row;
        MailboxId at = row.parent;
        for (std::size_t depth = 0; at.value != 0 && picture_->boxes.contains(at) && depth <= picture_->boxes.size();
             ++depth)
            at = picture_->boxes.at(at).row->parent;
        if (at.value != 0) row.parent = MailboxId(); // it leads nowhere, or in a circle
    }
    std::set<std::pair<MailboxId, std::string>> names;
    std::set<Role> roles;
    for (auto& [id, box] : picture_->boxes) {
        record::MailboxRow& row = *box.row;
        if (row.removed) continue;
        if (!names.emplace(row.parent, row.level).second) {
            row.level = free_level(row.parent, row.level);
            names.emplace(row.parent, row.level);
        }
        if (row.role != Role::none && !roles.insert(row.role).second) row.role = Role::none;
    }
    if (!roles.contains(Role::inbox)) picture_->boxes.at(top_mailbox("INBOX", Role::inbox)).row->role = Role::inbox;
}

MailboxId PictureMender::top_mailbox(const std::string& name, Role role) {
    for (const auto& [id, box] : picture_->boxes)
        if (!box.row->removed && box.row->selectable && box.row->parent.value == 0 && box.row->level == name) return id;
    const MailboxId id(picture_->account->next_mailbox++);
    record::MailboxRow row{.id = id, .level = free_level(MailboxId(), name), .role = role, .subscribed = true};
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_->now().time_since_epoch()).count();
    picture_->account->last_uid_validity =
        std::max(picture_->account->last_uid_validity + 1, static_cast<std::uint32_t>(now));
    row.uid_validity = UidValidity(picture_->account->last_uid_validity);
    picture_->boxes[id].row = row;
    return id;
}

std::string PictureMender::name_of(MailboxId mailbox) const {
    std::string name;
    while (mailbox.value != 0 && picture_->boxes.contains(mailbox)) {
        const record::MailboxRow& row = *picture_->boxes.at(mailbox).row;
        if (!name.empty()) name.insert(0, 1, '/');
        name.insert(0, row.level);
        mailbox = row.parent;
    }
    return name;
}

async::Awaitable<StoreResult<LostMessage>> PictureMender::describe(MailboxId mailbox, std::uint32_t uid,
                                                                   std::uint32_t email) {
    LostMessage lost{.mailbox = name_of(mailbox), .uid = uid, .reason = "its record is lost"};
    const auto record = picture_->emails.find(email);
    if (record == picture_->emails.end()) co_return lost;
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
async::Awaitable<StoreResult<>> PictureMender::drop_lost() {
    const auto is_lost = [&](std::uint64_t email) {
        const auto id = static_cast<std::uint32_t>(email);
        return !picture_->emails.contains(id) || picture_->unreadable.contains(id);
    };
    // What is known to be expunged stays so, even if the page or delta that said it is lost: UIDs are never used again.
    for (const auto& [key, vanished] : picture_->vanished)
        if (const auto box = picture_->boxes.find(MailboxId(record::number32(key, 1))); box != picture_->boxes.end())
            for (const std::uint16_t offset : vanished.rows.offset)
                box->second.messages.erase(vanished.rows.first_uid + offset);
    for (auto& [id, box] : picture_->boxes) {
        for (auto at = box.messages.begin(); at != box.messages.end();) {
            if (!is_lost(at->second.email.value)) {
                ++at;
                continue;
            }
            CO_TRY(LostMessage lost,
                   co_await describe(id, at->first, static_cast<std::uint32_t>(at->second.email.value)));
            told_->lost.push_back(std::move(lost));
            at = box.messages.erase(at);
        }
    }
    for (auto at = picture_->vanished.begin(); at != picture_->vanished.end();) {
        PageColumns kept{.first_uid = at->second.rows.first_uid};
        for (std::size_t row = 0; row < at->second.rows.count(); ++row)
            if (!is_lost(at->second.rows.email[row])) kept.push_back(at->second.rows.row(row));
        at->second.rows = std::move(kept);
        at = at->second.rows.count() == 0 ? picture_->vanished.erase(at) : std::next(at);
    }
    for (const auto& [email, blob] : picture_->unreadable)
        picture_->emails.erase(email);
    co_return StoreResult<>{};
}

/// Emails without a row in a mailbox come back, unless all their rows are known to be expunged: where they were is not
/// known, so they get new places.
void PictureMender::recover_orphans() {
    std::set<std::uint32_t> placed;
    std::map<std::uint32_t, std::uint32_t> expunged;
    for (const auto& [id, box] : picture_->boxes)
        for (const auto& [uid, message] : box.messages)
            placed.insert(static_cast<std::uint32_t>(message.email.value));
    for (const auto& [key, vanished] : picture_->vanished)
        for (const std::uint32_t email : vanished.rows.email)
            ++expunged[email];
    for (const auto& [email, rows] : expunged) {
        const auto said = picture_->said.find(email);
        if (rows >= (said == picture_->said.end() ? 1 : said->second)) placed.insert(email);
    }
    for (const auto& [id, email] : picture_->emails) {
        if (placed.contains(id)) continue;
        AccountPicture::Box& box = picture_->boxes.at(top_mailbox(kRecoveredMailbox, Role::none));
        const Uid uid = box.row->uid_next;
        box.row->uid_next = uid.next();
        const auto saved = std::chrono::duration_cast<std::chrono::seconds>(email.internal_date.time_since_epoch());
        box.messages[uid.value] = {.uid = uid,
                                   .email = EmailId(id),
                                   .modseq = picture_->version.next(),
                                   .size_bytes = static_cast<std::uint32_t>(email.blob.size),
                                   .saved = static_cast<std::uint32_t>(std::max<std::int64_t>(0, saved.count()))};
        ++told_->recovered;
    }
}

/// Ids of keywords count from 0 without a gap.
void PictureMender::restore_keywords() {
    std::size_t count = picture_->keywords.empty() ? 0 : picture_->keywords.rbegin()->first + std::size_t{1};
    const auto see = [&](const KeywordSet& set) {
        if (!set.empty()) count = std::max(count, set.back() + std::size_t{1});
    };
    for (const auto& [id, box] : picture_->boxes)
        for (const auto& [uid, message] : box.messages)
            see(message.keywords);
    for (const auto& [key, vanished] : picture_->vanished)
        std::ranges::for_each(vanished.rows.keyword_sets, see);
    for (std::size_t id = 0; id < count; ++id)
        picture_->keywords.try_emplace(static_cast<std::uint16_t>(id), fmt::format("$Lost{}", id));
}

void PictureMender::count() {
    picture_->account->bytes = 0;
    picture_->account->messages = 0;
    picture_->account->log_floor = picture_->version.next();
    picture_->counts.clear();
    for (const auto& [key, vanished] : picture_->vanished)
        for (const std::uint32_t email : vanished.rows.email)
            ++picture_->counts[email];
    for (auto& [id, box] : picture_->boxes) {
        record::MailboxRow& row = *box.row;
        row.messages = row.unseen = row.deleted = row.recent = row.deltas = row.tail_deltas = 0;
        row.size_bytes = 0;
        row.highest_modseq = row.change_floor = picture_->version.next();
        row.first_recent = std::min(row.first_recent, row.uid_next);
        for (auto& [uid, message] : box.messages) {
            // All copies of a message have the size of its octets.
            const auto size = picture_->emails.at(static_cast<std::uint32_t>(message.email.value)).blob.size;
            message.size_bytes = static_cast<std::uint32_t>(size);
            message.modseq = std::min(message.modseq, picture_->version.next());
            ++row.messages;
            row.unseen += message.flags.has(Flag::seen) ? 0 : 1;
            row.deleted += message.flags.has(Flag::deleted) ? 1 : 0;
            row.recent += message.uid >= row.first_recent ? 1 : 0;
            row.size_bytes += message.size_bytes;
            ++picture_->counts[static_cast<std::uint32_t>(message.email.value)];
        }
        picture_->account->messages += row.messages;
        picture_->account->bytes += row.size_bytes;
    }
}

} // namespace

async::Awaitable<StoreResult<>> make_whole(Engine* engine, Clock* clock, const RepairOptions* options,
                                           AccountPicture* picture, RepairedAccount* told) {
    PictureMender mender(engine, clock, options, picture, told);
    co_return co_await mender.run();
}

} // namespace tegami::store
