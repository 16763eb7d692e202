// ShareNotification/get, /changes, /set, /query and /queryChanges (RFC 9670 §3).
#include "protocol/jmap/answers.h"
#include "protocol/jmap/filter.h"
#include "protocol/jmap/sort.h"
#include "protocol/jmap/types.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/object_changes.h"
#include "service/jmapd/rights.h"
#include "service/jmapd/set_work.h"
#include "sharing/share_record.h"

#include <algorithm>
#include <chrono>

namespace tegami::jmapd {

namespace {

using jmap::Fault;
using sharing::ShareNews;

constexpr auto kShareNews = store::ObjectKind::share_news;
constexpr std::uint64_t kNewsBytes = 8 * 1024;

const std::vector<std::string>& news_properties() {
    static const std::vector<std::string> kProperties{
        "id", "created", "changedBy", "objectType", "objectAccountId", "objectId", "oldRights", "newRights", "name"};
    return kProperties;
}

/// What there is now, the first first.
struct KeptNews {
    store::Objects objects;
    std::vector<std::pair<store::ObjectId, ShareNews>> all;
};

async::Awaitable<Result<KeptNews, Fault>> current_news(Call* call) {
    const store::AccountObjects kept(call->user->account, kShareNews);
    auto objects = co_await kept.read();
    if (!objects) co_return failure(method_fault(*call, objects.error()));
    KeptNews news{.objects = *std::move(objects), .all = {}};
    for (const store::Object& object : news.objects.all)
        if (auto one = object.gone ? std::nullopt : sharing::decode_share_news(object.octets))
            news.all.emplace_back(object.id, *std::move(one));
    co_return news;
}

std::chrono::sys_seconds second_of(const ShareNews& news) {
    return std::chrono::floor<std::chrono::seconds>(news.time);
}

json::value rights_or_null(store::Rights rights) {
    if (rights.empty()) return nullptr;
    store::MailboxInfo mailbox; // one that nothing stands against
    return rights_object(mailbox, rights, false);
}

async::Awaitable<Result<json::object, Fault>> news_object(Call* call, store::ObjectId id, const ShareNews* news) {
    const auto address = co_await call->service->with.shares.address_of(news->changed_by);
    if (!address) co_return failure(method_fault(*call, address.error()));
    json::object person{{"name", ""}, {"email", nullptr}, {"principalId", nullptr}};
    if (*address)
        person = {{"name", (*address)->to_string()},
                  {"email", (*address)->to_string()},
                  {"principalId", principal_id(news->changed_by, call->service->with.secret)}};
    co_return json::object{{"id", id_of(kShareNews, id)},
                           {"created", jmap::print_utc_date(second_of(*news))},
                           {"changedBy", std::move(person)},
                           {"objectType", "Mailbox"},
                           {"objectAccountId", id_of(news->owner)},
                           {"objectId", id_of(news->mailbox)},
                           {"oldRights", rights_or_null(news->before)},
                           {"newRights", rights_or_null(news->after)},
                           {"name", news->name.substr(news->name.rfind('/') + 1)}};
}

Result<void, Fault> check_news_filter(const jmap::Filter& filter) {
    if (const auto* const group = std::get_if<jmap::Filter::Group>(&filter.is)) {
        for (const jmap::Filter& part : group->parts)
            TRY_VOID(check_news_filter(part));
        return {};
    }
    for (const auto& [key, value] : *std::get<const json::object*>(filter.is)) {
        const bool is_date = key == "after" || key == "before";
        if (!is_date && key != "objectType" && key != "objectAccountId")
            return failure(Fault{.type = "unsupportedFilter", .description = std::string(key) + " is no condition"});
        if (is_date ? !value.is_null() && !jmap::read_utc_date(value) : !value.is_string())
            return failure(jmap::invalid_arguments({"filter"}, std::string(key) + " is of another type"));
    }
    return {};
}

bool news_holds(const ShareNews& news, std::string_view name, const json::value& value) {
    if (name == "objectType") return value == "Mailbox";
    if (name == "objectAccountId") return value == json::value(id_of(news.owner));
    if (value.is_null()) return true;
    const auto date = *jmap::read_utc_date(value);
    return name == "before" ? second_of(news) < date : second_of(news) >= date;
}

/// The last one first, unless the client sorts by `created`.
Result<std::vector<std::string>, Fault> find_news(const KeptNews& news, const json::value* filter,
                                                  const json::value* sort) {
    std::optional<jmap::Filter> wanted;
    if (filter != nullptr) {
        TRY(wanted, jmap::parse_filter(*filter));
        TRY_VOID(check_news_filter(*wanted));
    }
    TRY(const std::vector<jmap::Comparator> order, jmap::parse_sort(sort));
    for (const jmap::Comparator& one : order)
        if (one.property != "created" || !one.collation.empty())
            return failure(Fault{.type = "unsupportedSort", .description = "news are sorted by when they were made"});
    std::vector<std::string> ids;
    for (const auto& [id, one] : news.all) {
        const auto test = [&](std::string_view name, const json::value& value) { return news_holds(one, name, value); };
        if (!wanted || jmap::matches(*wanted, test)) ids.push_back(id_of(kShareNews, id));
    }
    if (order.empty() || !order.front().ascending) std::ranges::reverse(ids);
    return ids;
}

class SetNews final : public SetWork {
public:
    explicit SetNews(Call* call) : call_(call) {}

    async::Awaitable<Result<json::object, Fault>> create(std::string, const json::object*) override {
        co_return failure(only_the_server());
    }

    async::Awaitable<Result<json::object, Fault>> update(std::string, const json::object*) override {
        co_return failure(only_the_server());
    }

    async::Awaitable<Result<void, Fault>> destroy(std::string id) override {
        const auto object = parse_object_id(kShareNews, id);
        if (!object) co_return failure(Fault{.type = "notFound", .description = {}});
        const store::AccountObjects kept(call_->user->account, kShareNews);
        const auto removed = co_await kept.remove(*object);
        if (!removed) co_return failure(set_fault(*call_, removed.error()));
        co_return Result<void, Fault>();
    }

private:
    static Fault only_the_server() { return {.type = "forbidden", .description = "only the server writes news"}; }

    Call* const call_;
};

} // namespace

async::Awaitable<MethodResult> share_news_get(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::GetArguments get, jmap::take_get(arguments, call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, get.account));
    const std::vector<std::string> properties = get.properties.value_or(news_properties());
    for (const std::string& property : properties)
        if (std::ranges::find(news_properties(), property) == news_properties().end())
            co_return failure(jmap::invalid_arguments({"properties"}, property + " is no property of news"));
    CO_TRY(const KeptNews news, co_await current_news(call));
    const auto ids = object_ids(get, kShareNews, news.objects, call->limits().objects_in_get);
    if (!ids) co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    json::array list;
    std::vector<std::string> not_found;
    for (const std::string& id : *ids) {
        const auto object = parse_object_id(kShareNews, id);
        const auto found = std::ranges::find_if(news.all, [&](const auto& each) { return each.first == object; });
        if (found == news.all.end()) {
            not_found.push_back(id);
            continue;
        }
        if (!call->reserve(kNewsBytes)) co_return failure(too_large_to_answer());
        CO_TRY(const json::object one, co_await news_object(call, found->first, &found->second));
        list.emplace_back(only(one, properties));
    }
    co_return jmap::get_answer(get.account, state_of(news.objects.version), std::move(list), not_found);
}

async::Awaitable<MethodResult> share_news_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, asked.account));
    CO_TRY(const KeptNews news, co_await current_news(call));
    co_return object_changes(asked, kShareNews, news.objects);
}

async::Awaitable<MethodResult> share_news_set(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::SetArguments set, jmap::take_set(arguments, call->batch->created_ids(), call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, set.account));
    const std::string old_state = state_of(*call->mailboxes());
    if (set.if_in_state && *set.if_in_state != old_state)
        co_return failure(Fault{.type = "stateMismatch", .description = {}});
    SetNews work(call);
    jmap::SetAnswer answer = co_await carry_out(call, &set, &work);
    const std::string new_state = state_of(*call->mailboxes());
    co_return std::move(answer).finish(set.account, old_state, new_state);
}

async::Awaitable<MethodResult> share_news_query(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryArguments query = jmap::take_query(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, query.account));
    CO_TRY(const KeptNews news, co_await current_news(call));
    CO_TRY(std::vector<std::string> ids, find_news(news, query.filter, query.sort));
    const jmap::QueryResult result{
        .state = state_of(news.objects.version), .can_calculate_changes = true, .ids = std::move(ids)};
    co_return jmap::query_answer(query, result, sharing::kShareNewsMax);
}

async::Awaitable<MethodResult> share_news_query_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryChangesArguments query = jmap::take_query_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, query.account));
    CO_TRY(const KeptNews news, co_await current_news(call));
    CO_TRY(std::vector<std::string> ids, find_news(news, query.filter, query.sort));
    CO_TRY(const std::vector<std::string> touched, objects_touched(kShareNews, news.objects, query.since_query_state));
    const jmap::QueryResult result{
        .state = state_of(news.objects.version), .can_calculate_changes = true, .ids = std::move(ids)};
    co_return jmap::query_changes_answer(query, result, touched);
}

} // namespace tegami::jmapd
