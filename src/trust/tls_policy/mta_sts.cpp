#include "trust/tls_policy/mta_sts.h"

#include "base/ascii.h"

#include <algorithm>
#include <utility>

namespace tegami::tls_policy {

namespace {

constexpr std::string_view kRecordVersion = "v=STSv1";
constexpr std::size_t kIdBytesMax = 32;
constexpr std::size_t kKeyBytesMax = 32;

/// sts-ext-name and sts-policy-ext-name.
bool is_key(std::string_view text) {
    return !text.empty() && text.size() <= kKeyBytesMax && ascii::is_alnum(text.front()) &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '_' || c == '-' || c == '.'; });
}

/// sts-ext-value.
bool is_record_value(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return ascii::is_vchar(c) && c != '=' && c != ';'; });
}

bool begins_as_record(std::string_view text) {
    if (!text.starts_with(kRecordVersion)) return false;
    return ascii::trim_wsp(text.substr(kRecordVersion.size())).starts_with(';');
}

std::optional<StsPattern> parse_pattern(std::string_view text) {
    StsPattern pattern;
    pattern.any_label = text.starts_with("*.");
    if (pattern.any_label) text.remove_prefix(2);
    const auto in_domain = [](char c) { return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_'; };
    if (text.empty() || !std::ranges::all_of(text, in_domain)) return std::nullopt;
    const auto name = dns::Name::parse(text);
    if (!name || name->is_root()) return std::nullopt;
    pattern.name = *name;
    return pattern;
}

struct Line {
    std::string_view key;
    std::string_view value;
};

/// Nothing if it is no key and value.
std::optional<Line> parse_line(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_key(line.substr(0, colon))) return std::nullopt;
    const std::string_view value = ascii::trim_wsp(line.substr(colon + 1));
    if (value.empty() || std::ranges::any_of(value, ascii::is_control)) return std::nullopt;
    return Line{.key = line.substr(0, colon), .value = value};
}

} // namespace

std::string_view to_string(StsMode mode) {
    switch (mode) {
    case StsMode::enforce: return "enforce";
    case StsMode::testing: return "testing";
    case StsMode::none: return "none";
    }
    std::unreachable();
}

std::optional<StsMode> find_sts_mode(std::string_view name) {
    for (const StsMode mode : {StsMode::enforce, StsMode::testing, StsMode::none})
        if (name == to_string(mode)) return mode;
    return std::nullopt;
}

std::optional<std::string> find_sts_id(const std::vector<std::string>& texts) {
    if (std::ranges::count_if(texts, begins_as_record) != 1) return std::nullopt;
    const std::string& text = *std::ranges::find_if(texts, begins_as_record);
    if (text.size() > kStsRecordBytesMax) return std::nullopt;
    std::optional<std::string> id;
    std::vector<std::string_view> fields = ascii::split(text, ';');
    if (ascii::trim_wsp(fields.back()).empty()) fields.pop_back();
    for (std::size_t index = 1; index < fields.size(); ++index) {
        const std::string_view field = ascii::trim_wsp(fields[index]);
        const std::size_t equals = field.find('=');
        if (equals == std::string_view::npos || !is_key(field.substr(0, equals))) return std::nullopt;
        const std::string_view value = field.substr(equals + 1);
        if (!is_record_value(value)) return std::nullopt;
        if (field.substr(0, equals) != "id" || id) continue;
        if (value.size() > kIdBytesMax || !std::ranges::all_of(value, ascii::is_alnum)) return std::nullopt;
        id = value;
    }
    return id;
}

bool StsPattern::matches(const dns::Name& host) const {
    if (!any_label) return host == name;
    return host.label_count() == name.label_count() + 1 && host.parent() == name;
}

bool StsPolicy::allows(const dns::Name& host) const {
    return std::ranges::any_of(mx, [&](const StsPattern& pattern) { return pattern.matches(host); });
}

std::string StsPattern::to_string() const {
    return (any_label ? "*." : "") + name.to_string();
}

std::vector<std::string> StsPolicy::lines() const {
    std::vector<std::string> lines{"version: STSv1", "mode: " + std::string(tls_policy::to_string(mode))};
    for (const StsPattern& pattern : mx)
        lines.push_back("mx: " + pattern.to_string());
    lines.push_back("max_age: " + std::to_string(max_age.count()));
    return lines;
}

Result<StsPolicy, StsPolicyError> parse_sts_policy(std::string_view octets) {
    if (octets.size() > kStsPolicyBytesMax) return failure(StsPolicyError::too_long);
    StsPolicy policy;
    std::optional<std::string_view> version;
    std::optional<std::string_view> mode;
    std::optional<std::string_view> max_age;
    for (std::string_view text : ascii::split(octets, '\n')) {
        if (text.ends_with('\r')) text.remove_suffix(1);
        if (ascii::trim_wsp(text).empty()) continue;
        const auto line = parse_line(text);
        if (!line) return failure(StsPolicyError::malformed);
        if (line->key == "version" && !version) version = line->value;
        if (line->key == "mode" && !mode) mode = line->value;
        if (line->key == "max_age" && !max_age) max_age = line->value;
        if (line->key != "mx") continue;
        const auto pattern = parse_pattern(line->value);
        if (!pattern) return failure(StsPolicyError::wrong_mx);
        if (policy.mx.size() == kStsPatternsMax) return failure(StsPolicyError::too_long);
        policy.mx.push_back(*pattern);
    }
    if (version != "STSv1") return failure(StsPolicyError::wrong_version);
    const auto known_mode = find_sts_mode(mode.value_or(""));
    if (!known_mode) return failure(StsPolicyError::wrong_mode);
    policy.mode = *known_mode;
    const auto seconds = ascii::parse_number<std::uint64_t>(max_age.value_or(""));
    if (!seconds || max_age->size() > 10) return failure(StsPolicyError::wrong_max_age); // 1*10(DIGIT)
    policy.max_age = std::min(std::chrono::seconds(*seconds), kStsMaxAgeMax);
    if (policy.mx.empty() && policy.mode != StsMode::none) return failure(StsPolicyError::wrong_mx);
    return policy;
}

} // namespace tegami::tls_policy
