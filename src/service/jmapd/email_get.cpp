// Email/get (RFC 8621 §4.2)
#include "protocol/jmap/answers.h"
#include "service/jmapd/email_object.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"

namespace tegami::jmapd {

namespace {

/// The ids of all emails, if they are not more than a client may ask for.
std::optional<std::vector<std::string>> all_emails(const store::AccountView& view, std::size_t count_max) {
    std::vector<std::string> ids;
    std::uint32_t last = 0;
    for (const auto& page : view.by_email().pages())
        for (const store::EmailPlace& place : *page) {
            if (!place.visible() || place.email == last) continue;
            if (ids.size() == count_max) return std::nullopt;
            last = place.email;
            ids.push_back(id_of(store::EmailId(place.email)));
        }
    return ids;
}

} // namespace

async::Awaitable<MethodResult> email_get(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(jmap::GetArguments get, jmap::take_get(arguments, call->limits()));
    auto wanted = take_email_properties(arguments, get.properties);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, get.account));
    if (!wanted) co_return failure(wanted.error());
    const auto view = co_await view_of(call);
    if (!view) co_return failure(method_fault(*call, view.error()));
    if (!get.ids) get.ids = all_emails(**view, call->limits().objects_in_get);
    if (!get.ids) co_return failure(jmap::Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    CO_TRY(FoundEmails found, co_await read_emails(call, *view, *std::move(wanted), *std::move(get.ids)));
    co_return jmap::get_answer(get.account, state_of(*(*view)->mailboxes()), std::move(found.list), found.not_found);
}

} // namespace tegami::jmapd
