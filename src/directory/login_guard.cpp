#include "directory/login_guard.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cmath>

namespace tegami::directory {

namespace {

/// What one client has to itself: an IPv4 address, or the /64 of an IPv6 address (RFC 6177 §2).
std::string network_key(std::string_view address) {
    boost::system::error_code error;
    const auto ip = boost::asio::ip::make_address(std::string(address), error);
    if (error || !ip.is_v6()) return std::string(address);
    const auto v6 = ip.to_v6();
    if (v6.is_v4_mapped()) return make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
    const auto octets = v6.to_bytes();
    return std::string(octets.begin(), octets.begin() + 8);
}

std::string pair_key(std::string_view address, std::string_view login) {
    return network_key(address) + '\0' + std::string(login);
}

/// `first` doubled `steps` times, but not more than `longest`.
Duration doubled(Duration first, double steps, Duration longest) {
    const double factor = std::exp2(std::clamp(steps, 0.0, 40.0));
    const double ticks = static_cast<double>(first.count()) * factor;
    return ticks >= static_cast<double>(longest.count()) ? longest : Duration(static_cast<Duration::rep>(ticks));
}

} // namespace

LoginGuard::Entry& LoginGuard::touch(Table& table, const std::string& key, Instant now) {
    const auto [found, added] = table.entries.try_emplace(key);
    Entry& entry = found->second;
    if (added) {
        table.by_age.push_front(key);
        entry.age = table.by_age.begin();
        if (table.entries.size() > policy_.entries_max) {
            table.entries.erase(table.by_age.back());
            table.by_age.pop_back();
        }
    } else {
        table.by_age.splice(table.by_age.begin(), table.by_age, entry.age);
        const double half_lives = std::chrono::duration<double>(now - entry.touched) / policy_.half_life;
        entry.failures *= std::exp2(-std::max(half_lives, 0.0));
    }
    entry.touched = now;
    return entry;
}

std::optional<Duration> LoginGuard::refused(std::string_view address, std::string_view login, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto pause = [now](const Table& table, const std::string& key) {
        const auto found = table.entries.find(key);
        return found == table.entries.end() ? Duration{} : std::max(found->second.paused_until - now, Duration{});
    };
    const std::string pair = pair_key(address, login);
    const auto trusted = known_good_.entries.find(pair);
    const Duration wait = trusted != known_good_.entries.end() && now - trusted->second.good_since < policy_.trust
                              ? pause(known_good_, pair)
                              : std::max(pause(addresses_, network_key(address)), pause(logins_, std::string(login)));
    if (wait == Duration{}) return std::nullopt;
    return wait;
}

Duration LoginGuard::failed(std::string_view address, std::string_view login, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto count = [&](Table& table, const std::string& key, double failures_max, Duration longest) {
        Entry& entry = touch(table, key, now);
        entry.failures += 1;
        if (entry.failures > failures_max)
            entry.paused_until = now + doubled(policy_.first_pause, entry.failures - failures_max - 1, longest);
        return entry.failures;
    };
    const double failures =
        std::max(count(addresses_, network_key(address), policy_.address_failures_max, policy_.longest_pause),
                 count(logins_, std::string(login), policy_.login_failures_max, policy_.longest_pause));
    const std::string pair = pair_key(address, login);
    if (known_good_.entries.contains(pair)) count(known_good_, pair, policy_.address_failures_max, policy_.first_pause);
    return doubled(policy_.first_delay, std::round(failures) - 1, policy_.longest_delay);
}

void LoginGuard::succeeded(std::string_view address, std::string_view login, Instant now) {
    const std::lock_guard lock(mutex_);
    Entry& pair = touch(known_good_, pair_key(address, login), now);
    pair.failures = 0;
    pair.paused_until = {};
    pair.good_since = now;
    if (const auto found = logins_.entries.find(std::string(login)); found != logins_.entries.end()) {
        logins_.by_age.erase(found->second.age);
        logins_.entries.erase(found);
    }
}

} // namespace tegami::directory
