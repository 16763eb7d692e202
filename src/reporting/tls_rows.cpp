#include "reporting/tls_rows.h"

#include "base/bytes.h"

#include <algorithm>

namespace tegami::reporting {

namespace {

constexpr std::uint8_t kTlsRowFormat = 1;

void append_row_text(std::string& out, std::string_view text) {
    bytes::append_string(out, text.substr(0, kTlsRowTextMax));
}

std::string read_row_text(bytes::Reader& in) {
    const std::string_view text = in.string();
    if (text.size() > kTlsRowTextMax) in.fail();
    return std::string(text);
}

void append_row_texts(std::string& out, const std::vector<std::string>& texts) {
    const std::size_t count = std::min(texts.size(), kTlsRowTextsMax);
    bytes::append_varint(out, count);
    for (std::size_t at = 0; at < count; ++at)
        append_row_text(out, texts[at]);
}

std::vector<std::string> read_row_texts(bytes::Reader& in) {
    const std::uint64_t count = in.varint();
    if (count > kTlsRowTextsMax) in.fail();
    std::vector<std::string> texts;
    while (!in.failed() && texts.size() < count)
        texts.push_back(read_row_text(in));
    return texts;
}

} // namespace

std::string encode_tls_row(const TlsRow& row) {
    std::string out(1, static_cast<char>(kTlsRowFormat));
    out.push_back(static_cast<char>(row.policy.type));
    append_row_texts(out, row.policy.texts);
    append_row_texts(out, row.policy.hosts);
    out.push_back(row.failure ? static_cast<char>(static_cast<int>(row.failure->type) + 1) : '\0');
    if (!row.failure) return out;
    for (const std::string* const text :
         {&row.failure->sending_address, &row.failure->receiving_host, &row.failure->receiving_helo,
          &row.failure->receiving_address, &row.failure->reason})
        append_row_text(out, *text);
    return out;
}

std::optional<TlsRow> decode_tls_row(std::string_view domain, std::string_view octets) {
    bytes::Reader in(octets);
    if (in.big_endian<std::uint8_t>() != kTlsRowFormat) return std::nullopt;
    TlsRow row;
    row.policy.domain = domain;
    const auto type = in.big_endian<std::uint8_t>();
    if (type > static_cast<std::uint8_t>(tls_report::PolicyType::sts)) return std::nullopt;
    row.policy.type = static_cast<tls_report::PolicyType>(type);
    row.policy.texts = read_row_texts(in);
    row.policy.hosts = read_row_texts(in);
    const auto failed = in.big_endian<std::uint8_t>();
    if (failed > static_cast<int>(tls_report::kLastResultType) + 1) return std::nullopt;
    if (failed != 0) {
        tls_report::FailureDetail& failure = row.failure.emplace();
        failure.type = static_cast<tls_report::ResultType>(failed - 1);
        for (std::string* const text : {&failure.sending_address, &failure.receiving_host, &failure.receiving_helo,
                                        &failure.receiving_address, &failure.reason})
            *text = read_row_text(in);
    }
    if (!in.complete()) return std::nullopt;
    return row;
}

} // namespace tegami::reporting
