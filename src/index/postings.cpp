#include "index/postings.h"

#include "base/bytes.h"

#include <algorithm>

namespace tegami::index {

namespace {

/// First email and kind, then what follows it: differences, or a bitmap where that is shorter.
std::string encode_list(const std::vector<std::uint32_t>& emails) {
    std::string differences;
    for (std::size_t at = 1; at < emails.size(); ++at)
        bytes::append_varint(differences, emails[at] - emails[at - 1] - 1);
    const std::size_t bitmap_bytes = (emails.back() - emails.front() + 7) / 8;
    const bool bitmap = bitmap_bytes < differences.size();
    std::string out;
    bytes::append_varint(out, std::uint64_t{emails.front()} << 1 | (bitmap ? 1 : 0));
    if (!bitmap) return out + differences;
    const std::size_t start = out.size();
    out.resize(start + bitmap_bytes);
    for (std::size_t at = 1; at < emails.size(); ++at) {
        const std::uint32_t bit = emails[at] - emails.front() - 1;
        out[start + bit / 8] = static_cast<char>(static_cast<unsigned char>(out[start + bit / 8]) | 1U << bit % 8);
    }
    return out;
}

template <class Take>
bool read_list(std::string_view octets, std::uint32_t emails, Take take) {
    bytes::Reader in(octets);
    const std::uint64_t start = in.varint();
    std::uint64_t email = start >> 1;
    if (in.failed() || email >= emails) return false;
    take(static_cast<std::uint32_t>(email));
    if ((start & 1) != 0) {
        for (const char octet : in.rest()) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                ++email;
                if ((static_cast<unsigned char>(octet) >> bit & 1) == 0) continue;
                if (email >= emails) return false;
                take(static_cast<std::uint32_t>(email));
            }
        }
        return true;
    }
    while (!in.rest().empty()) {
        const std::uint64_t difference = in.varint();
        if (in.failed() || difference >= emails) return false;
        email += difference + 1;
        if (email >= emails) return false;
        take(static_cast<std::uint32_t>(email));
    }
    return true;
}

/// Calls `take(field, list)` for each list of a term.
template <class Take>
bool read_lists(std::string_view octets, Take take) {
    bytes::Reader in(octets);
    const auto mask = in.big_endian<std::uint8_t>();
    if (mask == 0 || (mask & ~unsigned{kAllFields}) != 0) return false;
    for (std::size_t field = 0; field < kFields; ++field) {
        if ((mask >> field & 1) == 0) continue;
        const bool last = mask >> (field + 1) == 0;
        const std::string_view list = last ? in.rest() : in.string();
        if (in.failed() || !take(field, list)) return false;
    }
    return true;
}

} // namespace

void Postings::add(std::uint32_t email, FieldMask fields) {
    for (std::size_t field = 0; field < kFields; ++field)
        if ((fields >> field & 1) != 0) emails_[field].push_back(email);
}

bool Postings::empty() const {
    return std::ranges::all_of(emails_, [](const auto& list) { return list.empty(); });
}

void Postings::clear() {
    for (auto& list : emails_)
        list.clear();
}

void Postings::append(const Postings& others, std::uint32_t offset, const EmailBits* live) {
    for (std::size_t field = 0; field < kFields; ++field)
        for (const std::uint32_t email : others.emails_[field])
            if (live == nullptr || live->contains(email + offset)) emails_[field].push_back(email + offset);
}

std::string Postings::encode() const {
    unsigned mask = 0;
    for (std::size_t field = 0; field < kFields; ++field)
        if (!emails_[field].empty()) mask |= 1U << field;
    std::string out(1, static_cast<char>(mask));
    for (std::size_t field = 0; field < kFields; ++field) {
        if (emails_[field].empty()) continue;
        const std::string list = encode_list(emails_[field]);
        if (mask >> (field + 1) == 0)
            out += list;
        else
            bytes::append_string(out, list);
    }
    return out;
}

std::optional<Postings> Postings::decode(std::string_view octets, std::uint32_t emails) {
    Postings postings;
    const bool sound = read_lists(octets, [&](std::size_t field, std::string_view list) {
        return read_list(list, emails, [&](std::uint32_t email) { postings.emails_[field].push_back(email); });
    });
    return sound ? std::optional(std::move(postings)) : std::nullopt;
}

bool add_postings(std::string_view octets, FieldMask fields, std::uint32_t emails, EmailBits& found) {
    return read_lists(octets, [&](std::size_t field, std::string_view list) {
        if ((fields >> field & 1) == 0) return true;
        return read_list(list, emails, [&](std::uint32_t email) { found.add(email); });
    });
}

} // namespace tegami::index
