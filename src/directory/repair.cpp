#include "directory/repair.h"

#include "base/ascii.h"
#include "directory/engine_access.h"
#include "directory/password.h"
#include "directory/record_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tegami::directory {

namespace {

class Repair {
public:
    Repair(store::Engine* engine, Clock* clock, RandomSource* random, RepairRequest request)
        : engine_(engine), clock_(clock), random_(random), request_(std::move(request)) {}

    async::Awaitable<DirectoryResult<RepairResult>> run() {
        CO_TRY_VOID(co_await read());
        restore_accounts();
        restore_domains();
        restore_roles();
        restore_numbers();
        if (!changes_.empty()) {
            store::Batch batch{.domain = kShard, .expected = {}, .assertions = {}, .operations = std::move(changes_)};
            const auto committed = co_await engine_->commit(std::move(batch));
            if (!committed) co_return failure(from_store(committed.error()));
        }
        for (const auto& [key, account] : accounts_)
            result_.accounts.emplace(account.id, account);
        co_return std::move(result_);
    }

private:
    async::Awaitable<DirectoryResult<>> read() {
        store::Range everything;
        everything.around_damage = true;
        store::Scan scan(engine_, kShard, std::move(everything));
        while (scan.more()) {
            const auto page = co_await scan.next();
            if (!page) co_return failure(from_store(page.error()));
            for (const store::Row& row : page->rows) {
                if (const auto record = records::decode_row(row)) {
                    std::visit([this](const auto& one) { take(one); }, *record);
                    continue;
                }
                result_.notes.push_back(
                    fmt::format("directory record {} cannot be read and is lost", ascii::printable(row.key)));
                erase(row.key);
            }
            for (const store::DamagedKeys& keys : page->damaged) {
                result_.notes.emplace_back("directory records cannot be read and are lost");
                changes_.emplace_back(store::DeleteRange{keys.begin, keys.end});
            }
        }
        co_return DirectoryResult<>();
    }

    void take(const DomainSettings& domain) { domains_.insert(domain.name); }

    void take(const Account& account) { accounts_.emplace(records::account_key(account.address), account); }

    void take(const records::AddressRow& row) { addresses_.emplace(row.id, row.address); }

    void take(const records::CredentialsRow& row) { credentials_.insert(row.id); }

    void take(const records::KnownNetworksRow& row) { known_networks_.insert(row.id); }

    void take(const records::WebSessionsRow& row) { web_sessions_.insert(row.id); }

    void take(const records::AppPasswordsRow& row) { app_passwords_.insert(row.id); }

    void take(const records::SecondFactorRow& row) { second_factors_.insert(row.id); }

    void take(const records::PushSubscriptionsRow& row) { push_subscriptions_.insert(row.id); }

    void take(const records::PasskeysRow& row) { passkeys_.insert(row.id); }

    void take(const records::RoleRow& row) { roles_.emplace(row.id, row.role); }

    void take(const Alias& alias) { needed_domains_.insert(alias.address.domain); }

    void take(const SigningKey& key) { needed_domains_.insert(key.domain); }

    /// One that cannot be read is a removal that did not happen: its mail comes back under another address.
    void take(const records::RemovalRow& row) { removed_.emplace(row.id, row.removed); }

    void take(const records::NextIdRow& row) { next_id_ = row.id; }

    void take(const records::SecretRow& /*row*/) {}

    void take(const records::PushKeyRow& /*row*/) {}

    void put(std::string key, std::string value) {
        changes_.emplace_back(store::Put{std::move(key), std::move(value)});
    }

    void erase(std::string key) { changes_.emplace_back(store::Delete{std::move(key)}); }

    bool has_account(AccountId id) const {
        return std::ranges::any_of(accounts_, [&](const auto& entry) { return entry.second.id == id; });
    }

    void add(const Account& account) {
        const std::string key = records::account_key(account.address);
        put(key, records::encode(account));
        accounts_.emplace(key, account);
    }

    /// Gives an account whose password is lost one that nobody knows.
    void close(const Account& account) {
        result_.notes.push_back(fmt::format("the password of {} is lost: set a new one with tegami account password",
                                            account.address.display()));
        put(records::credentials_key(account.id),
            records::encode(derive_credentials(generate_password(*random_), Salts::make(*random_), {})));
    }

    void restore_accounts() {
        for (const auto& [id, address] : addresses_) {
            if (has_account(id)) continue;
            if (removed_.contains(id) || accounts_.contains(records::account_key(address))) {
                erase(records::id_key(id));
                continue;
            }
            result_.notes.push_back(fmt::format("the record of {} was lost; its quota is gone", address.display()));
            add({.id = id, .address = address, .created = clock_->now()});
        }
        for (const AccountId id : request_.with_mail) {
            if (has_account(id) || removed_.contains(id)) continue;
            const EmailAddress address{fmt::format("recovered-{}", id.value), request_.default_domain};
            if (accounts_.contains(records::account_key(address))) continue;
            result_.notes.push_back(
                fmt::format("account {} has mail, but its address is lost: it is now {}", id.value, address.display()));
            add({.id = id, .address = address, .created = clock_->now()});
        }
        for (const auto& [key, account] : accounts_) {
            needed_domains_.insert(account.address.domain);
            const auto address = addresses_.find(account.id);
            if (address == addresses_.end() || records::account_key(address->second) != key)
                put(records::id_key(account.id), records::encode(account.address));
            if (!credentials_.contains(account.id)) close(account);
        }
        for (const auto& [id, removed] : removed_)
            if (!removed.erasing && !credentials_.contains(id)) close(removed.account);
        for (const AccountId id : credentials_)
            if (!has_account(id) && !removed_.contains(id)) erase(records::credentials_key(id));
        for (const AccountId id : known_networks_)
            if (!has_account(id) && !removed_.contains(id)) erase(records::known_networks_key(id));
        for (const AccountId id : app_passwords_)
            if (!has_account(id) && !removed_.contains(id)) erase(records::app_passwords_key(id));
        for (const AccountId id : second_factors_)
            if (!has_account(id) && !removed_.contains(id)) erase(records::second_factor_key(id));
        for (const AccountId id : passkeys_)
            if (!has_account(id) && !removed_.contains(id)) erase(records::passkeys_key(id));
        for (const AccountId id : web_sessions_)
            if (!has_account(id)) erase(records::web_sessions_key(id));
        for (const AccountId id : push_subscriptions_)
            if (!has_account(id)) erase(records::push_subscriptions_key(id));
    }

    void restore_domains() {
        needed_domains_.insert(request_.default_domain);
        for (const message::Domain& domain : needed_domains_) {
            if (domains_.contains(domain)) continue;
            result_.notes.push_back(
                fmt::format("the record of the domain {} was lost; its settings are the usual ones", domain.display()));
            put(records::domain_key(domain), records::encode(DomainSettings{.name = domain, .catch_all = {}}));
        }
    }

    /// None without its account; no domain that is not there.
    void restore_roles() {
        for (const auto& [id, role] : roles_) {
            Role sound = role;
            std::erase_if(sound.domains, [&](const message::Domain& domain) {
                return !domains_.contains(domain) && !needed_domains_.contains(domain);
            });
            const bool empty = sound.kind == RoleKind::domain_administrator && sound.domains.empty();
            if (!has_account(id) || empty)
                erase(records::role_key(id));
            else if (sound != role)
                put(records::role_key(id), records::encode(sound));
        }
    }

    /// No id is given out twice.
    void restore_numbers() {
        std::uint64_t next = next_id_.value_or(1);
        for (const auto& [key, account] : accounts_)
            next = std::max(next, account.id.value + 1);
        if (!credentials_.empty()) next = std::max(next, credentials_.rbegin()->value + 1);
        if (!removed_.empty()) next = std::max(next, removed_.rbegin()->first.value + 1);
        for (const AccountId id : request_.with_mail)
            next = std::max(next, id.value + 1);
        if (next != next_id_.value_or(0)) put(records::next_id_key(), records::encode_number(next));
    }

    store::Engine* const engine_;
    Clock* const clock_;
    RandomSource* const random_;
    const RepairRequest request_;
    RepairResult result_;
    std::set<message::Domain> domains_;
    std::set<message::Domain> needed_domains_;
    std::map<std::string, Account> accounts_; ///< by key
    std::map<AccountId, EmailAddress> addresses_;
    std::set<AccountId> credentials_;
    std::set<AccountId> known_networks_;
    std::set<AccountId> web_sessions_;
    std::set<AccountId> app_passwords_;
    std::set<AccountId> second_factors_;
    std::set<AccountId> push_subscriptions_;
    std::set<AccountId> passkeys_;
    std::map<AccountId, Role> roles_;
    std::map<AccountId, RemovedAccount> removed_;
    std::optional<std::uint64_t> next_id_;
    std::vector<store::Operation> changes_;
};

} // namespace

async::Awaitable<DirectoryResult<RepairResult>> repair(store::Engine* engine, Clock* clock, RandomSource* random,
                                                       RepairRequest request) {
    Repair all(engine, clock, random, std::move(request));
    co_return co_await all.run();
}

} // namespace tegami::directory
