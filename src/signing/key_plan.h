// What is to happen to the keys of a domain, by their age and by what the DNS says. Pure.
//
// A key is made and announced; when it is seen in the DNS it signs, and the one before it of the same kind is retired.
// A retired one stays in the DNS while letters that it signed are on their way, then it is forgotten. So there is never
// a time at which letters carry signatures that nobody can check, whoever publishes the records and however late.
#pragma once

#include "base/clock.h"
#include "directory/signing_keys.h"
#include "trust/dkim/key.h"
#include "trust/dns_answers.h"

#include <array>
#include <chrono>
#include <string>
#include <vector>

namespace tegami::signing {

/// A key that has signed for so long gets a successor.
inline constexpr auto kSigningTime = std::chrono::days(180);
/// How long a retired one stays published: longer than letters wait in queues (RFC 5321 §4.5.4.1: 4 to 5 days).
inline constexpr auto kRetiredTime = std::chrono::days(14);

/// The kinds that each domain has: most receivers know only the first (RFC 8463 §6).
inline constexpr std::array kKeyTypes{dkim::KeyType::rsa, dkim::KeyType::ed25519};

struct KeyPlan {
    std::vector<dkim::KeyType> make;           ///< new keys, to be announced
    std::vector<directory::SigningKey> change; ///< as they are to be from now on
    std::vector<std::string> forget;           ///< selectors

    bool empty() const { return make.empty() && change.empty() && forget.empty(); }
};

/// Whether it is retired for so long that it is to be forgotten.
bool is_expired(const directory::SigningKey& key, Timestamp now);

/// Whether letters can be signed with it: its private key can be read. Some tenths of a millisecond.
bool is_usable(const directory::SigningKey& key);

/// The name where the record of a key is published.
dns::Name record_name(const directory::SigningKey& key);

/// `keys` are all of one domain; asks for those that are announced. `renew`: those that sign get a successor now,
/// whatever their age.
trust::Evaluation<KeyPlan> plan_keys(const std::vector<directory::SigningKey>& keys, const trust::DnsAnswers& answers,
                                     Timestamp now, bool renew = false);

} // namespace tegami::signing
