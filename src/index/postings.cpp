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

/// Calls `take(field, list)` for each list of a term in these fields.
template <class Take>
bool read_lists(const EncodedPostings<std::string_view>& octets, FieldMask wanted, Take take) {
    if (octets.fields == 0 || (octets.fields & ~kAllFields) != 0) return false;
    const unsigned in_header = octets.fields & kHeaderFields;
    bytes::Reader in(octets.header);
    for (std::size_t field = 0; (wanted & in_header) != 0 && in_header >> field != 0; ++field) {
        if ((in_header >> field & 1) == 0) continue;
        const bool last = in_header >> (field + 1) == 0;
        const std::string_view list = last ? in.rest() : in.string();
        if (in.failed()) return false;
        if ((wanted >> field & 1) != 0 && !take(field, list)) return false;
    }
    const bool body = (octets.fields & wanted & kBodyField) != 0;
    return !body || take(static_cast<std::size_t>(Field::body), octets.body);
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

EncodedPostings<std::string> Postings::encode() const {
    EncodedPostings<std::string> out;
    for (std::size_t field = 0; field < kFields; ++field)
        if (!emails_[field].empty()) out.fields |= static_cast<FieldMask>(1U << field);
    const unsigned in_header = out.fields & kHeaderFields;
    for (std::size_t field = 0; in_header >> field != 0; ++field) {
        if (emails_[field].empty()) continue;
        const std::string list = encode_list(emails_[field]);
        if (in_header >> (field + 1) == 0)
            out.header += list;
        else
            bytes::append_string(out.header, list);
    }
    const auto& body = emails_[static_cast<std::size_t>(Field::body)];
    if (!body.empty()) out.body = encode_list(body);
    return out;
}

std::optional<Postings> Postings::decode(const EncodedPostings<std::string_view>& octets, std::uint32_t emails) {
    Postings postings;
    const bool sound = read_lists(octets, kAllFields, [&](std::size_t field, std::string_view list) {
        return read_list(list, emails, [&](std::uint32_t email) { postings.emails_[field].push_back(email); });
    });
    return sound ? std::optional(std::move(postings)) : std::nullopt;
}

bool add_postings(const EncodedPostings<std::string_view>& octets, FieldMask fields, std::uint32_t emails,
                  EmailBits& found) {
    return read_lists(octets, fields, [&](std::size_t, std::string_view list) {
        return read_list(list, emails, [&](std::uint32_t email) { found.add(email); });
    });
}

bool read_postings(const EncodedPostings<std::string_view>& octets, FieldMask fields, std::uint32_t emails,
                   const std::function<void(Field, std::uint32_t)>& take) {
    return read_lists(octets, fields, [&](std::size_t field, std::string_view list) {
        return read_list(list, emails, [&](std::uint32_t email) { take(static_cast<Field>(field), email); });
    });
}

} // namespace tegami::index
