// When an authority would have a certificate renewed (ARI, RFC 9773), and when it is renewed otherwise.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::acme {

struct RenewalWindow {
    Timestamp start;
    Timestamp end; ///< after `start`

    bool operator==(const RenewalWindow&) const = default;
};

/// Of an answer of the authority. The error is a few words.
Result<RenewalWindow, std::string> parse_renewal_info(std::string_view body);

/// Any moment of it with the same chance (RFC 9773 §4.2).
Timestamp moment_in(const RenewalWindow& window, RandomSource& random);

/// When a third of a certificate's life is left.
Timestamp usual_renewal(Timestamp not_before, Timestamp not_after);

/// A date and time of RFC 3339 §5.6.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// RFC 9110 §10.2.3: seconds, or a date. Not less than nothing and not more than a day; nothing if it is neither.
std::optional<Duration> parse_retry_after(std::string_view text, Timestamp now);

} // namespace tegami::acme
