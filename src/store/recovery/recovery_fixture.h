// What the tests of this room share: a store whose records can be changed and damaged behind its back, and what verify
// and repair say of it then.
#pragma once

#include "store/engine/scan.h"
#include "store/recovery/record_table.h"
#include "store/recovery/repair.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tegami::store::testing {

/// All rows of a domain that can be read.
inline std::vector<Row> rows_of(Engine& engine, Domain domain) {
    std::vector<Row> rows;
    Scan scan(&engine, domain, {.around_damage = true});
    while (scan.more()) {
        Page page = must(wait(scan.next()));
        std::ranges::move(page.rows, std::back_inserter(rows));
    }
    return rows;
}

/// The blobs that the records of a domain hold, by tag: as the engine's part of repair finds them.
inline std::map<std::string, BlobRef> held_blobs_of(Engine& engine, Domain domain) {
    record::AccountRow sizes;
    std::map<std::string, BlobRef> held;
    for (const Row& row : rows_of(engine, domain)) {
        const auto record = decode_row(domain.kind, sizes, row);
        if (!record) continue;
        if (const auto* account = std::get_if<record::AccountRow>(&*record)) sizes = *account;
        for (HeldBlob& blob : store::held_blobs(domain, *record))
            held.emplace(std::move(blob.tag), blob.blob);
    }
    return held;
}

class RecoveryWorld {
public:
    explicit RecoveryWorld(bool tiny = false) : world(tiny) { world.make(); }

    MailboxId inbox() const { return world.find("INBOX"); }

    void change(Domain where, std::vector<Operation> operations) {
        Batch batch{.domain = where, .expected = {}, .assertions = {}, .operations = std::move(operations)};
        must(wait(world.engine.commit(std::move(batch))));
    }

    void put(Domain where, std::string key, std::string value) {
        change(where, {Put{std::move(key), std::move(value)}});
    }

    void erase(Domain where, std::string key) { change(where, {Delete{std::move(key)}}); }

    /// A record that means nothing, or that the disk cannot read; the store begins anew.
    void spoil(Domain where, const std::string& key, bool unreadable) {
        if (unreadable)
            world.engine.damage_row(where, key);
        else
            put(where, key, "\x07garbage");
        world.reopen();
    }

    std::vector<std::string> findings(VerifyOptions options = {}) {
        return must(wait(verify(&world.engine, std::move(options)))).findings;
    }

    /// With these blobs, which the engine knows whatever the records say. Afterwards the store is sound.
    RepairReport repair(std::map<std::string, BlobRef> references, bool commits_lost = false) {
        RepairReport report = must(wait(store::repair(
            &world.engine, &world.clock,
            {.quota_bytes = {}, .references = std::move(references), .lost_cards = {}, .commits_lost = commits_lost})));
        world.engine.collect();
        EXPECT_THAT(findings({.read_blobs = true}), ::testing::IsEmpty());
        world.reopen();
        return report;
    }

    std::string octets(MailboxId mailbox, Uid uid) {
        const auto details = must(wait(world.account->details(mailbox, {uid})));
        if (details.empty()) return "none";
        return must(wait(world.store->read_blob(details[0].email.blob.id, 0, 100)));
    }

    std::vector<std::string> all_octets(std::string_view mailbox) {
        std::vector<std::string> all;
        for (const Uid uid : world.view(world.find(mailbox))->uids())
            all.push_back(octets(world.find(mailbox), uid));
        return all;
    }

    World world;
    const Domain account{DomainKind::account, 1};
    const Domain shard{DomainKind::queue, 0};
};

} // namespace tegami::store::testing
