// One reading of line ends for all who read a message: every line of a stored message ends in CRLF (RFC 5322 §2.3),
// whoever brought it, so that what is said of it (its size, its lines, where its header ends) is what every protocol
// sends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tegami::message {

/// Limit: CRs in a row that may belong to one line end; of more, those before are line ends of their own.
inline constexpr std::size_t kWaitingCrMax = 8;

/// Gives the octets of a message, cut anywhere, line ends of CRLF. A bare LF and a bare CR each become one; CRs before
/// an LF are one line end with it (programs that translate line ends twice write CR CR LF). A last line gets its end.
class LineEnds {
public:
    /// These octets as they are stored. Correct ones are only looked at.
    std::string complete(std::string octets);
    /// What is left of the last line: its end, if it has none.
    std::string finish();

private:
    std::size_t waiting_cr_ = 0; ///< seen, and not given out before the octet behind them is known
    char last_ = '\n';           ///< the octet given out last
};

} // namespace tegami::message
