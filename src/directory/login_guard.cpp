#include "directory/login_guard.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace tegami::directory {

namespace {

/// The first `v6_bytes` octets of an IPv6 address, or the first `v4_bytes` of an IPv4 address.
std::string prefix_of(std::string_view address, std::size_t v6_bytes, std::size_t v4_bytes) {
    const auto cut = [](auto octets, std::size_t bytes) {
        std::fill(octets.begin() + static_cast<std::ptrdiff_t>(bytes), octets.end(), std::uint8_t{0});
        return octets;
    };
    boost::system::error_code error;
    const auto ip = boost::asio::ip::make_address(std::string(address), error);
    if (error) return std::string(address);
    if (ip.is_v6() && !ip.to_v6().is_v4_mapped())
        return boost::asio::ip::address_v6(cut(ip.to_v6().to_bytes(), v6_bytes)).to_string();
    const auto v4 = ip.is_v6() ? make_address_v4(boost::asio::ip::v4_mapped, ip.to_v6()) : ip.to_v4();
    return boost::asio::ip::address_v4(cut(v4.to_bytes(), v4_bytes)).to_string();
}

/// What one client has to itself.
std::string client_key(std::string_view address) {
    return prefix_of(address, 8, 4);
}

std::string joined(std::string place, std::string_view login) {
    return std::move(place) + '\0' + std::string(login);
}

/// `first` doubled `steps` times, but not more than `longest`.
Duration doubled(Duration first, double steps, Duration longest) {
    const double factor = std::exp2(std::clamp(steps, 0.0, 40.0));
    const double ticks = static_cast<double>(first.count()) * factor;
    return ticks >= static_cast<double>(longest.count()) ? longest : Duration(static_cast<Duration::rep>(ticks));
}

} // namespace

std::string network_of(std::string_view address) {
    return prefix_of(address, 6, 3);
}

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

void LoginGuard::forget(Table& table, const std::string& key) {
    const auto found = table.entries.find(key);
    if (found == table.entries.end()) return;
    table.by_age.erase(found->second.age);
    table.entries.erase(found);
}

std::optional<Duration> LoginGuard::refused(std::string_view address, std::string_view login, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto pause = [now](const Table& table, const std::string& key) {
        const auto found = table.entries.find(key);
        return found == table.entries.end() ? Duration{} : std::max(found->second.paused_until - now, Duration{});
    };
    Duration wait = pause(pairs_, joined(client_key(address), login));
    if (!known_.entries.contains(joined(network_of(address), login)))
        wait = std::max({wait, pause(addresses_, client_key(address)), pause(logins_, std::string(login))});
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
    // The owner, who may be among those behind this address, is kept waiting for a short time only.
    const bool known = known_.entries.contains(joined(network_of(address), login));
    const double failures =
        std::max({count(addresses_, client_key(address), policy_.address_failures_max, policy_.longest_pause),
                  count(logins_, std::string(login), policy_.login_failures_max, policy_.longest_pause),
                  count(pairs_, joined(client_key(address), login), policy_.pair_failures_max,
                        known ? policy_.first_pause : policy_.longest_pause)});
    return doubled(policy_.first_delay, std::round(failures) - 1, policy_.longest_delay);
}

bool LoginGuard::succeeded(std::string_view address, std::string_view login, Instant now) {
    const std::lock_guard lock(mutex_);
    forget(pairs_, joined(client_key(address), login));
    forget(logins_, std::string(login));
    Entry& place = touch(known_, joined(network_of(address), login), now);
    if (place.noted && now - *place.noted < std::chrono::days(1)) return false;
    place.noted = now;
    return true;
}

void LoginGuard::know(std::string_view address, std::string_view login, Instant now) {
    const std::lock_guard lock(mutex_);
    touch(known_, joined(network_of(address), login), now);
}

bool LoginGuard::knows(std::string_view address, std::string_view login) {
    const std::lock_guard lock(mutex_);
    return known_.entries.contains(joined(network_of(address), login));
}

std::vector<LoginPause> LoginGuard::pauses(Instant now) {
    std::vector<LoginPause> found;
    {
        const std::lock_guard lock(mutex_);
        const auto add = [&](const Table& table, auto name) {
            for (const auto& [key, entry] : table.entries)
                if (entry.paused_until > now) found.push_back(name(key, entry.paused_until - now));
        };
        add(addresses_, [](const std::string& key, Duration left) { return LoginPause{key, "", left}; });
        add(logins_, [](const std::string& key, Duration left) { return LoginPause{"", key, left}; });
        add(pairs_, [](const std::string& key, Duration left) {
            const auto end = key.find('\0');
            return LoginPause{key.substr(0, end), key.substr(end + 1), left};
        });
    }
    std::ranges::sort(found, [](const LoginPause& one, const LoginPause& other) {
        return std::tie(other.left, one.client, one.login) < std::tie(one.left, other.client, other.login);
    });
    if (found.size() > kLoginPausesMax) found.resize(kLoginPausesMax);
    return found;
}

std::size_t LoginGuard::lift(std::string_view address, std::string_view login, Instant now) {
    const std::lock_guard lock(mutex_);
    const bool all = address.empty() && login.empty();
    const std::string client = address.empty() ? std::string() : client_key(address);
    std::size_t lifted = 0;
    const auto forget_those = [&](Table& table, auto is_meant) {
        std::vector<std::string> meant;
        for (const auto& [key, entry] : table.entries) {
            if (!all && !is_meant(std::string_view(key))) continue;
            lifted += entry.paused_until > now ? 1 : 0;
            meant.push_back(key);
        }
        for (const std::string& key : meant)
            forget(table, key);
    };
    forget_those(addresses_, [&](std::string_view key) { return !client.empty() && key == client; });
    forget_those(logins_, [&](std::string_view key) { return !login.empty() && key == login; });
    forget_those(pairs_, [&](std::string_view key) {
        const auto end = key.find('\0');
        return (!client.empty() && key.substr(0, end) == client) || (!login.empty() && key.substr(end + 1) == login);
    });
    return lifted;
}

} // namespace tegami::directory
