// Text in XML. Private to this room.
#pragma once

#include <string>
#include <string_view>

namespace tegami::discovery {

/// The text as content of an element (XML 1.0 §2.4). What no document of XML may have (§2.2), and what is no UTF-8,
/// becomes U+FFFD.
std::string xml_text(std::string_view text);

} // namespace tegami::discovery
