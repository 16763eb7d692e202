#include "acme/answers.h"

#include "acme/jws.h"
#include "acme/url.h"
#include "base/base64.h"

#include <fmt/format.h>

#include <array>

namespace tegami::acme {

namespace {

/// Limit: how deep an answer may nest.
constexpr std::size_t kDepthMax = 12;
/// Limit: RFC 8555 §8.1 wants 128 bits.
constexpr std::size_t kTokenBytesMax = 256;
constexpr std::size_t kNameBytesMax = 255;

Result<json::object, std::string> read_object(std::string_view body) {
    if (body.size() > kAnswerBytesMax) return failure(std::string("it is too long"));
    auto value = read_json(body, kDepthMax);
    if (!value || !value->is_object()) return failure(std::string("it is no JSON object"));
    return std::move(value->get_object());
}

std::string text_of(const json::object& object, std::string_view member) {
    const json::value* const found = object.if_contains(member);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

Result<std::string, std::string> url_of(const json::object& object, std::string_view member) {
    std::string text = text_of(object, member);
    if (!parse_url(text)) return failure(fmt::format("it has no HTTPS address as {}", member));
    return text;
}

const json::array* list_of(const json::object& object, std::string_view member) {
    const json::value* const found = object.if_contains(member);
    return found != nullptr && found->is_array() ? &found->get_array() : nullptr;
}

/// Those of an authorization that are no words of Status mean that it is of no more use.
Status status_of(const json::object& object) {
    constexpr std::array kNames{std::pair{"pending", Status::pending}, std::pair{"processing", Status::processing},
                                std::pair{"ready", Status::ready}, std::pair{"valid", Status::valid}};
    const std::string text = text_of(object, "status");
    for (const auto& [name, status] : kNames)
        if (name == text) return status;
    return Status::invalid;
}

std::optional<Problem> problem_of(const json::object& object) {
    const json::value* const found = object.if_contains("error");
    return found == nullptr ? std::nullopt : read_problem(*found);
}

/// One that is of no use to us, such as of a kind to come, may have any shape.
std::optional<Challenge> read_challenge(const json::value& value) {
    if (!value.is_object()) return std::nullopt;
    const json::object& object = value.get_object();
    Challenge challenge{.kind = text_of(object, "type"),
                        .url = text_of(object, "url"),
                        .token = text_of(object, "token"),
                        .problem = problem_of(object)};
    if (!parse_url(challenge.url) || !base64::is_url_text(challenge.token) || challenge.token.size() > kTokenBytesMax)
        return std::nullopt;
    return challenge;
}

} // namespace

std::string_view name_of(ChallengeKind kind) {
    switch (kind) {
    case ChallengeKind::http: return "http-01";
    case ChallengeKind::tls_alpn: return "tls-alpn-01";
    case ChallengeKind::dns: return "dns-01";
    }
    return "";
}

Result<Directory, std::string> parse_directory(std::string_view body) {
    TRY(const json::object object, read_object(body));
    Directory directory;
    TRY(directory.new_nonce, url_of(object, "newNonce"));
    TRY(directory.new_account, url_of(object, "newAccount"));
    TRY(directory.new_order, url_of(object, "newOrder"));
    directory.renewal_info = url_of(object, "renewalInfo").value_or("");
    const json::value* const meta = object.if_contains("meta");
    if (meta == nullptr || !meta->is_object()) return directory;
    directory.terms = text_of(meta->get_object(), "termsOfService").substr(0, kUrlBytesMax);
    const json::value* const external = meta->get_object().if_contains("externalAccountRequired");
    directory.needs_external_account = external != nullptr && external->is_bool() && external->get_bool();
    return directory;
}

std::vector<std::string> parse_contacts(std::string_view body) {
    std::vector<std::string> contacts;
    const auto account = read_object(body);
    const json::array* const list = account ? list_of(*account, "contact") : nullptr;
    if (list == nullptr) return contacts;
    for (const json::value& contact : *list)
        if (contact.is_string()) contacts.emplace_back(contact.get_string());
    return contacts;
}

Result<Order, std::string> parse_order(std::string_view body) {
    TRY(const json::object object, read_object(body));
    Order order{.status = status_of(object), .problem = problem_of(object)};
    TRY(order.finalize, url_of(object, "finalize"));
    order.certificate = url_of(object, "certificate").value_or("");
    const json::array* const authorizations = list_of(object, "authorizations");
    if (authorizations == nullptr || authorizations->empty() || authorizations->size() > kNamesMax)
        return failure(std::string("it has no authorizations, or too many"));
    for (const json::value& each : *authorizations) {
        if (!each.is_string() || !parse_url(std::string_view(each.get_string())))
            return failure(std::string("an authorization has no HTTPS address"));
        order.authorizations.emplace_back(each.get_string());
    }
    return order;
}

Result<Authorization, std::string> parse_authorization(std::string_view body) {
    TRY(const json::object object, read_object(body));
    Authorization authorization{.name = {}, .status = status_of(object), .challenges = {}};
    if (const json::value* const about = object.if_contains("identifier"); about != nullptr && about->is_object())
        authorization.name = text_of(about->get_object(), "value");
    if (authorization.name.empty() || authorization.name.size() > kNameBytesMax)
        return failure(std::string("it does not say which name it is about"));
    if (const json::array* const challenges = list_of(object, "challenges"))
        for (const json::value& each : *challenges) {
            if (authorization.challenges.size() == kChallengesMax) break;
            if (auto challenge = read_challenge(each)) authorization.challenges.push_back(*std::move(challenge));
        }
    return authorization;
}

} // namespace tegami::acme
