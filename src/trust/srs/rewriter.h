// The Sender Rewriting Scheme: a letter that we pass on leaves with a reverse-path at one of our domains, so that SPF
// of its author's domain has nothing to do with us, and reports about it find their way back through us.
//
//   anna@a.test   ->  SRS0=HASH=DAY=a.test=anna@our.domain
//   SRS0=x@b.test ->  SRS1=HASH=b.test==x@our.domain   (somebody else has passed it on before)
//
// 1. Only what we wrote ourselves, in the last kValidDays days, is turned back: the hash is a keyed one, so nobody can
//    use us to send mail to addresses of their choice.
// 2. The hash and the day survive servers that change letters to lower case; the local part of the author is kept as it
//    is.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "message/address.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::srs {

/// How long a rewritten address can be turned back: longer than letters and reports about them wait in queues.
inline constexpr unsigned kValidDays = 21;

enum class Fault : std::uint8_t {
    syntax,  ///< it begins like a rewritten address, and is none
    forged,  ///< we did not write it
    expired, ///< it was good once
};

class Rewriter {
public:
    /// `secret` is the server's; `domain` is ours, for the addresses that are made.
    Rewriter(std::string_view secret, message::Domain domain);

    /// The reverse-path to send on with. Nothing if it would be longer than an address may be: then the letter keeps
    /// its own.
    std::optional<message::EmailAddress> rewrite(const message::EmailAddress& sender, Timestamp now) const;
    /// Whether the local part begins as rewritten ones do; letters of either case.
    static bool is_rewritten(const message::EmailAddress& address);
    /// Where a report to a rewritten address goes.
    Result<message::EmailAddress, Fault> restore(const message::EmailAddress& address, Timestamp now) const;

private:
    std::string hash(std::string_view text) const;
    bool is_hash(std::string_view hash, std::string_view text) const;

    std::string key_;
    message::Domain domain_;
};

} // namespace tegami::srs
