// A text as a QR code (ISO/IEC 18004) in lines of characters, for a phone that looks at the terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

/// Two rows of the code in each line, light on the terminal's dark: what is light is drawn. Empty if the text is longer
/// than a code can hold (some 2,900 octets).
std::vector<std::string> qr_lines(std::string_view text);

} // namespace tegami::app
