#include "store/audit_records.h"

#include "store/record_coding.h"

namespace tegami::store::record {

Domain audit_domain(std::uint64_t day) {
    return {DomainKind::audit, day};
}

std::string audit_key(std::uint32_t number) {
    std::string key(1, 'A');
    bytes::append_big_endian(key, number);
    return key;
}

std::optional<std::uint32_t> audit_number(std::string_view key) {
    if (!key.starts_with('A')) return std::nullopt;
    bytes::Reader in(key.substr(1));
    const auto number = in.big_endian<std::uint32_t>();
    return in.complete() ? std::optional(number) : std::nullopt;
}

/// A row without an outcome has the status 0.
std::string encode_audit(const AuditRow& row) {
    std::string out = begin_value();
    bytes::append_varint(out, static_cast<std::uint64_t>(row.time.time_since_epoch().count()));
    for (const std::string* const text : {&row.who, &row.from, &row.operation, &row.about, &row.parameters})
        bytes::append_string(out, *text);
    bytes::append_varint(out, row.status.value_or(0));
    bytes::append_string(out, row.refusal);
    return out;
}

std::optional<AuditRow> decode_audit(std::string_view key, std::string_view value) {
    bytes::Reader in = open_value(value);
    AuditRow row;
    row.time = Timestamp(Timestamp::duration(static_cast<std::int64_t>(in.varint())));
    for (std::string* const text : {&row.who, &row.from, &row.operation, &row.about, &row.parameters})
        *text = in.string();
    const std::uint64_t status = in.varint();
    row.refusal = in.string();
    if (!in.complete() || !audit_number(key) || status > 999) return std::nullopt;
    if (status != 0) row.status = static_cast<std::uint32_t>(status);
    return row;
}

} // namespace tegami::store::record
