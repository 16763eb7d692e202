// Reading every record of a damaged account that can be read.
#include "store/engine/scan.h"
#include "store/recovery/account_picture.h"
#include "store/recovery/verify_account.h"

#include <algorithm>

namespace tegami::store {

namespace {

constexpr std::size_t kNotesMax = 100;

class PictureReader {
public:
    PictureReader(Engine* engine, Domain domain, const std::map<std::string, BlobRef>* references)
        : engine_(engine), references_(references) {
        picture_.domain = domain;
    }

    async::Awaitable<StoreResult<AccountPicture>> run() {
        CO_TRY_VOID(co_await read());
        CO_TRY_VOID(co_await check_blobs());
        co_return std::move(picture_);
    }

private:
    async::Awaitable<StoreResult<>> read();
    void take(const Row& row);
    void see_key(const RecordKind& kind, std::string_view key);
    void see(const Row&, record::AccountRow& account);
    void see(const Row&, record::MailboxRow& mailbox);
    void see(const Row&, record::NameRow& name);
    void see(const Row&, record::KeywordRow& keyword);
    void see(const Row&, record::DeltaRow& delta);
    void see(const Row&, record::MessagesRow& messages);
    void see(const Row& row, record::VanishedRow& gone);
    void see(const Row& row, const record::EmailsRow& emails);
    void see(const Row& row, const record::CountsRow& counts);
    void see(const Row&, const record::LogRow& log);

    /// All others stay as they are.
    template <class Other>
    void see(const Row&, const Other&) {}

    async::Awaitable<StoreResult<>> check_blobs();
    async::Awaitable<StoreResult<bool>> is_readable(BlobRef blob);

    Engine* const engine_;
    const std::map<std::string, BlobRef>* const references_;
    AccountPicture picture_;
};

async::Awaitable<StoreResult<>> PictureReader::read() {
    AccountCheck check(picture_.domain, [this](std::string problem) {
        picture_.sound = false;
        if (picture_.notes.size() < kNotesMax) picture_.notes.push_back(std::move(problem));
    });
    Scan scan(engine_, picture_.domain, {.rows_max = kScanRows, .around_damage = true});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows) {
            check.take(row);
            take(row);
        }
        for (const DamagedKeys& keys : page.damaged) {
            picture_.sound = false;
            picture_.notes.push_back(damaged_keys_name(picture_.domain, keys) + " cannot be read");
            if (keys.end == keys.begin + '\0') picture_.old_keys.push_back(keys.begin);
        }
        picture_.version = page.version;
    }
    check.finish(picture_.version);
    const std::string prefix = record::reference_tag(AccountId(picture_.domain.id), 0).substr(0, 9);
    for (auto at = references_->lower_bound(prefix); at != references_->end() && at->first.starts_with(prefix); ++at)
        picture_.references[record::number32(at->first, prefix.size())] = at->second;
    for (const auto& [email, blob] : picture_.references)
        picture_.sound = picture_.sound && picture_.emails.contains(email);
    co_return StoreResult<>{};
}

void PictureReader::take(const Row& row) {
    const RecordKind* const kind = find_record_kind(DomainKind::account, row.key);
    auto record = kind == nullptr ? std::nullopt : kind->decode(picture_.account.value_or(record::AccountRow()), row);
    if (kind != nullptr) see_key(*kind, row.key);
    if (record) std::visit([&](auto& one) { see(row, one); }, *record);
    if (!record || kind->derived) picture_.old_keys.push_back(row.key);
}

/// What the key alone says, whether or not the value can be read.
void PictureReader::see_key(const RecordKind& kind, std::string_view key) {
    if (kind.owner == Owner::mailbox) picture_.boxes.try_emplace(MailboxId(record::number32(key, 1)));
    if (kind.letter == 'D') {
        AccountPicture::Box& box = picture_.boxes[MailboxId(record::number32(key, 1))];
        box.uid_highest = std::max(box.uid_highest, record::number32(key, 5));
    }
    if (kind.letter == 'T') picture_.threads[record::number32(key, 5)] = record::number32(key, 1);
}

void PictureReader::see(const Row&, record::AccountRow& account) {
    picture_.account = account;
}

void PictureReader::see(const Row&, record::MailboxRow& mailbox) {
    AccountPicture::Box& box = picture_.boxes[mailbox.id];
    box.row = std::move(mailbox);
}

void PictureReader::see(const Row&, record::NameRow& name) {
    picture_.names[name.mailbox] = {name.parent, std::move(name.level)};
}

void PictureReader::see(const Row&, record::KeywordRow& keyword) {
    picture_.keywords[keyword.id] = std::move(keyword.word);
}

void PictureReader::see(const Row&, record::DeltaRow& delta) {
    AccountPicture::Box& box = picture_.boxes[delta.mailbox];
    if (delta.delta.row)
        box.messages.insert_or_assign(delta.delta.uid.value, *std::move(delta.delta.row));
    else
        box.gone.insert(delta.delta.uid.value);
}

void PictureReader::see(const Row&, record::MessagesRow& messages) {
    AccountPicture::Box& box = picture_.boxes[messages.mailbox];
    for (std::size_t at = 0; at < messages.columns.count(); ++at) {
        MessageRow message = messages.columns.row(at);
        box.uid_highest = std::max(box.uid_highest, message.uid.value);
        // Deltas come first in the order of keys, and count more.
        if (!box.gone.contains(message.uid.value)) box.messages.emplace(message.uid.value, std::move(message));
    }
}

void PictureReader::see(const Row& row, record::VanishedRow& gone) {
    AccountPicture::Box& box = picture_.boxes[gone.mailbox];
    for (const std::uint16_t offset : gone.vanished.rows.offset)
        box.uid_highest = std::max(box.uid_highest, gone.vanished.rows.first_uid + offset);
    picture_.vanished.emplace(row.key, std::move(gone.vanished));
}

void PictureReader::see(const Row& row, const record::EmailsRow& emails) {
    const bool single = row.key.front() == 'e';
    for (const record::EmailRecord& email : emails.emails)
        if (single)
            picture_.emails.emplace(email.id, email); // its page came before it and counts more
        else
            picture_.emails.insert_or_assign(email.id, email);
}

void PictureReader::see(const Row& row, const record::CountsRow& counts) {
    const bool single = row.key.front() == 'm';
    for (std::uint32_t at = 0; at < counts.rows.size(); ++at)
        if ((single || counts.rows[at] != 1) && counts.rows[at] < record::kRowsUnknown)
            picture_.said[counts.first_email + at] = counts.rows[at];
}

void PictureReader::see(const Row&, const record::LogRow& log) {
    for (const MailboxChanges& change : log.mailboxes)
        if (!change.appended.empty()) {
            AccountPicture::Box& box = picture_.boxes[change.mailbox];
            box.uid_highest = std::max(box.uid_highest, change.appended.ranges().back().last.value);
        }
}

/// Whether the octets of a message are there to the end.
async::Awaitable<StoreResult<bool>> PictureReader::is_readable(BlobRef blob) {
    const StoreResult<std::string> card = co_await engine_->read_card(blob.id);
    if (!card && card.error().code == ErrorCode::unavailable) co_return failure(card.error());
    if (!card || card->size() != blob.card_size) co_return false;
    for (std::uint64_t at = 0; at < blob.size; at += kReadBytes) {
        const StoreResult<std::string> octets = co_await engine_->read_blob(blob.id, at, kReadBytes);
        if (!octets && octets.error().code == ErrorCode::unavailable) co_return failure(octets.error());
        if (!octets || octets->size() != std::min(kReadBytes, blob.size - at)) co_return false;
    }
    co_return true;
}

async::Awaitable<StoreResult<>> PictureReader::check_blobs() {
    for (const auto& [id, email] : picture_.emails) {
        CO_TRY(const bool readable, co_await is_readable(email.blob));
        if (readable) continue;
        picture_.unreadable.emplace(id, email.blob.id);
        picture_.sound = false;
    }
    co_return StoreResult<>{};
}

} // namespace

async::Awaitable<StoreResult<AccountPicture>> read_picture(Engine* engine, Domain domain,
                                                           const std::map<std::string, BlobRef>* references) {
    PictureReader reader(engine, domain, references);
    co_return co_await reader.run();
}

} // namespace tegami::store
