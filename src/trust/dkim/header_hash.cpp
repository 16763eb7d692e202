#include "trust/dkim/header_hash.h"

#include <algorithm>
#include <utility>

namespace tegami::dkim {

namespace {

/// Names of one size stand together: most comparisons end with it.
struct NameLess {
    bool operator()(std::string_view a, std::string_view b) const {
        return a.size() != b.size() ? a.size() < b.size() : ascii::CaseInsensitiveLess()(a, b);
    }
};

} // namespace

std::size_t HeaderEnd::feed(std::string_view octets) {
    for (std::size_t at = 0; at < octets.size() && !reached_;) {
        if (!line_is_empty_) {
            at = std::min(octets.find('\n', at), octets.size() - 1) + 1;
            line_is_empty_ = octets[at - 1] == '\n';
            continue;
        }
        const char c = octets[at++];
        if (c == '\n') {
            reached_ = true;
            return at;
        }
        // A CR may begin an empty line's end, or the line.
        line_is_empty_ = c == '\r' && !after_cr_;
        after_cr_ = line_is_empty_;
    }
    return reached_ ? 0 : octets.size();
}

std::size_t HeaderOctets::feed(std::string_view octets) {
    const std::size_t size = end_.feed(octets);
    const std::size_t room = message::kHeaderBytesMax - octets_.size();
    octets_ += octets.substr(0, std::min(size, room));
    truncated_ = truncated_ || size > room;
    return size;
}

void FieldIndex::add(const message::Header& header) {
    fields_.reserve(fields_.size() + header.fields().size());
    for (const message::HeaderField& field : header.fields())
        if (field.name_length != 0) fields_.push_back({header.name(field), header.text(field), fields_.size()});
    std::ranges::sort(fields_, [](const Field& a, const Field& b) {
        if (ascii::iequals(a.name, b.name)) return a.number < b.number;
        return NameLess()(a.name, b.name);
    });
}

std::span<const FieldIndex::Field> FieldIndex::find(std::string_view name) const {
    const auto first = std::ranges::lower_bound(fields_, name, NameLess(), &Field::name);
    return {first, std::find_if_not(first, fields_.end(),
                                    [name](const Field& field) { return ascii::iequals(field.name, name); })};
}

std::vector<std::string_view> choose_fields(const FieldIndex& index, const std::vector<std::string>& names,
                                            std::string_view own_field) {
    std::vector<std::size_t> looked_at(index.fields().size()); // by the first field of a name
    std::vector<std::string_view> fields;
    fields.reserve(index.fields().size());
    std::span<const FieldIndex::Field> same;
    const std::string* found = nullptr;
    for (const std::string& name : names) {
        // Who signs that a field comes no more names it twice, mostly one after the other.
        if (found == nullptr || name != *found) same = index.find(name);
        found = &name;
        if (same.empty()) continue;
        std::size_t& passed = looked_at[static_cast<std::size_t>(same.data() - index.fields().data())];
        const auto next = [&] { return same[same.size() - 1 - passed].text; };
        if (passed < same.size() && next().data() == own_field.data()) ++passed;
        if (passed == same.size()) continue;
        fields.push_back(next());
        ++passed;
    }
    return fields;
}

std::string header_digest(Canonicalization form, const std::vector<std::string_view>& fields,
                          std::string_view own_field, std::size_t b_begin, std::size_t b_end) {
    std::string text;
    text.reserve(4096);
    for (const std::string_view field : fields)
        append_canonical(text, form, field);
    Sha256 hash;
    hash.update(text);
    return header_digest(std::move(hash), form, own_field, b_begin, b_end);
}

std::string header_digest(Sha256 before, Canonicalization form, std::string_view own_field, std::size_t b_begin,
                          std::size_t b_end) {
    std::string without_value;
    without_value.reserve(own_field.size());
    without_value.append(own_field.substr(0, b_begin)).append(own_field.substr(b_end));
    std::string own;
    own.reserve(without_value.size() + 2);
    append_canonical(own, form, without_value);
    own.resize(own.size() - 2);
    before.update(own);
    return std::move(before).digest();
}

} // namespace tegami::dkim
