#include "directory/web_sessions.h"

#include "directory/engine_access.h"

#include <algorithm>
#include <utility>

namespace tegami::directory {

namespace {

using Sessions = std::vector<WebSession>;

constexpr std::size_t kIdLength = 8;

Sessions::iterator find_token(Sessions& sessions, std::string_view hash) {
    return std::ranges::find_if(sessions, [&](const WebSession& each) { return is_token_of(each, hash); });
}

/// Takes those out that are over, and so many that one more fits; the names of these.
std::vector<std::string> make_room(Sessions& sessions, Timestamp now) {
    std::erase_if(sessions, [&](const WebSession& each) { return is_over(each, now); });
    std::vector<std::string> gone;
    while (sessions.size() >= kWebSessionsMax) {
        const auto oldest = std::ranges::min_element(
            sessions, {}, [](const WebSession& each) { return std::pair(each.day, each.replaced); });
        gone.push_back(oldest->id);
        sessions.erase(oldest);
    }
    return gone;
}

store::Update put(const std::string& key, const Sessions& sessions) {
    store::Update update;
    if (sessions.empty())
        update.operations.emplace_back(store::Delete{key});
    else
        update.operations.emplace_back(store::Put{key, records::encode(sessions)});
    return update;
}

Error account_changed() {
    return {.code = ErrorCode::not_found, .message = "the account has changed a moment ago"};
}

} // namespace

async::Awaitable<DirectoryResult<std::string>> WebSessions::begin(Identity identity, std::string client,
                                                                  std::string agent) {
    store::Engine* const engine = &dependencies_.engine;
    const std::string token = new_web_token(identity.account, dependencies_.random);
    const Timestamp now = dependencies_.clock.now();
    WebSession begun{.id = dependencies_.random.token(kIdLength),
                     .hash = hash_of_token(token),
                     .hash_before = {},
                     .since = now,
                     .replaced = now,
                     .day = day_of(now),
                     .client = std::move(client),
                     .agent = agent.substr(0, kWebAgentBytesMax)};
    const auto address = co_await get_row(engine, records::id_key(identity.account), &records::decode_address);
    if (!address) co_return failure(address.error());
    if (!*address) co_return failure(account_changed());
    // No row of an account that is gone: the id must still be there.
    const store::KeyAssertion exists{.key = records::id_key(identity.account), .value = records::encode(**address)};
    const std::string key = records::web_sessions_key(identity.account);
    std::vector<std::string> gone;
    const auto decide = [&](std::optional<Sessions> row) -> DirectoryResult<store::Update> {
        Sessions sessions = std::move(row).value_or(Sessions());
        gone = make_room(sessions, now);
        sessions.push_back(begun);
        store::Update update = put(key, sessions);
        update.assertions.push_back(exists);
        return update;
    };
    const auto kept = co_await update_row(engine, key, &records::decode_web_sessions, decide);
    if (!kept) co_return failure(kept.error());
    for (const std::string& id : gone)
        dependencies_.sessions.end_web(identity.account, id);
    // A change of the account before this look is seen by it, one after it takes the row.
    const auto current = co_await dependencies_.credentials.is_current(identity);
    if (current && *current) co_return token;
    const auto ended = co_await end(identity.account, begun.id);
    if (!ended) co_return failure(ended.error());
    if (!current) co_return failure(current.error());
    co_return failure(account_changed());
}

async::Awaitable<DirectoryResult<std::optional<WebSessions::Found>>> WebSessions::find(std::string token) {
    const std::optional<Found> nobody;
    const auto account = account_of_token(token);
    if (!account) co_return nobody;
    auto row =
        co_await get_row(&dependencies_.engine, records::web_sessions_key(*account), &records::decode_web_sessions);
    if (!row) co_return failure(row.error());
    if (!*row) co_return nobody;
    const Timestamp now = dependencies_.clock.now();
    std::string hash = hash_of_token(token);
    const auto session = find_token(**row, hash);
    if (session == (*row)->end() || is_over(*session, now)) co_return nobody;
    const auto address = co_await get_row(&dependencies_.engine, records::id_key(*account), &records::decode_address);
    if (!address) co_return failure(address.error());
    if (!*address) co_return nobody;
    auto owner = co_await account_at(&dependencies_.engine, **address);
    if (!owner) co_return failure(owner.error());
    if (!*owner || (*owner)->id != *account || !(*owner)->enabled) co_return nobody;
    const auto factor = co_await dependencies_.second_factors.find(*account);
    if (!factor) co_return failure(factor.error());
    const Found found{.identity = {.account = *account,
                                   .address = std::move((*owner)->address),
                                   .credentials_version = (*owner)->credentials_version},
                      .id = session->id,
                      .since = session->since,
                      .owes_factor = factor->is_owed()};
    if (note_use(*session, hash, now)) {
        // What cannot be written now is written with the next use.
        const auto noted = co_await note(*account, std::move(hash));
        static_cast<void>(noted);
    }
    co_return std::optional(found);
}

async::Awaitable<DirectoryResult<>> WebSessions::note(AccountId account, std::string hash) {
    const std::string key = records::web_sessions_key(account);
    const auto decide =
        [&, now = dependencies_.clock.now()](std::optional<Sessions> row) -> DirectoryResult<store::Update> {
        if (!row) return store::Update();
        const auto session = find_token(*row, hash);
        if (session == row->end() || !note_use(*session, hash, now)) return store::Update();
        return put(key, *row);
    };
    co_return co_await update_row(&dependencies_.engine, key, &records::decode_web_sessions, decide);
}

async::Awaitable<DirectoryResult<std::optional<std::string>>> WebSessions::replace(std::string token) {
    const auto account = account_of_token(token);
    if (!account) co_return std::optional<std::string>();
    const std::string hash = hash_of_token(token);
    const std::string key = records::web_sessions_key(*account);
    const std::string next = new_web_token(*account, dependencies_.random);
    bool replaced = false;
    const auto decide =
        [&, now = dependencies_.clock.now()](std::optional<Sessions> row) -> DirectoryResult<store::Update> {
        replaced = false;
        if (!row) return store::Update();
        const auto session = find_token(*row, hash);
        if (session == row->end() || is_over(*session, now)) return store::Update();
        replaced = replace_token(*session, hash, hash_of_token(next), now);
        return replaced ? put(key, *row) : store::Update();
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_web_sessions, decide);
    if (!updated) co_return failure(updated.error());
    co_return replaced ? std::optional(next) : std::nullopt;
}

async::Awaitable<DirectoryResult<std::unique_ptr<SessionRegistry::Entry>>>
WebSessions::attend(AccountId account, std::string id, async::Executor executor, std::function<void()> end) {
    // Into the registry first: an end before the look below is seen by it, one after it is told.
    auto entry = dependencies_.sessions.add(account, std::move(executor), std::move(end), {.web_session = id});
    const auto sessions = co_await list(account);
    if (!sessions) co_return failure(sessions.error());
    if (std::ranges::find(*sessions, id, &WebSession::id) == sessions->end()) entry.reset();
    co_return entry;
}

async::Awaitable<DirectoryResult<std::vector<WebSession>>> WebSessions::list(AccountId account) {
    auto row =
        co_await get_row(&dependencies_.engine, records::web_sessions_key(account), &records::decode_web_sessions);
    if (!row) co_return failure(row.error());
    Sessions sessions = std::move(*row).value_or(Sessions());
    std::erase_if(sessions, [now = dependencies_.clock.now()](const WebSession& each) { return is_over(each, now); });
    co_return sessions;
}

async::Awaitable<DirectoryResult<std::size_t>> WebSessions::end(AccountId account, std::string id) {
    const std::string key = records::web_sessions_key(account);
    std::size_t ended = 0;
    const auto decide = [&](std::optional<Sessions> row) -> DirectoryResult<store::Update> {
        Sessions sessions = std::move(row).value_or(Sessions());
        ended = std::erase_if(sessions, [&](const WebSession& each) { return id.empty() || each.id == id; });
        return ended == 0 ? store::Update() : put(key, sessions);
    };
    const auto updated = co_await update_row(&dependencies_.engine, key, &records::decode_web_sessions, decide);
    if (!updated) co_return failure(updated.error());
    dependencies_.sessions.end_web(account, id);
    co_return ended;
}

async::Awaitable<DirectoryResult<>> forget_web_sessions(store::Engine* engine) {
    KeyRange all = records::all_web_sessions();
    store::Batch batch{.domain = kShard,
                       .expected = {},
                       .assertions = {},
                       .operations = {store::DeleteRange{std::move(all.begin), std::move(all.end)}}};
    const auto committed = co_await engine->commit(std::move(batch));
    if (!committed) co_return failure(from_store(committed.error()));
    co_return DirectoryResult<>();
}

} // namespace tegami::directory
