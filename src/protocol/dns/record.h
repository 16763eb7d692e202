// Resource records, typed, decoded from their wire form. Every length and count a server can send is checked; what
// does not decode is left out by the caller, never guessed.
#pragma once

#include "base/ip_address.h"
#include "base/random.h"
#include "protocol/dns/name.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::dns {

enum class Type : std::uint16_t {
    a = 1,
    ns = 2,
    cname = 5,
    ptr = 12,
    mx = 15,
    txt = 16,
    aaaa = 28,
    srv = 33,
    tlsa = 52
};

/// "MX"; "TYPE65" for one not listed.
std::string to_string(Type type);
std::optional<Type> parse_type(std::string_view text);

/// A and AAAA.
struct AddressData {
    IpAddress address;
    bool operator==(const AddressData&) const = default;
};

/// CNAME, PTR and NS.
struct NameData {
    Name name;
    bool operator==(const NameData&) const = default;
};

struct MxData {
    std::uint16_t preference = 0;
    Name exchange;
    bool operator==(const MxData&) const = default;
};

struct TxtData {
    std::vector<std::string> strings;
    /// The strings joined without anything between, as SPF and DKIM read them (RFC 7208 §3.3).
    std::string joined() const;
    bool operator==(const TxtData&) const = default;
};

struct SrvData {
    std::uint16_t priority = 0;
    std::uint16_t weight = 0;
    std::uint16_t port = 0;
    Name target;
    bool operator==(const SrvData&) const = default;
};

struct TlsaData {
    std::uint8_t usage = 0;
    std::uint8_t selector = 0;
    std::uint8_t matching = 0;
    std::string association; ///< octets
    bool operator==(const TlsaData&) const = default;
};

/// The rdata of a type that nobody here reads.
struct UnknownData {
    std::string octets;
    bool operator==(const UnknownData&) const = default;
};

using Data = std::variant<AddressData, NameData, MxData, TxtData, SrvData, TlsaData, UnknownData>;

struct Record {
    Name name;
    Type type = Type::a;
    std::uint32_t ttl_seconds = 0;
    Data data;
    bool operator==(const Record&) const = default;
};

/// Decodes rdata that stands alone, its names uncompressed. Nothing if it is malformed.
std::optional<Data> decode_rdata(Type type, std::string_view octets);
/// Decodes rdata that is the `size` octets at `offset` of `message`, where names may be compressed (RFC 1035 §4.1.4).
std::optional<Data> decode_rdata(Type type, std::string_view message, std::size_t offset, std::size_t size);
/// The uncompressed wire form.
std::string encode_rdata(const Data& data);

/// Rdata in the form of a zone file: "10 mail.b.test", "\"v=spf1 -all\"". Nothing if it is not such.
std::optional<Data> parse_rdata(Type type, std::string_view text);
/// The same form, safe to show.
std::string to_string(const Data& data);

/// The mail exchangers in the order in which to try them: lowest preference first, random among equals so that equal
/// ones share the load (RFC 5321 §5.1). Records of other types are left out.
std::vector<MxData> in_order_of_preference(const std::vector<Record>& records, RandomSource& random);

/// Whether the records say that the domain takes no mail: one MX whose exchange is the root (RFC 7505 §3).
bool is_null_mx(const std::vector<Record>& records);

} // namespace tegami::dns
