#include "protocol/dns/record.h"

#include "base/ascii.h"
#include "base/bytes.h"
#include "protocol/dns/wire_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace tegami::dns {

namespace {

/// Limit: RFC 1035 §3.3, a character-string with its length octet.
constexpr std::size_t kCharacterStringBytesMax = 255;

/// Limit: RFC 1035 §3.2.1, RDLENGTH has 16 bits.
constexpr std::size_t kRdataBytesMax = 65535;

constexpr std::array<std::pair<std::string_view, Type>, 9> kTypes = {{{"A", Type::a},
                                                                      {"NS", Type::ns},
                                                                      {"CNAME", Type::cname},
                                                                      {"PTR", Type::ptr},
                                                                      {"MX", Type::mx},
                                                                      {"TXT", Type::txt},
                                                                      {"AAAA", Type::aaaa},
                                                                      {"SRV", Type::srv},
                                                                      {"TLSA", Type::tlsa}}};

std::optional<Data> decode_a(WireReader& reader) {
    IpAddress::V4Octets octets{};
    const std::string_view taken = reader.take(octets.size());
    std::ranges::copy(taken, octets.begin());
    return AddressData{IpAddress::v4(octets)};
}

std::optional<Data> decode_aaaa(WireReader& reader) {
    IpAddress::V6Octets octets{};
    const std::string_view taken = reader.take(octets.size());
    std::ranges::copy(taken, octets.begin());
    return AddressData{IpAddress::v6(octets)};
}

std::optional<Data> decode_txt(WireReader& reader) {
    TxtData txt;
    while (!reader.at_end()) {
        const std::size_t size = reader.number<std::uint8_t>();
        txt.strings.emplace_back(reader.take(size));
    }
    // RFC 1035 §3.3.14: one or more.
    if (txt.strings.empty()) return std::nullopt;
    return txt;
}

std::optional<Data> decode_mx(WireReader& reader) {
    MxData mx;
    mx.preference = reader.number<std::uint16_t>();
    mx.exchange = reader.name();
    return mx;
}

std::optional<Data> decode_srv(WireReader& reader) {
    SrvData srv;
    srv.priority = reader.number<std::uint16_t>();
    srv.weight = reader.number<std::uint16_t>();
    srv.port = reader.number<std::uint16_t>();
    srv.target = reader.name();
    return srv;
}

std::optional<Data> decode_tlsa(WireReader& reader) {
    TlsaData tlsa;
    tlsa.usage = reader.number<std::uint8_t>();
    tlsa.selector = reader.number<std::uint8_t>();
    tlsa.matching = reader.number<std::uint8_t>();
    tlsa.association = reader.take(reader.remaining());
    return tlsa;
}

std::optional<Data> decode(Type type, WireReader& reader) {
    switch (type) {
    case Type::a: return decode_a(reader);
    case Type::aaaa: return decode_aaaa(reader);
    case Type::ns:
    case Type::cname:
    case Type::ptr: return NameData{reader.name()};
    case Type::mx: return decode_mx(reader);
    case Type::txt: return decode_txt(reader);
    case Type::srv: return decode_srv(reader);
    case Type::tlsa: return decode_tlsa(reader);
    }
    return UnknownData{std::string(reader.take(reader.remaining()))};
}

struct Encoder {
    std::string operator()(const AddressData& data) const { return std::string(data.address.octets()); }

    std::string operator()(const NameData& data) const { return data.name.wire(); }

    std::string operator()(const MxData& data) const {
        std::string out;
        bytes::append_big_endian(out, data.preference);
        return out + data.exchange.wire();
    }

    std::string operator()(const TxtData& data) const {
        std::string out;
        for (const std::string& text : data.strings) {
            const std::string_view kept = std::string_view(text).substr(0, kCharacterStringBytesMax);
            out += static_cast<char>(kept.size());
            out += kept;
        }
        return out;
    }

    std::string operator()(const SrvData& data) const {
        std::string out;
        bytes::append_big_endian(out, data.priority);
        bytes::append_big_endian(out, data.weight);
        bytes::append_big_endian(out, data.port);
        return out + data.target.wire();
    }

    std::string operator()(const TlsaData& data) const {
        std::string out = {static_cast<char>(data.usage), static_cast<char>(data.selector),
                           static_cast<char>(data.matching)};
        return out + data.association;
    }

    std::string operator()(const UnknownData& data) const { return data.octets; }
};

std::string hex(std::string_view octets) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char octet : octets) {
        text += kDigits[static_cast<unsigned char>(octet) >> 4];
        text += kDigits[static_cast<unsigned char>(octet) & 15];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string octets;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = ascii::hex_value(text[i]);
        const int low = ascii::hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        octets += static_cast<char>(high * 16 + low);
    }
    return octets;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char octet : text) {
        if (octet == '"' || octet == '\\') {
            out += '\\';
            out += octet;
        } else if (ascii::is_vchar(octet) || octet == ' ') {
            out += octet;
        } else {
            const std::string number = std::to_string(static_cast<unsigned char>(octet));
            out += '\\' + std::string(3 - number.size(), '0') + number;
        }
    }
    return out + '"';
}

struct Printer {
    std::string operator()(const AddressData& data) const { return data.address.to_string(); }

    std::string operator()(const NameData& data) const { return data.name.to_string(); }

    std::string operator()(const MxData& data) const {
        return std::to_string(data.preference) + " " + data.exchange.to_string();
    }

    std::string operator()(const TxtData& data) const {
        std::string out;
        for (const std::string& text : data.strings)
            out += (out.empty() ? "" : " ") + quoted(text);
        return out;
    }

    std::string operator()(const SrvData& data) const {
        return std::to_string(data.priority) + " " + std::to_string(data.weight) + " " + std::to_string(data.port) +
               " " + data.target.to_string();
    }

    std::string operator()(const TlsaData& data) const {
        return std::to_string(data.usage) + " " + std::to_string(data.selector) + " " + std::to_string(data.matching) +
               " " + hex(data.association);
    }

    /// RFC 3597 §5
    std::string operator()(const UnknownData& data) const {
        return "\\# " + std::to_string(data.octets.size()) + (data.octets.empty() ? "" : " ") + hex(data.octets);
    }
};

/// One word of a zone file, quoted or not, with escapes undone if it was quoted.
std::optional<std::string> take_word(std::string_view& text) {
    while (!text.empty() && ascii::is_wsp(text.front()))
        text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    std::string word;
    if (text.front() != '"') {
        const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
        word = text.substr(0, end);
        text.remove_prefix(end);
        return word;
    }
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '"') {
        const auto octet = take_character(text);
        if (!octet) return std::nullopt;
        word += octet->octet;
    }
    if (text.empty()) return std::nullopt;
    text.remove_prefix(1);
    return word;
}

template <std::unsigned_integral T>
std::optional<T> take_number(std::string_view& text) {
    const auto word = take_word(text);
    return word ? ascii::parse_number<T>(*word) : std::nullopt;
}

std::optional<Name> take_name(std::string_view& text) {
    const auto word = take_word(text);
    return word ? Name::parse(*word) : std::nullopt;
}

std::optional<Data> take_address(std::string_view& text, bool v6) {
    const auto word = take_word(text);
    const auto address = word ? IpAddress::parse(*word) : std::nullopt;
    if (!address || address->is_v6() != v6) return std::nullopt;
    return AddressData{*address};
}

std::optional<Data> take_txt(std::string_view& text) {
    TxtData txt;
    while (!ascii::trim(text).empty()) {
        auto word = take_word(text);
        if (!word || word->size() > kCharacterStringBytesMax) return std::nullopt;
        txt.strings.push_back(std::move(*word));
    }
    if (txt.strings.empty()) return std::nullopt;
    return txt;
}

std::optional<Data> take_mx(std::string_view& text) {
    const auto preference = take_number<std::uint16_t>(text);
    const auto exchange = take_name(text);
    if (!preference || !exchange) return std::nullopt;
    return MxData{*preference, *exchange};
}

std::optional<Data> take_srv(std::string_view& text) {
    const auto priority = take_number<std::uint16_t>(text);
    const auto weight = take_number<std::uint16_t>(text);
    const auto port = take_number<std::uint16_t>(text);
    const auto target = take_name(text);
    if (!priority || !weight || !port || !target) return std::nullopt;
    return SrvData{*priority, *weight, *port, *target};
}

std::optional<Data> take_tlsa(std::string_view& text) {
    const auto usage = take_number<std::uint8_t>(text);
    const auto selector = take_number<std::uint8_t>(text);
    const auto matching = take_number<std::uint8_t>(text);
    const auto digits = take_word(text);
    const auto association = digits ? from_hex(*digits) : std::nullopt;
    if (!usage || !selector || !matching || !association) return std::nullopt;
    return TlsaData{*usage, *selector, *matching, *association};
}

std::optional<Data> take_rdata(Type type, std::string_view& text) {
    switch (type) {
    case Type::a: return take_address(text, false);
    case Type::aaaa: return take_address(text, true);
    case Type::ns:
    case Type::cname:
    case Type::ptr: {
        const auto name = take_name(text);
        if (!name) return std::nullopt;
        return NameData{*name};
    }
    case Type::mx: return take_mx(text);
    case Type::txt: return take_txt(text);
    case Type::srv: return take_srv(text);
    case Type::tlsa: return take_tlsa(text);
    }
    return std::nullopt;
}

} // namespace

std::string to_string(Type type) {
    for (const auto& [name, known] : kTypes)
        if (known == type) return std::string(name);
    return "TYPE" + std::to_string(static_cast<std::uint16_t>(type));
}

std::optional<Type> parse_type(std::string_view text) {
    for (const auto& [name, known] : kTypes)
        if (ascii::iequals(name, text)) return known;
    return std::nullopt;
}

std::string TxtData::joined() const {
    std::string all;
    for (const std::string& text : strings)
        all += text;
    return all;
}

std::optional<Data> decode_rdata(Type type, std::string_view octets) {
    return decode_rdata(type, octets, 0, octets.size());
}

std::optional<Data> decode_rdata(Type type, std::string_view message, std::size_t offset, std::size_t size) {
    if (offset > message.size() || size > message.size() - offset || size > kRdataBytesMax) return std::nullopt;
    WireReader reader(message, offset, offset + size);
    auto data = decode(type, reader);
    if (reader.failed() || !reader.at_end()) return std::nullopt;
    return data;
}

std::string encode_rdata(const Data& data) {
    return std::visit(Encoder{}, data);
}

std::optional<Data> parse_rdata(Type type, std::string_view text) {
    if (text.size() > kRdataBytesMax * 4) return std::nullopt;
    auto data = take_rdata(type, text);
    if (!ascii::trim(text).empty()) return std::nullopt;
    return data;
}

std::string to_string(const Data& data) {
    return std::visit(Printer{}, data);
}

std::vector<MxData> in_order_of_preference(const std::vector<Record>& records, RandomSource& random) {
    std::vector<MxData> exchangers;
    for (const Record& record : records)
        if (const auto* const mx = std::get_if<MxData>(&record.data)) exchangers.push_back(*mx);
    for (std::size_t i = exchangers.size(); i > 1; --i)
        std::swap(exchangers[i - 1], exchangers[random.below(i)]);
    std::ranges::sort(exchangers, {}, &MxData::preference);
    return exchangers;
}

bool is_null_mx(const std::vector<Record>& records) {
    std::size_t exchangers = 0;
    bool root = false;
    for (const Record& record : records) {
        const auto* const mx = std::get_if<MxData>(&record.data);
        if (mx == nullptr) continue;
        ++exchangers;
        root = mx->exchange.is_root();
    }
    return exchangers == 1 && root;
}

} // namespace tegami::dns
