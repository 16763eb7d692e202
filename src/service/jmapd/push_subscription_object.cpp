#include "service/jmapd/push_subscription_object.h"

#include "base/base64.h"
#include "protocol/jmap/patch.h"
#include "protocol/jmap/types.h"
#include "protocol/web_push/encryption.h"
#include "service/jmapd/properties.h"

#include <algorithm>
#include <chrono>

namespace tegami::jmapd {

namespace {

using directory::PushSubscription;
using jmap::Fault;

/// Base64 for addresses, which some pad.
std::string decode_key(const json::object& keys, std::string_view name) {
    const json::value* const value = keys.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    std::string_view text = value->get_string();
    while (text.ends_with('='))
        text.remove_suffix(1);
    return base64::decode_url(text).value_or("");
}

void read_keys(Properties& from, PushSubscription& into) {
    const json::value* const given = from.find("keys");
    if (given == nullptr) return;
    const json::object* const keys = given->if_object();
    if (keys != nullptr && keys->size() == 2) {
        into.public_key = decode_key(*keys, "p256dh");
        into.secret = decode_key(*keys, "auth");
    }
    if (!web_push::is_receiver({.public_key = into.public_key, .secret = into.secret})) from.wrong("keys");
}

/// Not later than a subscription may last; nothing given: as long.
void read_expires(Properties& from, PushSubscription& into, Timestamp now) {
    const Timestamp latest = std::chrono::floor<std::chrono::seconds>(now + directory::kPushSubscriptionTime);
    into.expires = latest;
    const json::value* const given = from.find("expires");
    if (given == nullptr) return;
    const auto date = jmap::read_utc_date(*given);
    if (!date || *date <= now)
        from.wrong("expires");
    else
        into.expires = std::min<Timestamp>(*date, latest);
}

void read_types(Properties& from, PushSubscription& into) {
    into.types.reset();
    const json::value* const given = from.find("types");
    if (given == nullptr) return;
    const json::array* const types = given->if_array();
    const auto is_type = [](const json::value& type) {
        return type.is_string() && type.get_string().size() <= kPushTypeBytesMax;
    };
    if (types == nullptr || types->size() > kPushTypesMax || !std::ranges::all_of(*types, is_type)) {
        from.wrong("types");
        return;
    }
    into.types.emplace();
    for (const json::value& type : *types)
        into.types->emplace_back(type.get_string());
}

} // namespace

const std::vector<std::string>& push_subscription_properties() {
    static const std::vector<std::string> kAll{"id", "deviceClientId", "verificationCode", "expires", "types"};
    return kAll;
}

json::object push_subscription_object(const PushSubscription& subscription) {
    json::value types;
    if (subscription.types) types = json::array(subscription.types->begin(), subscription.types->end());
    return {{"id", subscription.id},
            {"deviceClientId", subscription.device},
            {"verificationCode", subscription.verified ? json::value(subscription.code) : json::value()},
            {"expires", jmap::print_utc_date(std::chrono::floor<std::chrono::seconds>(subscription.expires))},
            {"types", std::move(types)}};
}

std::optional<net::WebUrl> parse_push_url(std::string_view text, std::uint16_t port) {
    if (text.size() > kPushUrlBytesMax) return std::nullopt;
    auto url = net::parse_web_url(text);
    if (!url || !url->secure || url->port != port) return std::nullopt;
    return url;
}

Result<PushSubscription, Fault> read_push_subscription(const json::object& wanted, Timestamp now, std::uint16_t port) {
    Properties from(wanted);
    PushSubscription made;
    made.device = from.text("deviceClientId", kDeviceBytesMax);
    made.url = from.text("url", kPushUrlBytesMax);
    if (!made.url.empty() && !parse_push_url(made.url, port)) from.wrong("url");
    if (from.find("verificationCode") != nullptr) from.wrong("verificationCode");
    read_keys(from, made);
    read_expires(from, made, now);
    read_types(from, made);
    TRY_VOID(from.finish());
    return made;
}

Result<PushSubscription, Fault> patch_push_subscription(PushSubscription subscription, const json::object& patch,
                                                        Timestamp now) {
    const json::object before = push_subscription_object(subscription);
    TRY(const json::object after, jmap::apply_patch(before, patch));
    Properties from(after);
    for (const char* const name : {"id", "deviceClientId"}) {
        const json::value* const value = from.find(name);
        if (value == nullptr || *value != before.at(name)) from.wrong(name);
    }
    const json::value* const code = from.find("verificationCode");
    if (code != nullptr && *code == json::value(subscription.code))
        subscription.verified = true;
    else if (code != nullptr || subscription.verified)
        from.wrong("verificationCode");
    const json::value* const expires = after.if_contains("expires");
    if (expires != nullptr && *expires == before.at("expires"))
        from.find("expires");
    else
        read_expires(from, subscription, now);
    read_types(from, subscription);
    TRY_VOID(from.finish());
    return subscription;
}

} // namespace tegami::jmapd
