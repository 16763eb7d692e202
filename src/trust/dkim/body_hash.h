// The hashes of one body (RFC 6376 §3.7 step 1), of as many signatures as there are, in one pass.
//
// Each canonical form is hashed once: the hash of its first N octets (`l=`) is taken as it goes by, so further
// signatures cost a copy of the hash's state and no second pass.
#pragma once

#include "trust/dkim/canonical.h"
#include "trust/dkim/sha256.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dkim {

/// What a signature says of the body.
struct BodyScope {
    Canonicalization form = Canonicalization::simple;
    std::optional<std::uint64_t> length; ///< canonical octets from the start (`l=`); without: all

    bool operator==(const BodyScope&) const = default;
};

struct BodyHash {
    std::string digest;         ///< empty if the body is shorter than the scope
    std::uint64_t left_out = 0; ///< canonical octets behind the scope
};

class BodyHasher {
public:
    /// Knows these scopes when it has finished.
    explicit BodyHasher(const std::vector<BodyScope>& scopes);

    void feed(std::string_view octets);
    void finish();

    /// After finish(), of a scope that was given.
    BodyHash find(const BodyScope& scope) const;

private:
    struct Mark {
        std::uint64_t length;
        std::string digest;
    };

    struct Form {
        explicit Form(Canonicalization form) : canonical(form) {}

        void take(std::string_view octets);

        CanonicalBody canonical;
        Sha256 hash;
        std::uint64_t size = 0;
        std::vector<Mark> marks; ///< shortest first
        std::size_t passed = 0;  ///< marks that have their digest
        std::string whole;
    };

    std::array<std::optional<Form>, 2> forms_; ///< those that somebody wants
};

} // namespace tegami::dkim
