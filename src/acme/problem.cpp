#include "acme/problem.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tegami::acme {

namespace {

/// Limit: how deep what an authority sends may nest.
constexpr std::size_t kProblemDepthMax = 8;

// RFC 8555 §6.7; of those that are left out the authority's words say all there is.
constexpr std::array kAdvice{
    std::pair{"accountDoesNotExist",
              "the authority does not know our account any more: it is made anew at the next try"},
    std::pair{"caa", "a CAA record in the DNS lets other authorities only issue certificates for this name: add this "
                     "authority to it, or remove it"},
    std::pair{"connection", "the authority could not connect to this name: its address in the DNS must lead here, and "
                            "port 80 (http-01) or 443 (tls-alpn-01) must be open from the Internet"},
    std::pair{"dns", "the authority could not look this name up: its records must be published, and their signatures "
                     "(DNSSEC) right"},
    std::pair{"externalAccountRequired", "the authority wants an account that it gave you by other ways: set "
                                         "acme.external_account and acme.external_account_file"},
    std::pair{"incorrectResponse", "somebody else answered for this name: its address in the DNS must lead here, and "
                                   "the port to this server"},
    std::pair{"invalidContact", "the authority does not take the address of acme.contact"},
    std::pair{"rateLimited", "the authority gives no more certificates for now; it is asked again later"},
    std::pair{"rejectedIdentifier", "the authority gives no certificates for this name"},
    std::pair{"serverInternal", "something is wrong at the authority; it is asked again later"},
    std::pair{"tls", "the authority could not shake hands with this name under TLS: port 443 must lead to this server, "
                     "with nothing between that ends TLS"},
    std::pair{"unauthorized", "the authority did not find our proof at this name: its address in the DNS must lead "
                              "here, and for dns-01 every name server must have the record"},
    std::pair{"unknownHost", "there is no such name in the DNS"},
    std::pair{"unsupportedContact", "the authority takes contacts of another kind than acme.contact"},
    std::pair{"unsupportedIdentifier", "the authority gives no certificates for names of this kind"},
    std::pair{"userActionRequired", "the authority wants something of you, such as that you agree to new terms"},
};

std::string_view advice_on(std::string_view type) {
    for (const auto& [name, advice] : kAdvice)
        if (name == type) return advice;
    return {};
}

std::string text_member(const json::object& object, std::string_view name) {
    const json::value* const found = object.if_contains(name);
    if (found == nullptr || !found->is_string()) return {};
    return std::string(std::string_view(found->get_string()).substr(0, kProblemWordsMax));
}

std::optional<Problem> read_one(const json::value& value) {
    constexpr std::string_view kPrefix = "urn:ietf:params:acme:error:";
    if (!value.is_object()) return std::nullopt;
    const json::object& object = value.get_object();
    Problem problem{
        .type = text_member(object, "type"), .detail = text_member(object, "detail"), .name = {}, .parts = {}};
    if (problem.type.starts_with(kPrefix)) problem.type.erase(0, kPrefix.size());
    if (const json::value* const about = object.if_contains("identifier"); about != nullptr && about->is_object())
        problem.name = text_member(about->get_object(), "value");
    return problem;
}

} // namespace

std::optional<Problem> read_problem(const json::value& value) {
    std::optional<Problem> problem = read_one(value);
    if (!problem) return std::nullopt;
    const json::value* const parts = value.get_object().if_contains("subproblems");
    if (parts == nullptr || !parts->is_array()) return problem;
    for (const json::value& part : parts->get_array()) {
        if (problem->parts.size() == kProblemPartsMax) break;
        if (auto read = read_one(part)) problem->parts.push_back(*std::move(read));
    }
    return problem;
}

std::optional<Problem> parse_problem(std::string_view body) {
    const auto value = read_json(body, kProblemDepthMax);
    return value ? read_problem(*value) : std::nullopt;
}

std::string sentence_for(const Problem& problem) {
    const std::string_view advice = advice_on(problem.type);
    std::string said = problem.detail.empty() ? problem.type : problem.detail;
    for (const Problem& part : problem.parts)
        said += fmt::format("; {}: {}", part.name, part.detail);
    if (advice.empty()) return fmt::format("the authority refuses: {}", said.empty() ? "it does not say why" : said);
    if (said.empty()) return std::string(advice);
    return fmt::format("{} (the authority says: {})", advice, said);
}

} // namespace tegami::acme
