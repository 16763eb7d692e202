// Which emails of a segment have a term in which field, as octets: docs/formats/word_index.md.
#pragma once

#include "index/email_bits.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::index {

/// Where a term stands in an email. The numbers are stored.
enum class Field : std::uint8_t {
    from = 0,
    to = 1,
    cc = 2,
    bcc = 3,
    subject = 4,
    header = 5, ///< other fields, headers of parts, and the names of all fields
    body = 6,
};
inline constexpr std::size_t kFields = 7;

/// A set of fields, a bit each.
using FieldMask = std::uint8_t;

constexpr FieldMask mask_of(Field field) {
    return static_cast<FieldMask>(1U << static_cast<unsigned>(field));
}

inline constexpr FieldMask kAllFields = (1U << kFields) - 1;

/// The terms of a segment are in three dictionaries, so that who looks into a subject does not go through the words of all
/// bodies. The numbers are stored.
enum class Dictionary : std::uint8_t {
    head = 0,   ///< From, To, Cc, Bcc, Subject
    header = 1, ///< Field::header
    body = 2,
};
inline constexpr std::array<Dictionary, 3> kDictionaries{Dictionary::head, Dictionary::header, Dictionary::body};

constexpr FieldMask fields_of(Dictionary dictionary) {
    constexpr FieldMask kAlone = mask_of(Field::header) | mask_of(Field::body);
    if (dictionary == Dictionary::head) return kAllFields & ~kAlone;
    return mask_of(dictionary == Dictionary::header ? Field::header : Field::body);
}

/// The postings of a term in one dictionary, as octets.
struct EncodedPostings {
    Dictionary dictionary{};
    std::string_view octets;
};

/// Emails by their number in the segment, rising, of each field.
class Postings {
public:
    /// Rising numbers in each field.
    void add(std::uint32_t email, FieldMask fields);

    /// Nothing is in it.
    bool empty() const;
    void clear();

    /// Appends those of another segment, `offset` further on; only emails that `live` has, if it is given.
    void append(const Postings& others, std::uint32_t offset, const EmailBits* live);

    /// Those in the dictionary's fields; empty if there are none.
    std::string encode(Dictionary dictionary) const;
    /// Nothing if the octets are no postings of a segment with so many emails.
    static std::optional<Postings> decode(const EncodedPostings& postings, std::uint32_t emails);

    const std::vector<std::uint32_t>& of(std::size_t field) const { return emails_[field]; }

private:
    std::array<std::vector<std::uint32_t>, kFields> emails_;
};

/// Adds the emails that have the term in one of the fields to `found`, which has a place for `emails`. False if the octets
/// are no postings of such a segment.
bool add_postings(const EncodedPostings& postings, FieldMask fields, std::uint32_t emails, EmailBits& found);

/// Tells `take` the field and number of each email that has the term in one of the fields. False as above.
bool read_postings(const EncodedPostings& postings, FieldMask fields, std::uint32_t emails,
                   const std::function<void(Field, std::uint32_t)>& take);

/// Limit: octets of a term's postings in a segment of so many emails.
constexpr std::size_t postings_bytes_max(std::size_t emails) {
    return kFields * (emails / 8 + 16) + 1;
}

} // namespace tegami::index
