#include "trust/spf/record.h"

#include "base/ascii.h"
#include "base/assert.h"

#include <algorithm>
#include <utility>

namespace tegami::spf {
namespace {

constexpr std::string_view kVersion = "v=spf1";

struct MechanismName {
    std::string_view name;
    Mechanism mechanism;
};

constexpr MechanismName kMechanisms[] = {
    {"all", Mechanism::all}, {"include", Mechanism::include}, {"a", Mechanism::a},     {"mx", Mechanism::mx},
    {"ptr", Mechanism::ptr}, {"ip4", Mechanism::ip4},         {"ip6", Mechanism::ip6}, {"exists", Mechanism::exists},
};

/// name of RFC 7208 §4.6.1.
bool is_name(std::string_view text) {
    return !text.empty() && ascii::is_alpha(text.front()) &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

/// Takes a prefix length, which may be missing, off the end of `text` into `bits` (RFC 7208 §5.6); false if there is
/// one that is wrong.
bool take_prefix_length(std::string_view& text, std::string_view separator, unsigned bits_max, unsigned& bits) {
    const std::size_t digits = text.find_last_not_of("0123456789") + 1;
    if (digits == text.size() || !text.substr(0, digits).ends_with(separator)) return true;
    const std::string_view number = text.substr(digits);
    const auto value = ascii::parse_number<unsigned>(number);
    if (!value || *value > bits_max || (number.size() > 1 && number.front() == '0')) return false;
    bits = *value;
    text.remove_suffix(number.size() + separator.size());
    return true;
}

/// The part of ip4 and ip6 after the colon.
bool parse_network(std::string_view text, Directive& directive) {
    const bool is_v6 = directive.mechanism == Mechanism::ip6;
    if (!take_prefix_length(text, "/", is_v6 ? 128 : 32, is_v6 ? directive.v6_bits : directive.v4_bits)) return false;
    const auto address = IpAddress::parse(text);
    if (!address || address->is_v6() != is_v6) return false;
    directive.network = *address;
    return true;
}

/// What follows the mechanism's name: a colon with its argument, prefix lengths, or nothing.
bool parse_argument(std::string_view rest, Directive& directive) {
    using enum Mechanism;
    const Mechanism mechanism = directive.mechanism;
    if (mechanism == all) return rest.empty();
    if (mechanism == ip4 || mechanism == ip6) return rest.starts_with(':') && parse_network(rest.substr(1), directive);
    if (mechanism == a || mechanism == mx) {
        if (!take_prefix_length(rest, "//", 128, directive.v6_bits)) return false;
        if (!take_prefix_length(rest, "/", 32, directive.v4_bits)) return false;
    }
    if (rest.empty()) return mechanism == a || mechanism == mx || mechanism == ptr;
    if (!rest.starts_with(':')) return false;
    directive.target = MacroString::parse_domain(rest.substr(1));
    return directive.target.has_value();
}

std::optional<Directive> parse_directive(std::string_view term) {
    Directive directive;
    directive.text = term;
    constexpr std::string_view kQualifiers = "+-~?";
    constexpr Outcome kOutcomes[] = {Outcome::pass, Outcome::fail, Outcome::softfail, Outcome::neutral};
    if (const std::size_t qualifier = kQualifiers.find(term.front()); qualifier != std::string_view::npos) {
        directive.qualifier = kOutcomes[qualifier];
        term.remove_prefix(1);
    }
    const std::size_t name_end = std::min(term.find_first_of(":/"), term.size());
    const std::string_view name = term.substr(0, name_end);
    const auto* const known =
        std::ranges::find_if(kMechanisms, [&](const MechanismName& each) { return ascii::iequals(each.name, name); });
    if (known == std::end(kMechanisms)) return std::nullopt;
    directive.mechanism = known->mechanism;
    if (!parse_argument(term.substr(name_end), directive)) return std::nullopt;
    return directive;
}

/// A modifier into the record; its value begins after `equals`.
Result<void, Reason> parse_modifier(std::string_view term, std::size_t equals, Record& record) {
    const std::string_view name = term.substr(0, equals);
    const std::string_view value = term.substr(equals + 1);
    const bool is_redirect = ascii::iequals(name, "redirect");
    if (!is_redirect && !ascii::iequals(name, "exp")) {
        if (!is_name(name) || !MacroString::parse(value)) return failure(Reason::syntax_error);
        return {};
    }
    auto target = MacroString::parse_domain(value);
    if (!target) return failure(Reason::syntax_error);
    std::optional<Modifier>& modifier = is_redirect ? record.redirect : record.explanation;
    if (modifier) return failure(Reason::repeated_modifier);
    modifier = Modifier{.target = *std::move(target), .text = std::string(term)};
    return {};
}

} // namespace

bool is_record(std::string_view octets) {
    return ascii::istarts_with(octets, kVersion) &&
           (octets.size() == kVersion.size() || octets[kVersion.size()] == ' ');
}

Result<Record, RecordError> parse_record(std::string_view octets) {
    ASSERT(is_record(octets));
    if (octets.size() > kRecordBytesMax) return failure(RecordError{.reason = Reason::record_too_long, .term = {}});
    Record record;
    for (const std::string_view term : ascii::split(octets.substr(kVersion.size()), ' ')) {
        if (term.empty()) continue;
        const auto fault = [&](Reason reason) { return failure(RecordError{reason, std::string(term)}); };
        // RFC 7208 §4.6.1: a modifier has "=" right after its name.
        if (const std::size_t mark = term.find_first_of("=:/"); mark != std::string_view::npos && term[mark] == '=') {
            if (const auto parsed = parse_modifier(term, mark, record); !parsed) return fault(parsed.error());
        } else if (auto directive = parse_directive(term)) {
            record.directives.push_back(*std::move(directive));
        } else {
            return fault(Reason::syntax_error);
        }
    }
    return record;
}

const Result<Record, RecordError>& ParsedRecords::parse(const std::string& octets) {
    auto found = records_.find(octets);
    if (found == records_.end()) found = records_.emplace(octets, parse_record(octets)).first;
    return found->second;
}

} // namespace tegami::spf
