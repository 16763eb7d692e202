#include "admin/admin.h"

#include "admin/json.h"
#include "base/ascii.h"
#include "directory/check.h"
#include "message/card.h"
#include "message/encoded_word.h"
#include "store/recovery/verify.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace json = boost::json;

namespace {

net::HttpResponse respond(unsigned status, const json::object& body) {
    return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = json::serialize(body)};
}

net::HttpResponse respond(const Admin::Refusal& refusal) {
    return respond(refusal.status, {{"error", refusal.message}});
}

Result<store::QueueId, Admin::Refusal> required_id(const json::object& request) {
    TRY(const std::uint64_t id, optional_number(request, "id", 0));
    if (id == 0) return failure(Admin::Refusal{.status = 400, .message = "id is missing"});
    return store::QueueId(id);
}

} // namespace

Admin::Admin(Dependencies dependencies, Hooks hooks) : dependencies_(dependencies), hooks_(std::move(hooks)) {}

const std::map<std::string, Admin::Operation, std::less<>>& Admin::operations() {
    static const std::map<std::string, Operation, std::less<>> kOperations{
        {"/domain/add", &Admin::domain_add},
        {"/domain/list", &Admin::domain_list},
        {"/domain/remove", &Admin::domain_remove},
        {"/account/add", &Admin::account_add},
        {"/account/list", &Admin::account_list},
        {"/account/password", &Admin::account_password},
        {"/account/remove", &Admin::account_remove},
        {"/account/removed", &Admin::account_removed},
        {"/account/expunged", &Admin::account_expunged},
        {"/account/undelete", &Admin::account_undelete},
        {"/account/import", &Admin::account_import},
        {"/alias/add", &Admin::alias_add},
        {"/alias/list", &Admin::alias_list},
        {"/alias/remove", &Admin::alias_remove},
        {"/queue/list", &Admin::queue_list},
        {"/queue/show", &Admin::queue_show},
        {"/queue/retry", &Admin::queue_retry},
        {"/queue/remove", &Admin::queue_remove},
        {"/trace", &Admin::trace},
        {"/verify", &Admin::verify},
        {"/reload", &Admin::reload},
        {"/backup", &Admin::backup},
        {"/restore", &Admin::restore},
        {"/restore/accounts", &Admin::restore_accounts},
    };
    return kOperations;
}

async::Awaitable<net::HttpResponse> Admin::handle(net::HttpRequest request) {
    const auto operation = operations().find(request.path());
    if (operation == operations().end())
        co_return respond({.status = 404, .message = "there is no such request: " + ascii::printable(request.path())});
    if (request.method != "POST") co_return respond({.status = 405, .message = "requests are made by POST"});
    boost::system::error_code error;
    json::value body = json::parse(request.body.empty() ? "{}" : request.body, error);
    if (error || !body.is_object()) co_return respond({.status = 400, .message = "the request is no JSON object"});
    json::object parameters = std::move(body.get_object());
    const Answer answer = co_await (this->*operation->second)(std::move(parameters));
    if (!answer) co_return respond(answer.error());
    co_return respond(200, *answer);
}

async::Awaitable<Admin::Answer> Admin::queue_list(json::object request) {
    CO_TRY(const std::uint64_t after, optional_number(request, "from", 0));
    const auto page = co_await dependencies_.queue.list(store::QueueId(after), store::kQueuePageMax);
    if (!page) co_return failure(refusal_for(page.error()));
    json::array entries;
    for (const store::QueueEntry& entry : page->entries)
        entries.push_back(to_json(entry));
    json::object answer{{"entries", std::move(entries)}};
    if (page->more && !page->entries.empty()) answer["next"] = page->entries.back().id.value;
    co_return answer;
}

async::Awaitable<Admin::Answer> Admin::queue_show(json::object request) {
    CO_TRY(const store::QueueId id, required_id(request));
    const auto entry = co_await dependencies_.queue.get(id);
    if (!entry && entry.error().code == store::ErrorCode::not_found)
        co_return failure(Refusal{404, fmt::format("there is no queue entry {}", id.value)});
    if (!entry) co_return failure(refusal_for(entry.error()));
    json::object shown = to_json(*entry);
    const auto encoded = co_await dependencies_.engine.read_card(entry->blob.id);
    if (!encoded) co_return failure(refusal_for(encoded.error()));
    if (const auto card = message::decode_card(*encoded)) {
        if (card->envelope.subject) shown["subject"] = message::decode_encoded_words(*card->envelope.subject);
        shown["preview"] = card->preview;
    }
    co_return shown;
}

async::Awaitable<Admin::Answer> Admin::queue_retry(json::object request) {
    CO_TRY(const store::QueueId id, required_id(request));
    const auto retried = co_await dependencies_.queue.retry(id);
    if (!retried && retried.error().code == store::ErrorCode::not_found)
        co_return failure(Refusal{404, fmt::format("there is no queue entry {}", id.value)});
    if (!retried) co_return failure(refusal_for(retried.error()));
    if (hooks_.queue_changed) hooks_.queue_changed();
    co_return json::object{{"id", id.value}};
}

async::Awaitable<Admin::Answer> Admin::queue_remove(json::object request) {
    CO_TRY(const store::QueueId id, required_id(request));
    const auto entry = co_await dependencies_.queue.get(id);
    if (!entry && entry.error().code == store::ErrorCode::not_found)
        co_return failure(Refusal{404, fmt::format("there is no queue entry {}", id.value)});
    const auto removed = co_await dependencies_.queue.remove(id);
    if (!removed) co_return failure(refusal_for(removed.error()));
    co_return json::object{{"id", id.value}};
}

async::Awaitable<Admin::Answer> Admin::trace(json::object request) {
    CO_TRY(const std::string what, required_text(request, "what"));
    // The newest events may still wait to be written.
    const auto flushed = co_await dependencies_.journeys.flush();
    if (!flushed) co_return failure(refusal_for(flushed.error()));
    std::vector<std::string> found;
    // A journey id, as it stands in our 250 answer; a Message-ID; an address: in this order, the first that is known.
    const auto own = co_await dependencies_.journeys.events(what);
    if (own && !own->empty()) {
        found.push_back(what);
    } else {
        const auto by_message = co_await dependencies_.journeys.find_message_id(what);
        if (!by_message) co_return failure(refusal_for(by_message.error()));
        found = *by_message;
        if (found.empty()) {
            const auto by_address = co_await dependencies_.journeys.find_address(what);
            if (!by_address) co_return failure(refusal_for(by_address.error()));
            found = *by_address;
        }
    }
    json::array events;
    for (const std::string& journey : found) {
        const auto of_journey = co_await dependencies_.journeys.events(journey);
        if (!of_journey) co_return failure(refusal_for(of_journey.error()));
        for (const store::JourneyEvent& event : *of_journey)
            events.push_back(to_json(event));
    }
    co_return json::object{{"events", std::move(events)}};
}

async::Awaitable<Admin::Answer> Admin::verify(json::object request) {
    const json::value* const read_blobs = request.if_contains("read_blobs");
    store::VerifyOptions options{.read_blobs = read_blobs && read_blobs->is_bool() && read_blobs->get_bool()};
    std::string after;
    do {
        const auto page = co_await dependencies_.directory.list_accounts(std::nullopt, after, 1000);
        if (!page) break; // the directory's own check says what is wrong with it
        for (const directory::Account& account : page->items)
            options.names[account.id] = account.address.display();
        after = page->next;
    } while (!after.empty());
    do {
        const auto page = co_await dependencies_.directory.list_removed(after, 1000);
        if (!page) break;
        for (const directory::RemovedAccount& removed : page->items)
            options.names[removed.account.id] = removed.account.address.display() + ", removed";
        after = page->next;
    } while (!after.empty());
    const auto report = co_await store::verify(&dependencies_.engine, std::move(options));
    if (!report) co_return failure(refusal_for(report.error()));
    const auto directory = co_await directory::check(&dependencies_.engine);
    if (!directory) co_return failure(refusal_for(directory.error()));
    json::array findings = to_array(report->findings);
    for (const std::string& finding : directory->findings)
        findings.emplace_back(finding);
    co_return json::object{{"sound", report->sound() && directory->problems == 0},
                           {"accounts", report->accounts},
                           {"mailboxes", report->mailboxes},
                           {"messages", report->messages},
                           {"queue_entries", report->queue_entries},
                           {"journey_events", report->journey_events},
                           {"records", report->records + directory->records},
                           {"problems", report->problems + directory->problems},
                           {"findings", std::move(findings)}};
}

async::Awaitable<Admin::Answer> Admin::reload(json::object) {
    if (!hooks_.reload)
        co_return failure(Refusal{409, "no server runs: it will read its configuration when it starts"});
    const ReloadOutcome outcome = co_await hooks_.reload();
    co_return json::object{{"applied", to_array(outcome.applied)},
                           {"restart", to_array(outcome.restart)},
                           {"problems", to_array(outcome.problems)}};
}

} // namespace tegami::admin
