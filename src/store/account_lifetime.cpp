#include "store/account_lifetime.h"

#include "store/account_mailboxes.h"
#include "store/engine/scan.h"
#include "store/in_batches.h"
#include "store/page_records.h"

#include <algorithm>
#include <bit>

namespace tegami::store {

namespace {

constexpr std::uint8_t kPageBitsMax = 10;
constexpr std::uint8_t kEmailBitsMax = 8;
/// Limit: rows of emails that one scan of a removal reads.
constexpr std::size_t kRowsPerScan = 16;

/// The largest exponent up to `bits_max` of a page whose worst case still fits one value of the engine.
std::uint8_t page_bits(std::size_t value_bytes_max, std::size_t row_bytes, std::uint8_t bits_max) {
    const std::size_t rows = std::max<std::size_t>(4, value_bytes_max / row_bytes);
    return std::min(bits_max, static_cast<std::uint8_t>(std::bit_width(rows) - 1));
}

class Create {
public:
    Create(AccountCore* core, Quota quota) : core_(core), quota_(quota) {}

    async::Awaitable<StoreResult<>> run() {
        Scan scan(core_->dependencies().engine, core_->domain(),
                  {record::account_key(), record::behind(record::account_key()), 1});
        CO_TRY(const Page found, co_await scan.next());
        if (!found.rows.empty()) co_return failure(Error{ErrorCode::exists, "account"});
        core_->begin_empty(found.version);
        InBatches batches(core_);
        const auto own_row = [&](PendingCommit* part) -> StoreResult<> {
            const std::size_t value_bytes_max = core_->dependencies().limits.value_bytes_max;
            part->account.created = core_->dependencies().clock->now();
            part->account.quota = quota_;
            part->account.page_bits = page_bits(value_bytes_max, record::kPageRowBytesMax, kPageBitsMax);
            part->account.email_bits = page_bits(value_bytes_max, record::kEmailRowBytesMax, kEmailBitsMax);
            part->account.log_floor = found.version;
            return {};
        };
        CO_TRY_VOID(co_await batches.add(own_row));
        static const std::pair<const char*, Role> kFirst[] = {{"INBOX", Role::inbox}, {"Drafts", Role::drafts},
                                                              {"Sent", Role::sent},   {"Junk", Role::junk},
                                                              {"Trash", Role::trash}, {"Archive", Role::archive}};
        for (const auto& [name, role] : kFirst) {
            const auto step = [&](PendingCommit* part) -> StoreResult<> {
                TRY_VOID(add_mailbox(*core_, *part, MailboxId(), name, {.role = role, .subscribed = true}));
                return {};
            };
            CO_TRY_VOID(co_await batches.add(step));
        }
        co_return co_await batches.commit();
    }

private:
    AccountCore* const core_;
    const Quota quota_;
};

class Remove {
public:
    explicit Remove(AccountCore* core) : core_(core) {}

    async::Awaitable<StoreResult<>> run() {
        Scan own(core_->dependencies().engine, core_->domain(),
                 {record::account_key(), record::behind(record::account_key()), 1});
        CO_TRY(const Page found, co_await own.next());
        if (found.rows.empty()) co_return StoreResult<>{}; // by a commit whose answer was lost
        if (!core_->rows().account.removed) {
            PendingCommit hidden = core_->begin();
            hidden.account.removed = true;
            hidden.mailbox_list = true;
            CO_TRY_VOID(co_await core_->commit(&hidden));
        }
        CO_TRY_VOID(co_await release_blobs("E", "F"));
        CO_TRY_VOID(co_await release_blobs("e", "f"));
        CO_TRY_VOID(co_await erase_index());
        Batch batch{.domain = core_->domain(), .expected = core_->rows().version, .assertions = {}, .operations = {}};
        batch.operations.emplace_back(DeleteRange{"", ""});
        core_->set_stale();
        CO_TRY_VOID(co_await core_->dependencies().engine->commit(std::move(batch)));
        co_return StoreResult<>{};
    }

private:
    /// The words of its mail. Whoever writes them finds another version then, and no account.
    async::Awaitable<StoreResult<>> erase_index() {
        Engine* const engine = core_->dependencies().engine;
        const Domain index{DomainKind::text_index, core_->id().value};
        CO_TRY(const Page found, co_await engine->scan(index, {.begin = "", .end = "", .rows_max = 1}));
        if (found.rows.empty()) co_return StoreResult<>{};
        Batch batch{.domain = index, .expected = {}, .assertions = {}, .operations = {DeleteRange{"", ""}}};
        CO_TRY_VOID(co_await engine->commit(std::move(batch)));
        co_return StoreResult<>{};
    }

    /// Takes the account's references off the blobs of all emails
    /// in [begin, end). A crash in between repeats harmless steps.
    async::Awaitable<StoreResult<>> release_blobs(std::string begin, std::string end) {
        InBatches batches(core_, 1);
        Scan scan(core_->dependencies().engine, core_->domain(), {std::move(begin), std::move(end), kRowsPerScan});
        while (scan.more()) {
            CO_TRY(const Page page, co_await scan.next());
            for (const Row& row : page.rows)
                CO_TRY_VOID(co_await release_row(&batches, row));
        }
        co_return co_await batches.commit();
    }

    async::Awaitable<StoreResult<>> release_row(InBatches* batches, Row row) {
        const std::vector<record::EmailRecord> emails = emails_of(row);
        const std::size_t emails_max = std::max<std::size_t>(1, core_->dependencies().limits.batch_operations_max / 2);
        for (std::size_t at = 0; at <= emails.size(); at += emails_max) {
            const auto step = [&](PendingCommit* part) -> StoreResult<> {
                const std::size_t end = std::min(emails.size(), at + emails_max);
                for (std::size_t i = at; i < end; ++i)
                    part->remove_reference(emails[i].blob.id, record::reference_tag(core_->id(), emails[i].id));
                if (at + emails_max > emails.size()) part->erase(row.key);
                return {};
            };
            CO_TRY_VOID(co_await batches->add(step));
        }
        co_return StoreResult<>{};
    }

    /// Of an E or e row; none if it cannot be read.
    std::vector<record::EmailRecord> emails_of(const Row& row) const {
        const std::uint32_t id = record::number32(row.key, 1);
        if (row.key.starts_with('E'))
            return record::decode_emails(id, core_->rows().account.page_emails(), row.value)
                .value_or(std::vector<record::EmailRecord>());
        const auto email = record::decode_email(id, row.value);
        return email ? std::vector<record::EmailRecord>{*email} : std::vector<record::EmailRecord>();
    }

    AccountCore* const core_;
};

} // namespace

async::Awaitable<StoreResult<>> create_account(AccountCore* core, Quota quota) {
    Create operation(core, quota);
    co_return co_await core->make_or_remove(&operation);
}

async::Awaitable<StoreResult<>> remove_account(AccountCore* core) {
    Remove operation(core);
    co_return co_await core->make_or_remove(&operation);
}

} // namespace tegami::store
