#include "directory/sign_in_tickets.h"

#include <algorithm>
#include <utility>

namespace tegami::directory {

namespace {

constexpr std::size_t kTicketLength = 32; // 165 bits

} // namespace

std::string SignInTickets::give(Owing owing, Instant now) {
    const std::lock_guard lock(mutex_);
    make_room(owing.user.account, now);
    std::string ticket = random_.token(kTicketLength);
    entries_.push_back({.ticket = ticket, .owing = std::move(owing), .until = now + kTicketTime});
    return ticket;
}

std::optional<SignInTickets::Owing> SignInTickets::take(std::string_view ticket, Instant now) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(entries_, ticket, &Entry::ticket);
    if (found == entries_.end()) return std::nullopt;
    Entry taken = std::move(*found);
    entries_.erase(found);
    if (now >= taken.until) return std::nullopt;
    return std::move(taken.owing);
}

void SignInTickets::make_room(AccountId account, Instant now) {
    while (!entries_.empty() && (now >= entries_.front().until || entries_.size() >= kTicketsMax))
        entries_.pop_front();
    const auto is_of = [&](const Entry& each) { return each.owing.user.account == account; };
    if (static_cast<std::size_t>(std::ranges::count_if(entries_, is_of)) < kTicketsPerAccountMax) return;
    entries_.erase(std::ranges::find_if(entries_, is_of));
}

} // namespace tegami::directory
