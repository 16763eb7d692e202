// The part of repair.h that mends one account: reads every record that can be read into one picture, makes the picture
// whole, and writes it.
#pragma once

#include "store/engine/engine.h"
#include "store/recovery/record_table.h"
#include "store/recovery/repair.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tegami::store {

class AccountRepair {
public:
    AccountRepair(Engine* engine, Clock* clock, const RepairOptions* options, Domain domain)
        : engine_(engine), clock_(clock), options_(options), domain_(domain), limits_(engine->limits()) {
        result_.id = AccountId(domain.id);
    }

    /// True if the account was not sound and is now.
    async::Awaitable<StoreResult<bool>> run();

    RepairedAccount& result() { return result_; }

    std::set<BlobId>& claimed() { return claimed_; }

private:
    struct Box {
        std::optional<record::MailboxRow> row;
        std::map<std::uint32_t, MessageRow> messages;
        std::set<std::uint32_t> gone; ///< D records that say so
        std::uint32_t uid_highest = 0;
    };

    // repair_account.cpp: reading, deciding whether to act, writing
    async::Awaitable<StoreResult<>> read();
    void take(const Row& row);
    void see_key(const RecordKind& kind, std::string_view key);
    void see(const Row& row, record::AccountRow& account);
    void see(const Row& row, record::MailboxRow& mailbox);
    void see(const Row& row, record::NameRow& name);
    void see(const Row& row, record::KeywordRow& keyword);
    void see(const Row& row, record::DeltaRow& delta);
    void see(const Row& row, record::MessagesRow& messages);
    void see(const Row& row, record::VanishedRow& gone);
    void see(const Row& row, const record::EmailsRow& emails);
    void see(const Row& row, const record::CountsRow& counts);
    void see(const Row& row, const record::LogRow& log);

    /// All others stay as they are.
    template <class Other>
    void see(const Row&, const Other&) {}

    async::Awaitable<StoreResult<>> check_blobs();
    async::Awaitable<StoreResult<bool>> is_readable(BlobRef blob);
    async::Awaitable<StoreResult<>> write();
    void write_mailbox(MailboxId id, const Box& box);
    void write_emails();

    void put(std::string key, std::string value) { operations_.emplace_back(Put{std::move(key), std::move(value)}); }

    // repair_rebuild.cpp: making the picture whole
    async::Awaitable<StoreResult<>> rebuild();
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
    const Domain domain_;
    const Limits limits_;
    RepairedAccount result_;
    std::set<BlobId> claimed_;

    Version version_;
    bool sound_ = true;
    std::optional<record::AccountRow> account_;
    std::map<MailboxId, Box> boxes_;
    std::map<MailboxId, std::pair<MailboxId, std::string>> names_;
    std::map<std::string, record::Vanished> vanished_; ///< by key
    std::map<std::uint32_t, record::EmailRecord> emails_;
    std::map<std::uint32_t, BlobRef> references_;
    std::map<std::uint32_t, BlobId> unreadable_; ///< emails whose octets cannot be read
    std::map<std::uint32_t, std::uint32_t> threads_;
    std::map<std::uint32_t, std::uint32_t> said_; ///< rows of an email as M and m say, where not 1
    std::map<std::uint32_t, std::uint32_t> counts_;
    std::map<std::uint16_t, std::string> keywords_;
    std::vector<std::string> old_keys_; ///< of what is written anew, and of what cannot be decoded
    std::vector<Operation> operations_;
};

} // namespace tegami::store
