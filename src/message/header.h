// Header fields as offsets into a buffer (RFC 5322 §2.2), found without changing an octet, so that what was signed
// and what is shown stay the same bytes.
//
// 1. Scanning never fails and takes linear time. It takes CRLF and bare LF; a line without a colon and an mbox
//    "From " line become fields with an empty name, so nothing is lost when fields are copied.
// 2. The header ends after the first empty line, or at the end of the octets.
// 3. Beyond a limit no more fields are recorded, but the header's size stays exact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Limit: octets of one message header that are looked at.
inline constexpr std::size_t kHeaderBytesMax = 512 * 1024;
/// Limit: fields of one header that are recorded.
inline constexpr std::size_t kHeaderFieldsMax = 5'000;

/// One field: name, colon, value and line end, folded lines included. Offsets count from the start of the buffer.
struct HeaderField {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;       ///< with the final line end
    std::uint32_t name_length = 0;  ///< the name starts at `offset`; 0 for a line that is no field
    std::uint32_t value_offset = 0; ///< after the colon
    std::uint32_t value_length = 0; ///< without the final line end

    bool operator==(const HeaderField&) const = default;
};

/// The fields of a header, with the octets they lie in. The octets must outlive it.
class Header {
public:
    Header() = default;
    /// Scans from the start of `message` to the end of its header.
    explicit Header(std::string_view message);

    /// Puts a recorded index back over the octets it was made from.
    Header(std::string_view message, std::vector<HeaderField> fields, std::size_t size)
        : bytes_(message), fields_(std::move(fields)), size_(size) {}

    const std::vector<HeaderField>& fields() const { return fields_; }

    std::vector<HeaderField> take_fields() && { return std::move(fields_); }

    /// Octets up to and including the empty line.
    std::size_t size() const { return size_; }

    /// True if an empty line ended the header; false if the octets ran out first.
    bool has_end() const { return has_end_; }

    /// True if fields were left out because of a limit.
    bool truncated() const { return truncated_; }

    std::string_view name(const HeaderField& field) const { return bytes_.substr(field.offset, field.name_length); }

    /// The field as it stands, with name and line ends.
    std::string_view text(const HeaderField& field) const { return bytes_.substr(field.offset, field.length); }

    /// The value as it stands, folded, with the space after the colon.
    std::string_view raw_value(const HeaderField& field) const {
        return bytes_.substr(field.value_offset, field.value_length);
    }

    /// The value unfolded and trimmed.
    std::string value(const HeaderField& field) const;

    /// The first field of that name (letters compare without case), or nullptr.
    const HeaderField* find(std::string_view name) const;

    bool contains(std::string_view name) const { return find(name) != nullptr; }

    /// All fields of that name in order.
    std::vector<const HeaderField*> find_all(std::string_view name) const;

    /// The unfolded value of the first field of that name.
    std::optional<std::string> value(std::string_view name) const;

private:
    std::string_view bytes_;
    std::vector<HeaderField> fields_;
    std::size_t size_ = 0;
    bool has_end_ = false;
    bool truncated_ = false;
};

/// Removes line ends that are followed by space (RFC 5322 §2.2.3) and stray CR, LF; trims both ends.
std::string unfold(std::string_view raw_value);

/// True if the text may be the name of a field: printable ASCII but no colon (RFC 5322 §2.2).
bool is_field_name(std::string_view text);

} // namespace tegami::message
