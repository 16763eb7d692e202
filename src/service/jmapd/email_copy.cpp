// Email/copy (RFC 8621 §4.7).
#include "async/turns.h"
#include "protocol/jmap/standard.h"
#include "protocol/jmap/types.h"
#include "service/jmapd/copies.h"
#include "service/jmapd/email_create.h"
#include "service/jmapd/email_set.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/rights.h"

#include <algorithm>
#include <array>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

constexpr std::array<std::string_view, 4> kCopyProperties{"id", "mailboxIds", "keywords", "receivedAt"};

struct CopiedEmail {
    std::string id;
    store::EmailRow row;
    std::set<std::string> keywords;
};

/// The email that a copy is to be made of, in the account that the call is about. Faults: invalidProperties, notFound.
async::Awaitable<Result<CopiedEmail, Fault>> find_original(Call* call, store::AccountViewPtr view,
                                                           const json::object* copy) {
    std::vector<std::string> wrong;
    for (const auto& [name, value] : *copy)
        if (std::ranges::find(kCopyProperties, std::string_view(name)) == kCopyProperties.end())
            wrong.emplace_back(name);
    if (!wrong.empty()) co_return failure(jmap::invalid_properties(std::move(wrong), "a copy has no such property"));
    const json::value* const id = copy->if_contains("id");
    if (id == nullptr || !id->is_string()) co_return failure(jmap::invalid_properties({"id"}, "it names an email"));
    const auto email = parse_email_id(id->get_string());
    const auto state = email ? view->find(*email) : std::nullopt;
    if (!state) co_return failure(Fault{.type = "notFound", .description = {}});
    std::vector<store::EmailId> ids{*email};
    const auto rows = co_await call->account().emails(std::move(ids));
    if (!rows) co_return failure(set_fault(*call, rows.error()));
    if (!rows->front()) co_return failure(set_fault(*call, rows->front().error()));
    co_return CopiedEmail{.id = std::string(id->get_string()),
                          .row = *rows->front(),
                          .keywords = keywords_of(*state, view->keyword_names())};
}

/// In the account that the call is about.
async::Awaitable<Result<json::object, Fault>> copy_email(Call* call, const json::object* copy,
                                                         const CopiedEmail* original) {
    CO_TRY(EmailMarks marks, read_email_marks(*copy, *call->mailboxes(), call->batch->created_ids()));
    if (!copy->contains("keywords")) marks.keywords = original->keywords;
    CO_TRY_VOID(may_add(*call, marks));
    CO_TRY(std::optional<Timestamp> received, read_received(*copy));
    if (!received) received = original->row.internal_date;
    const store::PartPlace blob{.blob = original->row.blob.id, .length = original->row.blob.size};
    CO_TRY_VOID(take_copy(*call, blob.length));
    MessageIntake message(call);
    const auto copied = co_await message.append(blob, message::TransferEncoding::binary);
    if (!copied) co_return failure(set_fault(*call, copied.error()));
    const auto letter = co_await message.complete();
    if (!letter) co_return failure(set_fault(*call, letter.error()));
    co_return co_await add_email(call, &message, std::move(marks), received);
}

struct CopyArguments {
    std::string from;
    std::string to;
    std::optional<std::string> if_from_in_state;
    std::optional<std::string> if_in_state;
    std::optional<std::string> destroy_if_in_state;
    bool destroy = false;
    const json::object* create = nullptr;
};

/// The Email/set that follows a copy which worked.
async::Awaitable<> destroy_originals(Call* call, const CopyArguments* asked, json::array ids) {
    json::object arguments{{"accountId", asked->from}, {"destroy", std::move(ids)}};
    if (asked->destroy_if_in_state) arguments["ifInState"] = *asked->destroy_if_in_state;
    MethodResult done = co_await set_emails(call, &arguments);
    if (done)
        call->following.emplace_back("Email/set", *std::move(done));
    else
        call->following.emplace_back("error", jmap::method_error(done.error()));
}

} // namespace

async::Awaitable<MethodResult> email_copy(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CopyArguments asked{.from = arguments.id("fromAccountId"), .to = arguments.id("accountId")};
    asked.if_from_in_state = arguments.optional_text("ifFromInState");
    asked.if_in_state = arguments.optional_text("ifInState");
    asked.destroy_if_in_state = arguments.optional_text("destroyFromIfInState");
    asked.destroy = arguments.flag("onSuccessDestroyOriginal", false);
    asked.create = arguments.optional_object("create");
    const auto is_copy = [](const auto& one) { return jmap::is_id(one.key()) && one.value().is_object(); };
    if (asked.create == nullptr || !std::ranges::all_of(*asked.create, is_copy)) arguments.reject("create");
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_to_write(call, asked.to));
    const store::AccountPtr target = call->entered;
    const std::string old_state = state_of(*call->mailboxes());
    CO_TRY_VOID(co_await enter_source(call, asked.from, asked.to));
    const store::AccountPtr source = call->entered;
    if (asked.create->size() > call->limits().objects_in_set)
        co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInSet"});
    const auto view = co_await view_of(call);
    if (!view) co_return failure(method_fault(*call, view.error()));
    if ((asked.if_from_in_state && *asked.if_from_in_state != state_of(*(*view)->mailboxes())) ||
        (asked.if_in_state && *asked.if_in_state != old_state))
        co_return failure(Fault{.type = "stateMismatch", .description = {}});
    json::object created;
    json::object not_created;
    json::array originals;
    for (const auto& [creation_id, copy] : *asked.create) {
        call->entered = source;
        const auto original = co_await find_original(call, *view, &copy.get_object());
        call->entered = target;
        if (!original) {
            not_created[creation_id] = jmap::set_error(original.error());
            continue;
        }
        auto email = co_await copy_email(call, &copy.get_object(), &*original);
        if (email) {
            call->batch->created_ids().add(std::string(creation_id), std::string(email->at("id").as_string()));
            created[creation_id] = *std::move(email);
            originals.emplace_back(original->id);
        } else {
            not_created[creation_id] = jmap::set_error(email.error());
        }
        co_await async::give_way();
    }
    const std::string new_state = state_of(*call->mailboxes());
    if (asked.destroy && !originals.empty()) co_await destroy_originals(call, &asked, std::move(originals));
    const auto or_null = [](json::object object) {
        return object.empty() ? json::value() : json::value(std::move(object));
    };
    co_return json::object{{"fromAccountId", asked.from},
                           {"accountId", asked.to},
                           {"oldState", old_state},
                           {"newState", new_state},
                           {"created", or_null(std::move(created))},
                           {"notCreated", or_null(std::move(not_created))}};
}

} // namespace tegami::jmapd
