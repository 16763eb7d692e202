#include "directory/passkey_challenges.h"

#include "directory/login_guard.h"

#include <algorithm>
#include <utility>

namespace tegami::directory {

namespace {

constexpr std::size_t kChallengeBytes = 32;

} // namespace

std::string PasskeyChallenges::give(Purpose purpose, const ClientAddress& client, Instant now) {
    std::string challenge(kChallengeBytes, '\0');
    random_.fill(challenge.data(), challenge.size());
    std::string network = network_of(client);
    const std::lock_guard lock(mutex_);
    make_room(network, now);
    entries_.push_back({.challenge = challenge,
                        .purpose = std::move(purpose),
                        .network = std::move(network),
                        .until = now + kPasskeyChallengeTime});
    return challenge;
}

bool PasskeyChallenges::take(std::string_view challenge, const Purpose& purpose, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(entries_, challenge, &Entry::challenge);
    if (found == entries_.end()) return false;
    const bool counts = now < found->until && found->purpose == purpose;
    entries_.erase(found);
    return counts;
}

void PasskeyChallenges::make_room(const std::string& network, Instant now) {
    while (!entries_.empty() && (now >= entries_.front().until || entries_.size() >= kChallengesMax))
        entries_.pop_front();
    const auto is_of = [&](const Entry& each) { return each.network == network; };
    if (static_cast<std::size_t>(std::ranges::count_if(entries_, is_of)) < kChallengesPerNetworkMax) return;
    entries_.erase(std::ranges::find_if(entries_, is_of));
}

} // namespace tegami::directory
