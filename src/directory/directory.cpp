#include "directory/directory.h"

#include "base/ascii.h"
#include "directory/engine_access.h"

#include <fmt/format.h>

#include <cstdint>

namespace tegami::directory {

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kPostmaster = "postmaster";

} // namespace

Error from_store(const store::Error& error) {
    return {.code = ErrorCode::unavailable, .message = "the store cannot answer: " + error.detail};
}

Error damaged(const std::string& key) {
    return {.code = ErrorCode::unavailable,
            .message = fmt::format("the directory record {} is damaged", ascii::printable(key))};
}

Error busy() {
    return {.code = ErrorCode::unavailable, .message = "others change the directory all the time: try again"};
}

Directory::Directory(Dependencies dependencies, DirectoryOptions options)
    : engine_(dependencies.engine), workers_(dependencies.workers), clock_(dependencies.clock),
      random_(dependencies.random), stores_(dependencies.stores), options_(std::move(options)),
      known_networks_(engine_, clock_), domains_(std::make_shared<const DomainTable>()) {}

async::Awaitable<DirectoryResult<std::unique_ptr<Directory>>> Directory::open(Dependencies dependencies,
                                                                              DirectoryOptions options) {
    std::unique_ptr<Directory> directory(new Directory(dependencies, std::move(options)));
    const auto domains = co_await directory->load_domains();
    if (!domains) co_return failure(domains.error());
    const auto secret = co_await directory->load_secret();
    if (!secret) co_return failure(secret.error());
    const auto removals = co_await directory->begin_removals();
    if (!removals) co_return failure(removals.error());
    co_return directory;
}

async::Awaitable<DirectoryResult<>> Directory::load_domains() {
    DomainTable table;
    const KeyRange all = records::all_domains();
    store::Scan scan(&engine_, kShard, {.begin = all.begin, .end = all.end});
    while (scan.more()) {
        const auto page = co_await scan.next();
        if (!page) co_return failure(from_store(page.error()));
        for (const store::Row& row : page->rows) {
            std::optional<DomainSettings> domain = records::decode_domain(row.value);
            if (!domain) co_return failure(damaged(row.key));
            table.emplace(domain->name, *domain);
        }
    }
    publish([&table](DomainTable& now) { now = std::move(table); });
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<>> Directory::load_secret() {
    const auto decide = [this](std::optional<std::string> secret) -> DirectoryResult<store::Update> {
        store::Update update;
        if (secret) {
            server_secret_ = *std::move(secret);
            return update;
        }
        server_secret_.assign(kSecretBytes, '\0');
        random_.fill(server_secret_.data(), server_secret_.size());
        update.operations.emplace_back(store::Put{records::secret_key(), records::encode_octets(server_secret_)});
        return update;
    };
    co_return co_await update_row(&engine_, records::secret_key(), &records::decode_octets, decide);
}

std::shared_ptr<const DomainTable> Directory::domains() const {
    const std::lock_guard lock(mutex_);
    return domains_;
}

bool Directory::is_local(const message::Domain& domain) const {
    return domains()->contains(domain);
}

void Directory::publish(const std::function<void(DomainTable&)>& change) {
    const std::lock_guard lock(mutex_);
    DomainTable next = *domains_;
    change(next);
    domains_ = std::make_shared<const DomainTable>(std::move(next));
}

EmailAddress Directory::bare_postmaster() const {
    return {.local_part = std::string(kPostmaster), .domain = options_.default_domain};
}

async::Awaitable<DirectoryResult<std::optional<Account>>> Directory::account_at(EmailAddress address) {
    co_return co_await get_row(&engine_, records::account_key(address), &records::decode_account);
}

async::Awaitable<DirectoryResult<std::optional<Alias>>> Directory::alias_at(EmailAddress address) {
    co_return co_await get_row(&engine_, records::alias_key(address), &records::decode_alias);
}

async::Awaitable<DirectoryResult<std::optional<Account>>> Directory::account(AccountId id) {
    const auto address = co_await get_row(&engine_, records::id_key(id), &records::decode_address);
    if (!address) co_return failure(address.error());
    if (!*address) co_return std::optional<Account>();
    co_return co_await account_at(**address);
}

async::Awaitable<DirectoryResult<std::optional<Credentials>>> Directory::credentials(AccountId id) {
    co_return co_await get_row(&engine_, records::credentials_key(id), &records::decode_credentials);
}

std::optional<EmailAddress> Directory::login_address(std::string_view login) const {
    const std::string full =
        login.contains('@') ? std::string(login) : fmt::format("{}@{}", login, options_.default_domain.ascii());
    auto address = message::parse_email_address(full);
    if (!address) return std::nullopt;
    return *std::move(address);
}

async::Awaitable<DirectoryResult<std::optional<Account>>> Directory::account_for_login(std::string login) {
    const std::optional<EmailAddress> address = login_address(login);
    if (!address) co_return std::optional<Account>();
    co_return co_await account_at(*address);
}

template <class T>
async::Awaitable<DirectoryResult<Listing<T>>> Directory::list(KeyRange keys, std::string from, std::size_t count_max,
                                                              Decoder<T> decode) {
    // A continuation outside the range would list what was not asked for.
    if (from < keys.begin || from >= keys.end) from = keys.begin;
    Listing<T> listing;
    store::Scan scan(&engine_, kShard, {.begin = std::move(from), .end = keys.end, .rows_max = count_max});
    const auto page = co_await scan.next();
    if (!page) co_return failure(from_store(page.error()));
    for (const store::Row& row : page->rows) {
        std::optional<T> item = decode(row.value);
        if (!item) co_return failure(damaged(row.key));
        listing.items.push_back(*std::move(item));
    }
    if (scan.more()) listing.next = scan.position();
    co_return listing;
}

async::Awaitable<DirectoryResult<Listing<Account>>> Directory::list_accounts(std::optional<message::Domain> domain,
                                                                             std::string from, std::size_t count_max) {
    co_return co_await list(records::accounts_of(domain), std::move(from), count_max, &records::decode_account);
}

async::Awaitable<DirectoryResult<Listing<Alias>>> Directory::list_aliases(std::optional<message::Domain> domain,
                                                                          std::string from, std::size_t count_max) {
    co_return co_await list(records::aliases_of(domain), std::move(from), count_max, &records::decode_alias);
}

} // namespace tegami::directory
