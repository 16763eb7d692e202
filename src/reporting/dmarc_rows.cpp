#include "reporting/dmarc_rows.h"

#include "base/bytes.h"
#include "reporting/coding.h"

#include <algorithm>

namespace tegami::reporting {

namespace {

constexpr std::uint8_t kRowFormat = 1;

template <class Enum>
void append_word(std::string& out, Enum value) {
    out.push_back(static_cast<char>(value));
}

/// An enumerator up to `last`.
template <class Enum>
Enum read_word(bytes::Reader& in, Enum last) {
    const auto value = in.big_endian<std::uint8_t>();
    if (value > static_cast<std::uint8_t>(last)) in.fail();
    return static_cast<Enum>(in.failed() ? 0 : value);
}

void append_cut(std::string& out, std::string_view text) {
    bytes::append_string(out, text.substr(0, kDmarcRowTextMax));
}

std::string read_cut(bytes::Reader& in) {
    const std::string_view text = in.string();
    if (text.size() > kDmarcRowTextMax) in.fail();
    return std::string(text);
}

std::size_t read_count(bytes::Reader& in, std::size_t max) {
    const std::uint64_t count = in.varint();
    if (count > max) in.fail();
    return in.failed() ? 0 : static_cast<std::size_t>(count);
}

/// A policy that may be missing: 0, or one more than its number.
void append_policy(std::string& out, std::optional<dmarc::Policy> policy) {
    out.push_back(policy ? static_cast<char>(static_cast<int>(*policy) + 1) : '\0');
}

std::optional<dmarc::Policy> read_policy(bytes::Reader& in) {
    const auto value = in.big_endian<std::uint8_t>();
    if (value > static_cast<int>(dmarc::Policy::reject) + 1) in.fail();
    if (in.failed() || value == 0) return std::nullopt;
    return static_cast<dmarc::Policy>(value - 1);
}

IpAddress read_address(bytes::Reader& in) {
    const auto address = address_of(in.string());
    if (!address) in.fail();
    return address.value_or(IpAddress());
}

void append_published(std::string& out, const dmarc::PublishedPolicy& policy) {
    append_word(out, policy.p);
    append_policy(out, policy.sp);
    append_policy(out, policy.np);
    append_word(out, policy.adkim);
    append_word(out, policy.aspf);
    append_word(out, policy.testing);
    append_cut(out, policy.failure_options);
}

dmarc::PublishedPolicy read_published(std::string_view domain, bytes::Reader& in) {
    dmarc::PublishedPolicy policy{.domain = std::string(domain), .discovery = dmarc::DiscoveryMethod::tree_walk};
    policy.p = read_word(in, dmarc::Policy::reject);
    policy.sp = read_policy(in);
    policy.np = read_policy(in);
    policy.adkim = read_word(in, dmarc::AlignmentMode::strict);
    policy.aspf = read_word(in, dmarc::AlignmentMode::strict);
    policy.testing = read_word(in, true);
    policy.failure_options = read_cut(in);
    return policy;
}

} // namespace

std::string encode_dmarc_row(const DmarcRow& row) {
    const dmarc::Observation& seen = row.seen;
    std::string out(1, static_cast<char>(kRowFormat));
    append_published(out, row.policy);
    bytes::append_string(out, seen.source.octets());
    append_word(out, seen.disposition);
    append_word(out, seen.dkim_aligned);
    append_word(out, seen.spf_aligned);
    const std::size_t reasons = std::min(seen.overrides.size(), kDmarcRowReasonsMax);
    bytes::append_varint(out, reasons);
    for (std::size_t at = 0; at < reasons; ++at) {
        append_word(out, seen.overrides[at].type);
        append_cut(out, seen.overrides[at].comment);
    }
    append_cut(out, seen.header_from);
    append_word(out, seen.envelope_from.has_value());
    if (seen.envelope_from) append_cut(out, *seen.envelope_from);
    const std::size_t signatures = std::min(seen.dkim.size(), dmarc::kRowSignaturesMax);
    bytes::append_varint(out, signatures);
    for (std::size_t at = 0; at < signatures; ++at) {
        append_cut(out, seen.dkim[at].domain);
        append_cut(out, seen.dkim[at].selector);
        append_word(out, seen.dkim[at].result);
    }
    append_word(out, seen.spf.has_value());
    if (seen.spf) {
        append_cut(out, seen.spf->domain);
        append_word(out, seen.spf->result);
    }
    return out;
}

std::optional<DmarcRow> decode_dmarc_row(std::string_view domain, std::string_view octets) {
    bytes::Reader in(octets);
    if (in.big_endian<std::uint8_t>() != kRowFormat) return std::nullopt;
    DmarcRow row{.policy = read_published(domain, in), .seen = {}};
    dmarc::Observation& seen = row.seen;
    seen.source = read_address(in);
    seen.disposition = read_word(in, dmarc::Disposition::reject);
    seen.dkim_aligned = read_word(in, true);
    seen.spf_aligned = read_word(in, true);
    for (std::size_t left = read_count(in, kDmarcRowReasonsMax); left > 0; --left) {
        const auto type = read_word(in, dmarc::OverrideType::sampled_out);
        seen.overrides.push_back({.type = type, .comment = read_cut(in)});
    }
    seen.header_from = read_cut(in);
    if (read_word(in, true)) seen.envelope_from = read_cut(in);
    for (std::size_t left = read_count(in, dmarc::kRowSignaturesMax); left > 0; --left) {
        dmarc::DkimFinding finding;
        finding.domain = read_cut(in);
        finding.selector = read_cut(in);
        finding.result = read_word(in, dmarc::AuthResult::permerror);
        seen.dkim.push_back(std::move(finding));
    }
    if (read_word(in, true)) {
        dmarc::SpfFinding finding;
        finding.domain = read_cut(in);
        finding.result = read_word(in, dmarc::AuthResult::permerror);
        seen.spf = std::move(finding);
    }
    if (!in.complete()) return std::nullopt;
    return row;
}

} // namespace tegami::reporting
