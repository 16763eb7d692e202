#include "transfer/item.h"

#include "base/ascii.h"
#include "base/assert.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace tegami::transfer {

namespace {

constexpr std::size_t kKeywordBytesMax = 100;
constexpr std::size_t kKeywordsMax = 100;

bool is_keyword(std::string_view text) {
    constexpr std::string_view kSpecials = R"((){%*"\])";
    return !text.empty() && text.size() <= kKeywordBytesMax && std::ranges::all_of(text, [&](char c) {
        return ascii::is_vchar(c) && kSpecials.find(c) == std::string_view::npos;
    });
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, ascii::is_control);
}

std::optional<std::int64_t> parse_seconds(std::string_view text) {
    const bool negative = text.starts_with('-');
    const auto number = ascii::parse_number<std::uint64_t>(negative ? text.substr(1) : text);
    if (!number || *number > static_cast<std::uint64_t>(kDateMax)) return std::nullopt;
    return negative ? -static_cast<std::int64_t>(*number) : static_cast<std::int64_t>(*number);
}

std::optional<Item> parse_item(std::string_view line) {
    const auto fields = ascii::split(line, '\t');
    if (fields.size() != 5) return std::nullopt;
    Item item;
    const auto bytes = ascii::parse_number<std::uint64_t>(fields[0]);
    if (!bytes || *bytes > kMessageBytesMax) return std::nullopt;
    item.bytes = *bytes;
    if (fields[1] != "-") {
        item.date = parse_seconds(fields[1]);
        if (!item.date) return std::nullopt;
    }
    for (const char letter : fields[2])
        add_letter(item.marks, letter);
    if (has_control(fields[3])) return std::nullopt;
    item.mailbox = fields[3];
    for (const std::string_view keyword : ascii::split(fields[4], ' '))
        add_keyword(item.marks, keyword);
    return item;
}

} // namespace

void add_letter(Marks& marks, char letter) {
    if (kLetters.find(letter) == std::string_view::npos || marks.letters.contains(letter)) return;
    marks.letters.insert(std::ranges::upper_bound(marks.letters, letter), letter);
}

void add_keyword(Marks& marks, std::string_view keyword) {
    const auto same = [&](const std::string& other) { return ascii::iequals(other, keyword); };
    if (is_keyword(keyword) && marks.keywords.size() < kKeywordsMax && std::ranges::none_of(marks.keywords, same))
        marks.keywords.emplace_back(keyword);
}

std::string print_item(const Item& item) {
    ASSERT(!has_control(item.mailbox));
    return fmt::format("{}\t{}\t{}\t{}\t{}\n", item.bytes, item.date ? fmt::format("{}", *item.date) : "-",
                       item.marks.letters, item.mailbox, fmt::join(item.marks.keywords, " "));
}

void ItemReader::feed(std::string octets) {
    if (buffer_.empty())
        buffer_ = std::move(octets);
    else
        buffer_ += octets;
}

ItemReader::Event ItemReader::next() {
    if (in_message_ && left_ == 0) {
        in_message_ = false;
        return End{};
    }
    if (in_message_) {
        if (buffer_.empty()) return NeedMore{};
        if (buffer_.size() <= left_) {
            left_ -= buffer_.size();
            return Octets{std::exchange(buffer_, {})};
        }
        Octets last{buffer_.substr(0, left_)};
        buffer_.erase(0, left_);
        left_ = 0;
        return last;
    }
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos && buffer_.size() <= kItemLineBytesMax) return NeedMore{};
    const auto item = end <= kItemLineBytesMax ? parse_item(std::string_view(buffer_).substr(0, end)) : std::nullopt;
    if (!item) return Malformed{};
    buffer_.erase(0, end + 1);
    in_message_ = true;
    left_ = item->bytes;
    return *item;
}

std::string fingerprint(std::uint64_t bytes, const message::Card& card) {
    const std::string named =
        card.message_id ? "i" + *card.message_id
                        : fmt::format("d{}\n{}", card.envelope.date.value_or(""), card.envelope.subject.value_or(""));
    const std::string whole = fmt::format("{}\n{}", bytes, named);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    ASSERT(EVP_Digest(whole.data(), whole.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
    return {reinterpret_cast<const char*>(digest.data()), 16};
}

} // namespace tegami::transfer
