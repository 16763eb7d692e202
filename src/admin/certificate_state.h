// How it is with a certificate of the server, for who asks.
#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::admin {

struct CertificateState {
    std::string name;               ///< what it is called
    std::vector<std::string> names; ///< that it is for
    std::optional<Timestamp> not_before;
    std::optional<Timestamp> not_after; ///< nothing: there is none yet
    std::string origin;                 ///< where it is from, in words
    std::optional<Timestamp> renewal;   ///< when the server renews it by itself, if it does
    std::string problem;                ///< why that failed; empty: it did not
    std::optional<Timestamp> next_try;  ///< after that
};

} // namespace tegami::admin
