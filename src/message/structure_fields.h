// What the structure machine takes from the header of a part, and what it costs to keep. Only structure.cpp uses it.
#pragma once

#include "message/structure.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace tegami::message {

/// Fills the part's type, encoding and other MIME values from its header. `digest_part`: without a Content-Type it is
/// a message (RFC 2046 §5.1.5). Container kinds are set by type alone; the machine takes them back where it must.
void read_part_fields(const Header& header, bool digest_part, Part& part);

/// The boundary of a multipart, or empty if there is none that could be found.
std::string boundary_of(const ContentType& content_type);

/// Makes the part a leaf of another type without parameters.
void present_as(Part& part, std::string_view type, std::string_view subtype);

/// About how much memory the part's values take.
std::size_t kept_bytes(const Part& part);

/// Drops all values but type and encoding.
void drop_values(Part& part);

} // namespace tegami::message
