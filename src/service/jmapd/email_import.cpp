// Email/import (RFC 8621 §4.8).
#include "async/turns.h"
#include "protocol/jmap/answers.h"
#include "protocol/jmap/standard.h"
#include "protocol/jmap/types.h"
#include "service/jmapd/email_create.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/rights.h"

#include <algorithm>
#include <array>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

constexpr std::array<std::string_view, 4> kImportProperties{"blobId", "mailboxIds", "keywords", "receivedAt"};

/// The date behind the last semicolon of the field that the last server wrote.
std::optional<Timestamp> received_of(const message::Header& header) {
    const auto field = header.value("Received");
    const std::size_t semicolon = field ? field->rfind(';') : std::string::npos;
    if (semicolon == std::string::npos) return std::nullopt;
    const auto date = message::parse_date(std::string_view(*field).substr(semicolon + 1));
    return date ? std::optional<Timestamp>(date->utc) : std::nullopt;
}

async::Awaitable<Result<store::PartPlace, Fault>> find_message(Call* call, const json::object* import) {
    const json::value* const id = import->if_contains("blobId");
    const Fault wrong = jmap::invalid_properties({"blobId"}, "there is no such blob");
    if (id == nullptr || !id->is_string()) co_return failure(wrong);
    std::string text(id->get_string());
    const auto blob = co_await find_blob(call, std::move(text));
    if (blob) co_return *blob;
    co_return failure(blob.error().code == store::ErrorCode::not_found ? wrong : set_fault(*call, blob.error()));
}

async::Awaitable<Result<json::object, Fault>> import_email(Call* call, const json::object* import) {
    std::vector<std::string> wrong;
    for (const auto& [name, value] : *import)
        if (std::ranges::find(kImportProperties, std::string_view(name)) == kImportProperties.end())
            wrong.emplace_back(name);
    if (!wrong.empty()) co_return failure(jmap::invalid_properties(std::move(wrong), "an import has no such property"));
    CO_TRY(EmailMarks marks, read_email_marks(*import, *call->mailboxes(), call->batch->created_ids()));
    CO_TRY_VOID(may_add(*call, marks));
    CO_TRY(std::optional<Timestamp> received, read_received(*import));
    CO_TRY(const store::PartPlace blob, co_await find_message(call, import));
    CO_TRY_VOID(take_copy(*call, blob.length));
    MessageIntake message(call);
    const auto copied = co_await message.append(blob, message::TransferEncoding::binary);
    if (!copied) co_return failure(set_fault(*call, copied.error()));
    const auto letter = co_await message.complete();
    if (!letter) co_return failure(set_fault(*call, letter.error()));
    if ((*letter)->card.size == 0 || message.has_nul())
        co_return failure(Fault{.type = "invalidEmail", .description = "a message has octets, and no NUL among them"});
    if (!received) received = received_of((*letter)->header());
    co_return co_await add_email(call, &message, std::move(marks), received);
}

} // namespace

async::Awaitable<MethodResult> email_import(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const std::string account = arguments.id("accountId");
    const auto if_in_state = arguments.optional_text("ifInState");
    const json::object* const emails = arguments.optional_object("emails");
    const auto is_import = [](const auto& one) { return jmap::is_id(one.key()) && one.value().is_object(); };
    if (emails == nullptr || !std::ranges::all_of(*emails, is_import)) arguments.reject("emails");
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_to_write(call, account));
    if (emails->size() > call->limits().objects_in_set)
        co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInSet"});
    const std::string old_state = state_of(*call->mailboxes());
    if (if_in_state && *if_in_state != old_state) co_return failure(Fault{.type = "stateMismatch", .description = {}});
    json::object created;
    json::object not_created;
    for (const auto& [creation_id, import] : *emails) {
        auto email = co_await import_email(call, &import.get_object());
        if (email) {
            call->batch->created_ids().add(std::string(creation_id), std::string(email->at("id").as_string()));
            created[creation_id] = *std::move(email);
        } else {
            not_created[creation_id] = jmap::set_error(email.error());
        }
        co_await async::give_way();
    }
    const auto or_null = [](json::object object) {
        return object.empty() ? json::value() : json::value(std::move(object));
    };
    co_return json::object{{"accountId", account},
                           {"oldState", old_state},
                           {"newState", state_of(*call->mailboxes())},
                           {"created", or_null(std::move(created))},
                           {"notCreated", or_null(std::move(not_created))}};
}

} // namespace tegami::jmapd
