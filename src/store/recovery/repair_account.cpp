#include "store/recovery/repair_account.h"

#include "store/engine/scan.h"
#include "store/recovery/verify_account.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

namespace {

constexpr std::size_t kNotesMax = 100;

std::size_t octets_of(const Operation& operation) {
    if (const auto* put = std::get_if<Put>(&operation)) return put->key.size() + put->value.size() + 32;
    if (const auto* erased = std::get_if<Delete>(&operation)) return erased->key.size() + 32;
    return 64;
}

} // namespace

async::Awaitable<StoreResult<bool>> AccountRepair::run() {
    CO_TRY_VOID(co_await read());
    CO_TRY_VOID(co_await check_blobs());
    for (const auto& [email, record] : emails_)
        claimed_.insert(record.blob.id);
    if (account_ && account_->removed && sound_) co_return false; // its removal ends at the next start
    const bool nothing = !account_ && boxes_.empty() && emails_.empty() && references_.empty() && old_keys_.empty();
    if (nothing || (sound_ && !options_->commits_lost)) co_return false;
    CO_TRY_VOID(co_await rebuild());
    CO_TRY_VOID(co_await write());
    co_return true;
}

async::Awaitable<StoreResult<>> AccountRepair::read() {
    AccountCheck check(domain_, [this](std::string problem) {
        sound_ = false;
        if (result_.notes.size() < kNotesMax) result_.notes.push_back(std::move(problem));
    });
    Scan scan(engine_, domain_, {.rows_max = kScanRows, .around_damage = true});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows) {
            check.take(row);
            take(row);
        }
        for (const DamagedKeys& keys : page.damaged) {
            sound_ = false;
            result_.notes.push_back(damaged_keys_name(domain_, keys) + " cannot be read");
            if (keys.end == keys.begin + '\0') old_keys_.push_back(keys.begin);
        }
        version_ = page.version;
    }
    check.finish(version_);
    const std::string prefix = record::reference_tag(AccountId(domain_.id), 0).substr(0, 9);
    for (auto at = options_->references.lower_bound(prefix);
         at != options_->references.end() && at->first.starts_with(prefix); ++at)
        references_[record::number32(at->first, prefix.size())] = at->second;
    for (const auto& [email, blob] : references_)
        sound_ = sound_ && emails_.contains(email);
    co_return StoreResult<>{};
}

void AccountRepair::take(const Row& row) {
    const RecordKind* const kind = find_record_kind(DomainKind::account, row.key);
    auto record = kind == nullptr ? std::nullopt : kind->decode(account_.value_or(record::AccountRow()), row);
    if (kind != nullptr) see_key(*kind, row.key);
    if (record) std::visit([&](auto& one) { see(row, one); }, *record);
    if (!record || kind->derived) old_keys_.push_back(row.key);
}

/// What the key alone says, whether or not the value can be read.
void AccountRepair::see_key(const RecordKind& kind, std::string_view key) {
    if (kind.owner == Owner::mailbox) boxes_.try_emplace(MailboxId(record::number32(key, 1)));
    if (kind.letter == 'D') {
        Box& box = boxes_[MailboxId(record::number32(key, 1))];
        box.uid_highest = std::max(box.uid_highest, record::number32(key, 5));
    }
    if (kind.letter == 'T') threads_[record::number32(key, 5)] = record::number32(key, 1);
}

void AccountRepair::see(const Row&, record::AccountRow& account) {
    account_ = account;
}

void AccountRepair::see(const Row&, record::MailboxRow& mailbox) {
    Box& box = boxes_[mailbox.id];
    box.row = std::move(mailbox);
}

void AccountRepair::see(const Row&, record::NameRow& name) {
    names_[name.mailbox] = {name.parent, std::move(name.level)};
}

void AccountRepair::see(const Row&, record::KeywordRow& keyword) {
    keywords_[keyword.id] = std::move(keyword.word);
}

void AccountRepair::see(const Row&, record::DeltaRow& delta) {
    Box& box = boxes_[delta.mailbox];
    if (delta.delta.row)
        box.messages.insert_or_assign(delta.delta.uid.value, *std::move(delta.delta.row));
    else
        box.gone.insert(delta.delta.uid.value);
}

void AccountRepair::see(const Row&, record::MessagesRow& messages) {
    Box& box = boxes_[messages.mailbox];
    for (std::size_t at = 0; at < messages.columns.count(); ++at) {
        MessageRow message = messages.columns.row(at);
        box.uid_highest = std::max(box.uid_highest, message.uid.value);
        // Deltas come first in the order of keys, and count more.
        if (!box.gone.contains(message.uid.value)) box.messages.emplace(message.uid.value, std::move(message));
    }
}

void AccountRepair::see(const Row& row, record::VanishedRow& gone) {
    Box& box = boxes_[gone.mailbox];
    for (const std::uint16_t offset : gone.vanished.rows.offset)
        box.uid_highest = std::max(box.uid_highest, gone.vanished.rows.first_uid + offset);
    vanished_.emplace(row.key, std::move(gone.vanished));
}

void AccountRepair::see(const Row& row, const record::EmailsRow& emails) {
    const bool single = row.key.front() == 'e';
    for (const record::EmailRecord& email : emails.emails)
        if (single)
            emails_.emplace(email.id, email); // its page came before it and counts more
        else
            emails_.insert_or_assign(email.id, email);
}

void AccountRepair::see(const Row& row, const record::CountsRow& counts) {
    const bool single = row.key.front() == 'm';
    for (std::uint32_t at = 0; at < counts.rows.size(); ++at)
        if ((single || counts.rows[at] != 1) && counts.rows[at] < record::kRowsUnknown)
            said_[counts.first_email + at] = counts.rows[at];
}

void AccountRepair::see(const Row&, const record::LogRow& log) {
    for (const MailboxChanges& change : log.mailboxes)
        if (!change.appended.empty()) {
            Box& box = boxes_[change.mailbox];
            box.uid_highest = std::max(box.uid_highest, change.appended.ranges().back().last.value);
        }
}

/// Whether the octets of a message are there to the end.
async::Awaitable<StoreResult<bool>> AccountRepair::is_readable(BlobRef blob) {
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

async::Awaitable<StoreResult<>> AccountRepair::check_blobs() {
    for (const auto& [id, email] : emails_) {
        CO_TRY(const bool readable, co_await is_readable(email.blob));
        if (readable) continue;
        unreadable_.emplace(id, email.blob.id);
        sound_ = false;
    }
    co_return StoreResult<>{};
}

void AccountRepair::write_mailbox(MailboxId id, const Box& box) {
    const auto put_page = [&](const PageColumns& columns) {
        std::string value = record::encode_page(columns);
        const std::uint32_t number = columns.first_uid >> account_->page_bits;
        if (value.size() <= limits_.value_bytes_max) return put(record::page_key(id, number), std::move(value));
        for (std::size_t at = 0; at < columns.count(); ++at)
            put(record::delta_key(id, columns.row(at).uid), record::encode_delta(columns.row(at)));
    };
    PageColumns columns;
    for (const auto& [uid, message] : box.messages) {
        const std::uint32_t first = uid >> account_->page_bits << account_->page_bits;
        if (columns.count() != 0 && columns.first_uid != first) put_page(std::exchange(columns, PageColumns()));
        columns.first_uid = first;
        columns.push_back(message);
    }
    if (columns.count() != 0) put_page(columns);
    put(record::mailbox_key(id), record::encode(*box.row));
    if (!box.row->removed) put(record::name_key(box.row->parent, box.row->level), record::encode_number(id.value));
}

void AccountRepair::write_emails() {
    std::map<std::uint32_t, std::vector<record::EmailRecord>> pages;
    std::map<std::uint32_t, std::vector<std::uint32_t>> counts;
    const std::uint32_t tail = account_->email_tail();
    for (const auto& [id, email] : emails_) {
        operations_.emplace_back(AddReference{email.blob.id, record::reference_tag(AccountId(domain_.id), id)});
        if (id < tail)
            pages[id >> account_->email_bits].push_back(email);
        else
            put(record::email_key(id), record::encode(email));
        if (const std::uint32_t rows = counts_[id]; rows != 1) {
            std::vector<std::uint32_t>& page = counts[id >> account_->email_bits];
            page.resize(account_->page_emails(), 1);
            page[id & (account_->page_emails() - 1)] = rows;
        }
    }
    for (const auto& [number, page] : pages)
        put(record::email_page_key(number), record::encode_emails(page));
    for (const auto& [number, page] : counts)
        put(record::count_page_key(number), record::encode_counts(page));
}

/// New records first, then the old ones that have no successor go: whatever a crash leaves can be repaired again.
async::Awaitable<StoreResult<>> AccountRepair::write() {
    operations_.clear();
    for (const auto& [id, box] : boxes_)
        write_mailbox(id, box);
    write_emails();
    for (const auto& [email, blob] : unreadable_)
        operations_.emplace_back(RemoveReference{blob, record::reference_tag(AccountId(domain_.id), email)});
    for (const auto& [id, word] : keywords_)
        put(record::keyword_key(id), record::encode_text(word));
    for (const auto& [key, vanished] : vanished_)
        put(key, record::encode(vanished));
    put(record::account_key(), record::encode(*account_));
    std::set<std::string> written;
    for (const Operation& operation : operations_)
        if (const auto* made = std::get_if<Put>(&operation)) written.insert(made->key);
    for (std::string& key : old_keys_)
        if (!written.contains(key)) operations_.emplace_back(Delete{std::move(key)});
    for (std::size_t at = 0; at < operations_.size();) {
        Batch batch{.domain = domain_, .expected = version_, .assertions = {}, .operations = {}};
        std::size_t octets = 0;
        for (; at < operations_.size() && batch.operations.size() < limits_.batch_operations_max &&
               (batch.operations.empty() || octets + octets_of(operations_[at]) <= limits_.batch_bytes_max);
             ++at) {
            octets += octets_of(operations_[at]);
            batch.operations.push_back(std::move(operations_[at]));
        }
        CO_TRY(version_, co_await engine_->commit(std::move(batch)));
    }
    co_return StoreResult<>{};
}

} // namespace tegami::store
