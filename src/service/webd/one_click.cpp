#include "service/webd/one_click.h"

#include "base/ascii.h"
#include "message/header.h"
#include "trust/authentication_results.h"
#include "trust/dkim/signature.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace tegami::webd {

namespace {

using message::Header;
using message::HeaderField;

constexpr std::string_view kWhere = "List-Unsubscribe";
constexpr std::string_view kHow = "List-Unsubscribe-Post";

/// What tells one signature of a letter from another in Authentication-Results (RFC 6008 §4).
struct SignatureName {
    std::string domain;
    std::string selector;
    std::string start;

    bool operator==(const SignatureName&) const = default;
};

struct Signature {
    SignatureName name;
    bool covers = false; ///< both fields
};

bool covers(const dkim::Signature& signature, std::string_view name) {
    return std::ranges::any_of(signature.signed_names,
                               [&](const std::string& each) { return ascii::iequals(each, name); });
}

std::vector<Signature> signatures_of(const Header& header, std::size_t front_size) {
    std::vector<Signature> all;
    for (const HeaderField* const field : header.find_all("DKIM-Signature")) {
        if (field->offset < front_size) continue;
        const auto tags = dkim::TagList::parse(header.raw_value(*field));
        if (!tags) continue;
        const dkim::Claims claims = dkim::read_claims(*tags);
        const auto signature = dkim::parse_signature(*tags);
        if (!claims.domain) continue;
        all.push_back(
            {.name = {.domain = claims.domain->ascii(), .selector = claims.selector, .start = claims.signature_start},
             .covers = signature && covers(*signature, kWhere) && covers(*signature, kHow)});
    }
    return all;
}

struct Judged {
    SignatureName name;
    bool passed = false;
};

std::vector<Judged> judged_here(const Header& header, std::size_t front_size) {
    std::vector<Judged> all;
    for (const HeaderField* const field : header.find_all("Authentication-Results")) {
        if (field->offset + std::size_t{field->length} > front_size) continue;
        const auto results = trust::parse_authentication_results(header.raw_value(*field));
        if (!results) continue;
        for (const trust::MethodResult& each : results->results) {
            if (each.method != "dkim") continue;
            Judged judged{.name = {}, .passed = each.result == "pass"};
            for (const auto& property : each.properties) {
                if (property.type != "header") continue;
                if (property.name == "d") judged.name.domain = property.value;
                if (property.name == "s") judged.name.selector = property.value;
                if (property.name == "b") judged.name.start = property.value;
            }
            all.push_back(std::move(judged));
        }
    }
    return all;
}

/// Two signatures that cannot be told apart count only if all of them are good.
bool is_signed(const Header& header, std::size_t front_size) {
    const std::vector<Signature> signatures = signatures_of(header, front_size);
    const std::vector<Judged> judged = judged_here(header, front_size);
    return std::ranges::any_of(signatures, [&](const Signature& signature) {
        const auto is_it = [&](const auto& each) { return each.name == signature.name; };
        const auto is_good = [&](const Judged& each) { return each.name == signature.name && each.passed; };
        const auto of_that_name = std::ranges::count_if(signatures, is_it);
        return signature.covers && std::ranges::count_if(judged, is_it) == of_that_name &&
               std::ranges::count_if(judged, is_good) == of_that_name;
    });
}

/// The first address under https among those in angle brackets (RFC 2369 §2); space within one means nothing.
std::optional<net::WebUrl> address_in(std::string_view value) {
    for (;;) {
        const std::size_t begin = value.find('<');
        const std::size_t end = value.find('>', begin);
        if (begin == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
        std::string text(value.substr(begin + 1, end - begin - 1));
        std::erase_if(text, ascii::is_space);
        const auto url = net::parse_web_url(text);
        if (url && url->secure) return url;
        value.remove_prefix(end + 1);
    }
}

} // namespace

Result<net::WebUrl, NoOneClick> one_click_address(std::string_view octets, std::size_t front_size) {
    const Header header(octets);
    const auto where = header.find_all(kWhere);
    const auto how = header.find_all(kHow);
    if (where.size() != 1 || how.size() != 1) return failure(NoOneClick::not_offered);
    if (!ascii::iequals(header.value(*how.front()), kOneClick)) return failure(NoOneClick::not_offered);
    const auto url = address_in(header.value(*where.front()));
    if (!url) return failure(NoOneClick::not_offered);
    if (!is_signed(header, front_size)) return failure(NoOneClick::not_signed);
    return *url;
}

} // namespace tegami::webd
