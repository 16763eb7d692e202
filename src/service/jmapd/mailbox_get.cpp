// Mailbox/get (RFC 8621 §2.1)
#include "async/turns.h"
#include "protocol/jmap/answers.h"
#include "protocol/jmap/standard.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/rights.h"
#include "service/jmapd/session_resource.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

/// What one mailbox takes as JSON, with the longest name.
constexpr std::uint64_t kObjectBytes = 4 * 1024;
/// And one whom it is shared with.
constexpr std::uint64_t kShareBytes = 1024;
/// Mailboxes made into JSON before others get their turn: some 100 microseconds.
constexpr std::size_t kTurnMailboxes = 50;

Result<std::vector<std::string>, jmap::Fault> properties_of(const Call& call, const jmap::GetArguments& get) {
    std::vector<std::string> known = mailbox_properties();
    if (!call.batch->uses(kMailShareCapability)) std::erase(known, "shareWith");
    if (!get.properties) return known;
    for (const std::string& property : *get.properties)
        if (std::ranges::find(known, property) == known.end())
            return failure(jmap::invalid_arguments({"properties"}, property + " is no property of a mailbox"));
    return *get.properties;
}

bool wants_counts(const std::vector<std::string>& properties) {
    return std::ranges::any_of(mailbox_count_properties(), [&](const std::string& count) {
        return std::ranges::find(properties, count) != properties.end();
    });
}

struct Asked {
    std::vector<store::MailboxPtr> found;
    std::vector<std::string> not_found;
};

Asked find_asked(const store::MailboxList& list, const std::optional<std::vector<std::string>>& ids) {
    Asked asked;
    if (!ids) {
        asked.found = list.all();
        return asked;
    }
    for (const std::string& text : *ids) {
        const auto id = parse_mailbox_id(text);
        store::MailboxPtr mailbox = id ? list.find(*id) : nullptr;
        if (mailbox)
            asked.found.push_back(std::move(mailbox));
        else
            asked.not_found.push_back(text);
    }
    return asked;
}

} // namespace

async::Awaitable<MethodResult> mailbox_get(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::GetArguments get, jmap::take_get(arguments, call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, get.account));
    CO_TRY(const std::vector<std::string> properties, properties_of(*call, get));
    std::shared_ptr<const store::MailboxList> list = call->mailboxes();
    store::AccountViewPtr counts;
    if (wants_counts(properties)) {
        auto view = co_await view_of(call);
        if (!view) co_return failure(method_fault(*call, view.error()));
        counts = *std::move(view);
        list = counts->mailboxes();
    }
    const Asked asked = find_asked(*list, get.ids);
    std::uint64_t bytes = asked.found.size() * kObjectBytes;
    for (const store::MailboxPtr& mailbox : asked.found)
        bytes += mailbox->access.size() * kShareBytes;
    if (!call->reserve(bytes)) co_return failure(too_large_to_answer());
    json::array objects;
    for (std::size_t at = 0; at < asked.found.size(); ++at) {
        if (at % kTurnMailboxes == kTurnMailboxes - 1) {
            co_await async::give_way();
        }
        const store::MailboxInfo& mailbox = *asked.found[at];
        const store::EmailCounts counted = counts ? counts->counts(mailbox.id) : store::EmailCounts();
        objects.emplace_back(only(mailbox_object(mailbox, counted, reader_of(*call, mailbox)), properties));
    }
    co_return jmap::get_answer(get.account, state_of(*list), std::move(objects), asked.not_found);
}

} // namespace tegami::jmapd
