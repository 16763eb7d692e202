#include "index/postings.h"

#include "base/bytes.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace tegami::index {

namespace {

/// How the emails of a list but the first are written. The numbers are stored.
enum class ListKind : std::uint8_t {
    differences = 0, ///< varints
    bitmap = 1,
    bits = 2, ///< Rice codes
};
constexpr unsigned kListKindBits = 2;
/// Bits of the number of low bits in front of Rice codes.
constexpr unsigned kLowBitsBits = 5;

/// Writes bits, the lowest one of an octet first.
class BitWriter {
public:
    void add(std::uint64_t bits, unsigned count) {
        waiting_ |= bits << waiting_count_;
        waiting_count_ += count;
        for (; waiting_count_ >= 8; waiting_count_ -= 8) {
            octets_ += static_cast<char>(waiting_);
            waiting_ >>= 8;
        }
    }

    /// So many ones.
    void add_ones(std::uint32_t count) {
        for (; count > 32; count -= 32)
            add(0xffffffffU, 32);
        add((std::uint64_t{1} << count) - 1, count);
    }

    /// The last octet is filled up with ones.
    std::string finish() {
        if (waiting_count_ > 0) add_ones(8 - waiting_count_);
        return std::move(octets_);
    }

private:
    std::string octets_;
    std::uint64_t waiting_ = 0; ///< fewer than 8 bits between two calls
    unsigned waiting_count_ = 0;
};

/// The low bits of Rice codes that suit gaps of this mean.
unsigned low_bits_for(std::uint64_t mean_gap) {
    // A mean of m is best served by low bits for about 0.7 m.
    const std::uint64_t suited = mean_gap * 7 / 10;
    return suited == 0 ? 0 : static_cast<unsigned>(std::bit_width(suited)) - 1;
}

/// Each gap as its high part in ones, a zero, and its low bits.
std::string encode_bits(const std::vector<std::uint32_t>& emails) {
    const std::uint64_t gaps = emails.back() - emails.front() - (emails.size() - 1);
    const unsigned low = low_bits_for(gaps / (emails.size() - 1));
    BitWriter out;
    out.add(low, kLowBitsBits);
    for (std::size_t at = 1; at < emails.size(); ++at) {
        const std::uint32_t gap = emails[at] - emails[at - 1] - 1;
        out.add_ones(gap >> low);
        out.add(std::uint64_t{gap & ((std::uint32_t{1} << low) - 1)} << 1, low + 1);
    }
    return out.finish();
}

std::string encode_bitmap(const std::vector<std::uint32_t>& emails) {
    std::string out((emails.back() - emails.front() + 7) / 8, '\0');
    for (std::size_t at = 1; at < emails.size(); ++at) {
        const std::uint32_t bit = emails[at] - emails.front() - 1;
        out[bit / 8] = static_cast<char>(static_cast<unsigned char>(out[bit / 8]) | 1U << bit % 8);
    }
    return out;
}

/// First email and kind, then what follows it, in the shortest way.
std::string encode_list(const std::vector<std::uint32_t>& emails) {
    ListKind kind = ListKind::differences;
    std::string rest;
    if (emails.size() > 1) {
        for (std::size_t at = 1; at < emails.size(); ++at)
            bytes::append_varint(rest, emails[at] - emails[at - 1] - 1);
        if ((emails.back() - emails.front() + 7) / 8 < rest.size()) {
            kind = ListKind::bitmap;
            rest = encode_bitmap(emails);
        }
        if (std::string bits = encode_bits(emails); bits.size() < rest.size()) {
            kind = ListKind::bits;
            rest = std::move(bits);
        }
    }
    std::string out;
    bytes::append_varint(out, std::uint64_t{emails.front()} << kListKindBits | static_cast<unsigned>(kind));
    return out + rest;
}

/// Reads what BitWriter wrote.
class BitReader {
public:
    explicit BitReader(std::string_view octets) : octets_(octets) {}

    /// Nothing is left but ones.
    bool at_end() const { return ended_; }

    /// The end came within a code.
    bool is_cut() const { return cut_; }

    /// `count` is at most 32. Zeros behind the end.
    std::uint32_t take(unsigned count) {
        if (count_ < count) fill();
        if (count_ < count) ended_ = true;
        const auto bits = static_cast<std::uint32_t>(bits_ & ((std::uint64_t{1} << count) - 1));
        drop(std::min(count, count_));
        return bits;
    }

    /// Ones up to a zero, counted, and so many low bits behind them. `low` is at most 32.
    std::uint64_t take_code(unsigned low) {
        if (count_ <= kFewBits) fill();
        const auto ones = static_cast<unsigned>(std::countr_one(bits_));
        const unsigned length = ones + 1 + low;
        if (length <= count_ && length < 64) { // nearly always
            const std::uint64_t rest = bits_ >> (ones + 1) & ((std::uint64_t{1} << low) - 1);
            drop(length);
            return (std::uint64_t{ones} << low) + rest;
        }
        const std::uint64_t ones_in_all = take_ones();
        if (ended_) return 0;
        const std::uint32_t rest = take(low);
        cut_ = ended_;
        return (ones_in_all << low) + rest;
    }

private:
    /// Ones up to a zero.
    std::uint64_t take_ones() {
        std::uint64_t ones = 0;
        for (;;) {
            if (count_ <= kFewBits) fill();
            const auto next = std::min(static_cast<unsigned>(std::countr_one(bits_)), count_);
            ones += next;
            if (next < count_) {
                drop(next + 1);
                return ones;
            }
            drop(next);
            if (octets_.empty()) break;
        }
        ended_ = true;
        return ones;
    }

    void fill() {
        if (octets_.size() >= sizeof(std::uint64_t)) {
            // Bits beyond `count_` are those of the octets that come next, and are set again with these.
            std::uint64_t next = 0;
            for (std::size_t at = 0; at < sizeof next; ++at)
                next |= std::uint64_t{static_cast<unsigned char>(octets_[at])} << 8 * at;
            bits_ |= next << count_;
            const unsigned whole = (64 - count_) / 8;
            octets_.remove_prefix(whole);
            count_ += 8 * whole;
            return;
        }
        while (count_ <= 56 && !octets_.empty()) {
            bits_ |= std::uint64_t{static_cast<unsigned char>(octets_.front())} << count_;
            octets_.remove_prefix(1);
            count_ += 8;
        }
    }

    void drop(unsigned count) {
        bits_ = count == 64 ? 0 : bits_ >> count;
        count_ -= count;
    }

    static constexpr unsigned kFewBits = 32;

    std::string_view octets_;
    std::uint64_t bits_ = 0;
    unsigned count_ = 0; ///< of these
    bool ended_ = false;
    bool cut_ = false;
};

/// Takes emails one by one, or those that `bits` has from `first` on.
struct IntoBits {
    EmailBits* found;

    void operator()(std::uint32_t email) const { found->add(email); }

    void many(std::uint32_t first, std::uint64_t bits) const { found->add_word(first, bits); }
};

template <class Take>
bool read_bitmap(std::string_view octets, std::uint64_t first, std::uint32_t emails, Take take) {
    for (std::uint64_t start = first + 1; !octets.empty(); start += 64) {
        const std::string_view some = octets.substr(0, sizeof(std::uint64_t));
        std::uint64_t bits = 0;
        for (std::size_t at = 0; at < some.size(); ++at)
            bits |= std::uint64_t{static_cast<unsigned char>(some[at])} << 8 * at;
        octets.remove_prefix(some.size());
        if (bits == 0) continue;
        if (start + static_cast<std::uint64_t>(std::bit_width(bits)) > emails) return false;
        if constexpr (requires { take.many(std::uint32_t{}, bits); }) {
            take.many(static_cast<std::uint32_t>(start), bits);
        } else {
            for (; bits != 0; bits &= bits - 1)
                take(static_cast<std::uint32_t>(start) + static_cast<std::uint32_t>(std::countr_zero(bits)));
        }
    }
    return true;
}

template <class Take>
bool read_bits(std::string_view octets, std::uint64_t first, std::uint32_t emails, Take take) {
    BitReader in(octets);
    const unsigned low = in.take(kLowBitsBits);
    std::uint64_t email = first;
    for (;;) {
        // No more than eight times the octets of ones in front of 31 bits: the sum fits.
        const std::uint64_t gap = in.take_code(low);
        if (in.at_end()) return !in.is_cut();
        email += gap + 1;
        if (email >= emails) return false;
        take(static_cast<std::uint32_t>(email));
    }
}

template <class Take>
bool read_differences(bytes::Reader& in, std::uint64_t first, std::uint32_t emails, Take take) {
    std::uint64_t email = first;
    while (!in.rest().empty()) {
        const std::uint64_t difference = in.varint();
        if (in.failed() || difference >= emails) return false;
        email += difference + 1;
        if (email >= emails) return false;
        take(static_cast<std::uint32_t>(email));
    }
    return true;
}

template <class Take>
bool read_list(std::string_view octets, std::uint32_t emails, Take take) {
    bytes::Reader in(octets);
    const std::uint64_t start = in.varint();
    const std::uint64_t first = start >> kListKindBits;
    if (in.failed() || first >= emails) return false;
    take(static_cast<std::uint32_t>(first));
    switch (start & ((1U << kListKindBits) - 1)) {
    case static_cast<unsigned>(ListKind::differences): return read_differences(in, first, emails, take);
    case static_cast<unsigned>(ListKind::bitmap): return read_bitmap(in.rest(), first, emails, take);
    case static_cast<unsigned>(ListKind::bits): return read_bits(in.rest(), first, emails, take);
    default: return false;
    }
}

/// Passes the lists of those fields that are wanted. False if the octets do not hold what they should, or `take` says so.
template <class Take>
bool read_lists(const EncodedPostings& postings, FieldMask wanted, Take take) {
    if (postings.dictionary == Dictionary::header)
        return (wanted & mask_of(Field::header)) == 0 || take(std::size_t{5}, postings.octets);
    if (postings.dictionary == Dictionary::body)
        return (wanted & mask_of(Field::body)) == 0 || take(std::size_t{6}, postings.octets);
    bytes::Reader in(postings.octets);
    const unsigned fields = in.big_endian<std::uint8_t>();
    if (fields == 0 || (fields & ~unsigned{fields_of(Dictionary::head)}) != 0) return false;
    for (std::size_t field = 0; fields >> field != 0; ++field) {
        if ((fields >> field & 1) == 0) continue;
        const bool last = fields >> (field + 1) == 0;
        const std::string_view list = last ? in.rest() : in.string();
        if (in.failed()) return false;
        if ((wanted >> field & 1) != 0 && !take(field, list)) return false;
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

std::string Postings::encode(Dictionary dictionary) const {
    if (dictionary != Dictionary::head) {
        const auto& emails =
            emails_[static_cast<std::size_t>(dictionary == Dictionary::header ? Field::header : Field::body)];
        return emails.empty() ? std::string() : encode_list(emails);
    }
    unsigned fields = 0;
    for (std::size_t field = 0; field < kFields; ++field)
        if (!emails_[field].empty()) fields |= 1U << field;
    fields &= fields_of(dictionary);
    if (fields == 0) return {};
    std::string out(1, static_cast<char>(fields));
    for (std::size_t field = 0; fields >> field != 0; ++field) {
        if ((fields >> field & 1) == 0) continue;
        const std::string list = encode_list(emails_[field]);
        if (fields >> (field + 1) == 0)
            out += list;
        else
            bytes::append_string(out, list);
    }
    return out;
}

std::optional<Postings> Postings::decode(const EncodedPostings& postings, std::uint32_t emails) {
    Postings decoded;
    const bool sound = read_lists(postings, kAllFields, [&](std::size_t field, std::string_view list) {
        return read_list(list, emails, [&](std::uint32_t email) { decoded.emails_[field].push_back(email); });
    });
    return sound ? std::optional(std::move(decoded)) : std::nullopt;
}

bool add_postings(const EncodedPostings& postings, FieldMask fields, std::uint32_t emails, EmailBits& found) {
    return read_lists(postings, fields,
                      [&](std::size_t, std::string_view list) { return read_list(list, emails, IntoBits{&found}); });
}

bool read_postings(const EncodedPostings& postings, FieldMask fields, std::uint32_t emails,
                   const std::function<void(Field, std::uint32_t)>& take) {
    return read_lists(postings, fields, [&](std::size_t field, std::string_view list) {
        return read_list(list, emails, [&](std::uint32_t email) { take(static_cast<Field>(field), email); });
    });
}

} // namespace tegami::index
