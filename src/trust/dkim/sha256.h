// SHA-256, the one hash that DKIM still has (RFC 8301 §3.1).
#pragma once

#include <memory>
#include <string>
#include <string_view>

extern "C" {
struct evp_md_ctx_st;
}

namespace tegami::dkim {

inline constexpr std::size_t kDigestBytes = 32;

class Sha256 {
public:
    Sha256();

    /// Another one in the same state.
    Sha256 copy() const;

    void update(std::string_view octets);
    /// Of what has come so far; more may follow.
    std::string digest() const&;
    /// Of all.
    std::string digest() &&;

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };

    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

} // namespace tegami::dkim
