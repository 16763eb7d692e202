// What authorities look for on port 80 while they check our names (http-01, RFC 8555 §8.3).
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::httpd {

/// From any thread.
class ChallengeBoard {
public:
    using Proofs = std::map<std::string, std::string, std::less<>>; ///< by their tokens

    /// These, and no others, are shown from now on.
    void show(Proofs proofs) {
        const std::lock_guard lock(guard_);
        proofs_ = std::move(proofs);
    }

    std::optional<std::string> find(std::string_view token) const {
        const std::lock_guard lock(guard_);
        const auto found = proofs_.find(token);
        return found == proofs_.end() ? std::nullopt : std::optional(found->second);
    }

private:
    mutable std::mutex guard_;
    Proofs proofs_;
};

} // namespace tegami::httpd
