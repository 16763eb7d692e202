// The addresses to which reports about our domains come: local parts that every domain of ours has, and that its DNS
// records name.
#pragma once

#include <string_view>

namespace tegami::message {

inline constexpr std::string_view kDmarcReports = "dmarc-reports"; ///< RFC 9990
inline constexpr std::string_view kTlsReports = "tls-reports";     ///< RFC 8460

} // namespace tegami::message
