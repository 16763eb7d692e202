// Email/query and Email/queryChanges (RFC 8621 §4.4, §4.5)
#include "protocol/jmap/answers.h"
#include "service/jmapd/changes_state.h"
#include "service/jmapd/email_list.h"
#include "service/jmapd/email_search.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"

#include <set>

namespace tegami::jmapd {

namespace {

/// Limit: emails told by one query.
constexpr std::size_t kQueryLimitMax = 10'000;
/// A list of so many emails is followed on the I/O thread: well below a millisecond.
constexpr std::size_t kListHereMax = 150'000;
/// Limit: commits since the list before; after more it is made anew.
constexpr std::uint64_t kListVersionsMax = 2000;

Result<EmailSearch, jmap::Fault> take_search(jmap::Arguments& arguments, const Call& call, const json::value* filter,
                                             const json::value* sort) {
    EmailSearch search;
    search.collapse_threads = arguments.flag("collapseThreads", false);
    TRY(search.filter, compile_email_filter(filter, call.batch->created_ids()));
    TRY(search.sort, compile_email_sort(sort));
    return search;
}

std::vector<std::string> texts_of(const std::vector<store::EmailId>& ids) {
    std::vector<std::string> texts;
    texts.reserve(ids.size());
    for (const store::EmailId id : ids)
        texts.push_back(id_of(id));
    return texts;
}

/// Everything that may have come, gone or moved: what changed in itself, if the query looks at what can change, and the
/// others of a thread, if one of them stands for all or is looked at.
std::vector<store::EmailId> touched_by(const store::AccountChanges& changes, const EmailSearch& search,
                                       const store::AccountView& view) {
    const bool by_thread = search.collapse_threads || search.filter.threads || search.sort.threads;
    const bool changeable = search.filter.changeable || search.sort.changeable;
    std::set<store::EmailId> touched(changes.emails.created.begin(), changes.emails.created.end());
    touched.insert(changes.emails.destroyed.begin(), changes.emails.destroyed.end());
    if (changeable) touched.insert(changes.emails.updated.begin(), changes.emails.updated.end());
    if (by_thread) {
        std::set<store::ThreadId> threads(changes.threads.updated.begin(), changes.threads.updated.end());
        for (const store::EmailId id : touched)
            if (const auto email = view.find(id)) threads.insert(email->thread);
        for (const store::ThreadId thread : threads)
            for (const store::EmailId id : view.all_of_thread(thread))
                touched.insert(id);
    }
    return {touched.begin(), touched.end()};
}

/// What a query asks of which part of an account, as text.
std::string asked_by(const json::value* filter, const json::value* sort, bool collapse_threads, std::uint64_t part) {
    const json::array parts{filter == nullptr ? json::value() : *filter, sort == nullptr ? json::value() : *sort,
                            collapse_threads, part};
    return write_json(parts);
}

/// A list (email_list.h) made of the one before; null if there is none, or too much has happened since.
async::Awaitable<Result<QueryCache::Result, jmap::Fault>>
follow_list(Call* call, store::AccountViewPtr view, const EmailSearch* search, const QueryCache::Key* key) {
    const auto earlier = is_list(*search) ? call->service->queries.find_earlier(*key) : std::nullopt;
    if (!earlier || earlier->version.value + kListVersionsMax < key->version.value) co_return nullptr;
    const auto changes = co_await store::changes_between(call->entered, view, earlier->version, key->version);
    if (!changes) co_return failure(method_fault(*call, changes.error()));
    if (!*changes || (*changes)->emails.updated.size() > kListTouchedMax) co_return nullptr;
    const std::vector<store::EmailId> touched = touched_by(**changes, *search, *view);
    if (touched.size() > kListTouchedMax) co_return nullptr;
    if (touched.empty()) co_return earlier->result;
    const auto work = [&view, search, &earlier, &touched] {
        return next_list(*view, *search, *earlier->result, touched);
    };
    std::vector<store::EmailId> list;
    if (earlier->result->size() <= kListHereMax)
        list = work();
    else
        list = co_await async::run(&call->service->with.workers, work);
    co_return std::make_shared<const std::vector<store::EmailId>>(std::move(list));
}

/// The whole result, which the next page of it is taken from, too.
async::Awaitable<Result<QueryCache::Result, jmap::Fault>> find_all(Call* call, store::AccountViewPtr view,
                                                                   const EmailSearch* search, std::string question) {
    QueryCache::Key key{call->account().id(), view->version(), std::move(question)};
    // "#new" means something else in another request.
    const bool lasting = !key.question.contains("\"#");
    if (lasting) {
        if (QueryCache::Result known = call->service->queries.find(key)) co_return known;
    }
    if (lasting) {
        CO_TRY(QueryCache::Result followed, co_await follow_list(call, view, search, &key));
        if (followed) {
            call->service->queries.keep(std::move(key), followed);
            co_return followed;
        }
    }
    CO_TRY(std::vector<store::EmailId> found, co_await search_emails(call, std::move(view), search));
    auto result = std::make_shared<const std::vector<store::EmailId>>(std::move(found));
    if (lasting) call->service->queries.keep(std::move(key), result);
    co_return result;
}

/// A result, or as much of its beginning as is wanted.
struct Found {
    QueryCache::Result ids;
    std::size_t total = 0;
};

/// The first rows of a mailbox, which are asked for most, are found without the others.
std::optional<Found> find_first(const store::AccountView& view, const EmailSearch& search,
                                const jmap::QueryArguments& query) {
    if (query.anchor || query.position < 0 || !query.limit || *query.limit > kFirstMax) return std::nullopt;
    const auto end = static_cast<std::uint64_t>(query.position) + *query.limit;
    auto first = first_of_list(view, search, static_cast<std::size_t>(end));
    if (!first) return std::nullopt;
    return Found{std::make_shared<const std::vector<store::EmailId>>(std::move(first->ids)), first->all};
}

async::Awaitable<Result<Found, jmap::Fault>> find_rows(Call* call, store::AccountViewPtr view,
                                                       const EmailSearch* search, const jmap::QueryArguments* query) {
    if (auto first = find_first(*view, *search, *query)) co_return std::move(*first);
    std::string question = asked_by(query->filter, query->sort, search->collapse_threads, view->mailboxes()->part());
    CO_TRY(QueryCache::Result all, co_await find_all(call, std::move(view), search, std::move(question)));
    const std::size_t total = all->size();
    co_return Found{std::move(all), total};
}

} // namespace

async::Awaitable<MethodResult> email_query(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryArguments query = jmap::take_query(arguments);
    const auto search = take_search(arguments, *call, query.filter, query.sort);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, query.account));
    if (!search) co_return failure(search.error());
    const auto view = co_await view_of(call);
    if (!view) co_return failure(method_fault(*call, view.error()));
    CO_TRY(const Found all, co_await find_rows(call, *view, &*search, &query));
    const std::vector<store::EmailId>& found = *all.ids;
    const auto place_of = [&found](const std::string& id) -> std::optional<std::size_t> {
        const auto email = parse_email_id(id);
        const auto place = email ? std::ranges::find(found, *email) : found.end();
        if (place == found.end()) return std::nullopt;
        return static_cast<std::size_t>(place - found.begin());
    };
    CO_TRY(const jmap::QueryWindow window, jmap::find_window(query, all.total, kQueryLimitMax, place_of));
    if (!call->reserve((window.end - window.begin) * kIdBytes)) co_return failure(too_large_to_answer());
    json::array ids;
    ids.reserve(window.end - window.begin);
    for (std::size_t at = window.begin; at < window.end; ++at)
        ids.emplace_back(id_of(found[at]));
    json::object answer{{"accountId", query.account},
                        {"queryState", state_of(*(*view)->mailboxes())},
                        {"canCalculateChanges", true},
                        {"position", window.begin},
                        {"ids", std::move(ids)}};
    if (query.calculate_total) answer["total"] = all.total;
    if (window.limit) answer["limit"] = *window.limit;
    co_return answer;
}

async::Awaitable<MethodResult> email_query_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryChangesArguments query = jmap::take_query_changes(arguments);
    const auto search = take_search(arguments, *call, query.filter, query.sort);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, query.account));
    if (!search) co_return failure(search.error());
    CO_TRY(const QuerySince since, co_await find_query_changes(call, query.since_query_state));
    std::string question =
        asked_by(query.filter, query.sort, search->collapse_threads, since.view->mailboxes()->part());
    CO_TRY(const QueryCache::Result all, co_await find_all(call, since.view, &*search, std::move(question)));
    const std::vector<store::EmailId>& found = *all;
    if (!call->reserve(found.size() * kIdBytes)) co_return failure(too_large_to_answer());
    const jmap::QueryResult result{
        .state = state_of(*since.view->mailboxes()), .can_calculate_changes = true, .ids = texts_of(found)};
    co_return jmap::query_changes_answer(query, result, texts_of(touched_by(since.changes, *search, *since.view)));
}

} // namespace tegami::jmapd
