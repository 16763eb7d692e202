// The hash of the header fields that a signature names (RFC 6376 §3.7 step 2), and the header they are in.
#pragma once

#include "base/ascii.h"
#include "message/header.h"
#include "trust/dkim/canonical.h"
#include "trust/dkim/sha256.h"
#include "trust/dkim/tag_list.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dkim {

/// Finds the first octet of the body in octets that come in pieces: after the first empty line, as message::Header has
/// it.
class HeaderEnd {
public:
    /// How many of the octets belong to the header, its empty line included.
    std::size_t feed(std::string_view octets);

    bool reached() const { return reached_; }

private:
    bool line_is_empty_ = true;
    bool after_cr_ = false;
    bool reached_ = false;
};

/// The header of a message that comes in pieces, so far as message::Header looks at one.
class HeaderOctets {
public:
    /// How many of the octets belong to the header, its empty line included.
    std::size_t feed(std::string_view octets);

    bool reached_end() const { return end_.reached(); }

    /// Some were left out.
    bool truncated() const { return truncated_; }

    std::string_view octets() const { return octets_; }

    /// Forgets the octets, which nobody needs any more.
    void clear() { octets_ = std::string(); }

private:
    HeaderEnd end_;
    std::string octets_;
    bool truncated_ = false;
};

/// The fields of headers by name. The headers must outlive it.
class FieldIndex {
public:
    struct Field {
        std::string_view name;
        std::string_view text;
        std::size_t number = 0; ///< of all fields, from the top
    };

    /// What is added later stands below in the message.
    void add(const message::Header& header);

    /// The fields of this name, lowest last; letters compare without case.
    std::span<const Field> find(std::string_view name) const;

    /// All fields, those of one name together.
    std::span<const Field> fields() const { return fields_; }

private:
    std::vector<Field> fields_;
};

/// The octets of the fields that `names` chooses, each time the lowest that is not chosen yet (RFC 6376 §5.4.2); a name
/// that no field is left for chooses nothing. A signature's own field is never chosen (RFC 6376 §5.4).
std::vector<std::string_view> choose_fields(const FieldIndex& index, const std::vector<std::string>& names,
                                            std::string_view own_field = {});

/// The digest of these fields, then of the signature's own field without the value of `b`, which stands at
/// [b_begin, b_end) in it.
std::string header_digest(Canonicalization form, const std::vector<std::string_view>& fields,
                          std::string_view own_field, std::size_t b_begin, std::size_t b_end);

/// The same, where `before` has all that stands before the signature's own field.
std::string header_digest(Sha256 before, Canonicalization form, std::string_view own_field, std::size_t b_begin,
                          std::size_t b_end);

} // namespace tegami::dkim
